import type { Detector } from "../detector.ts";
import { assembliesWith } from "./_dotnet.ts";

const LITERALS = ["tvqqaa", "tvpqaa", "tvoaaa", "h4siaaaaaaa", "4d5a90000300", "aaqqvt", "f0vmr"] as const;
/** Beginnings of Windows and Linux programs and of gzip, in base 64 and hex, forwards; and a program's base 64 backwards. */
const PROGRAM = /^(?:TVqQAA|TVpQAA|TVoAAA|f0VMR|4d5a90000300|7f454c46)/i;
const PACKED = /^H4sIAAAAAAA/;
const BACKWARDS = /AAQqVT$/;
const MOST_STRINGS = 100_000;

export const assemblyCarriesProgram: Detector = {
  id: "assembly-carries-program",
  title: "A string constant of an assembly is a whole program",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.6,
  class: "threat",
  group: "assembly-payload",
  why: `A string constant decodes to a Windows or Linux program, written in base 64 or hex so that neither the package nor a virus scanner
shows a program file. Loaders unpack it in memory and start it.

Libraries embed files as resources, not as text; test assemblies sometimes hold a small one. Compressed text counts in part.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      let count = 0;
      for (const text of assembly.strings()) {
        if (++count > MOST_STRINGS) break;
        if (text.length < 600) continue;
        const ends = `${text.slice(0, 40)}${text.slice(-40)}`;
        const share = PROGRAM.test(ends) || BACKWARDS.test(ends) ? 1 : PACKED.test(ends) ? 0.4 : 0;
        if (share > 0)
          yield {
            path: file.path,
            line: null,
            share,
            says: `holds ${text.length} characters that begin ${text.slice(0, 20)}`,
          };
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll": `assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring TVqQAAMAAAAEAAAA${"A".repeat(700)}`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll": "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring TVqQAAMAAAAEAAAA",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll": `assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring ${"A".repeat(700)}AAAAEAAAAMAAQqVT`,
        },
      },
    ],
  },
};
