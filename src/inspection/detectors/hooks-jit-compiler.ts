import type { Detector } from "../detector.ts";
import { assembliesWith } from "./_dotnet.ts";

export const hooksJitCompiler: Detector = {
  id: "hooks-jit-compiler",
  title: "An assembly hooks the runtime's compiler",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.6,
  class: "threat",
  group: "memory",
  why: `The assembly imports \`getJit\` from the runtime's just-in-time compiler (\`clrjit\`), which lets it replace the code of any method at the
moment it is compiled, so that neither the file nor a decompiler shows what runs. Packages that posed as cryptography libraries in 2024
did this.

Commercial protectors and a few patching libraries hook the compiler too; in an ordinary library it has no place.`,
  literals: ["clrjit", "mscorjit"],
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, ["clrjit", "mscorjit"])) {
      const found = assembly.imports.find(({ library }) =>
        /^(?:lib)?(?:clrjit|mscorjit)(?:\.\w{1,5})?$/i.test(library),
      );
      if (found) yield { path: file.path, line: null, says: `imports ${found.name} from ${found.library}` };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nimport clrjit.dll getJit",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring clrjit\nimport libc getpid",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nimport LIBCLRJIT.SO getJit",
        },
      },
    ],
  },
};
