import type { Detector } from "../detector.ts";
import { FROM } from "../languages/il-values.ts";
import { actedOf, assembliesWith } from "./_dotnet.ts";

const LITERALS = ["datetime"] as const;
const COMPARES = /^System\.DateTime(?:Offset)?::(?:op_(?:GreaterThan|LessThan|Subtraction)|CompareTo|Compare|Subtract)/;
const ENDS = /^System\.(?:Diagnostics\.Process::Kill|Environment::(?:Exit|FailFast)|IO\.(?:File|Directory)::Delete)$/;

export const assemblyStopsAtDate: Detector = {
  id: "assembly-stops-at-date",
  title: "An assembly ends the program or deletes files from a date on",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5.6,
  class: "threat",
  group: "target",
  why: `A method compares the present with a date that is written in it and ends the process or deletes files once that has come. Logic bombs in
database and controller libraries lay quiet for years this way, and struck at random so that it looked like a fault.

Trial versions expire as well; they say so and do not kill the program that uses them.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      const dates = new Map<number, number>();
      const compared = new Set<number>();
      for (const { member, args, method } of actedOf(assembly).calls) {
        const year =
          member === "System.DateTime::.ctor"
            ? args.find(({ number = 0 }) => number >= 2_020 && number < 2_200)?.number
            : undefined;
        if (year !== undefined) dates.set(method, year);
        if (COMPARES.test(member) && args.some(({ from }) => (from & FROM.date) !== 0)) compared.add(method);
        if (!ENDS.test(member) || !dates.has(method) || !compared.has(method)) continue;
        const says = `${assembly.methods[method]!.slice(0, 100)} calls ${member.split(".").at(-1)} from a date in ${dates.get(method)} on`;
        yield { path: file.path, line: null, phase: "call", says };
        return;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::Run calls System.DateTime::get_Now>, #2027, #8, #8, new System.DateTime::.ctor/3~, System.DateTime::op_GreaterThan/2>, System.Diagnostics.Process::GetCurrentProcess>, System.Diagnostics.Process::Kill~",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::Run calls System.DateTime::get_Now>, #2027, #8, #8, new System.DateTime::.ctor/3~, System.DateTime::op_GreaterThan/2>\nmethod Demo.A::Stop calls System.Diagnostics.Process::GetCurrentProcess>, System.Diagnostics.Process::Kill~",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::Run calls #2028, #11, #29, new System.DateTime::.ctor/3~, System.DateTime::get_UtcNow>, System.DateTime::CompareTo/1~>, #1, System.Environment::Exit/1",
        },
      },
    ],
  },
};
