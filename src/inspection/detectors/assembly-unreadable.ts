import type { Detector } from "../detector.ts";
import { assemblyOf } from "./_dotnet.ts";
import { isMember } from "./_sight.ts";

export const assemblyUnreadable: Detector = {
  id: "assembly-unreadable",
  title: "The metadata of an assembly is damaged on purpose or by accident",
  severity: "medium",
  ecosystems: ["nuget"],
  points: 3,
  class: "threat",
  group: "container",
  why: `The file says that it is a .NET assembly, but its tables do not hold together. Obfuscators and malware write such files: the runtime is
more tolerant than tools that look into them, so nothing in the file could be inspected here.

Test data for compilers and decompilers holds damaged assemblies as well.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "dotnet" || !isMember(file) || assemblyOf(file)) continue;
      yield { path: file.path, line: null, says: "is a .NET assembly whose metadata cannot be read" };
    }
  },
  examples: {
    matches: [{ ecosystem: "nuget", files: { "lib/net6.0/Demo.dll": "assembly Demo\ndamaged" } }],
    passes: [
      {
        ecosystem: "nuget",
        files: { "lib/net6.0/Demo.dll": "assembly Demo\nmethod Demo.A::B calls System.String::Format" },
      },
    ],
    evasions: [{ ecosystem: "nuget", files: { "build/any.bin": "assembly Demo\ndamaged" } }],
  },
};
