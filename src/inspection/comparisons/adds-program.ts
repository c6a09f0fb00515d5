import type { Comparison } from "../comparison.ts";
import type { FileFact } from "../model.ts";
import { changedFiles } from "./_facts.ts";

export const addsProgram: Comparison = {
  id: "adds-program",
  title: "It carries a compiled program that the release before did not carry",
  severity: "low",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 1.2,
  why: `An executable, library or compiled Python file in a place where the release before had none. Nobody reads compiled files, so they
are where a payload is put that source would betray.

A project's first native release has them honestly. Where the release before carried programs already, a new one counts less;
rebuilt ones in their old places do not count.`,
  *compare({ facts, before }) {
    const hadAny = before?.facts.code?.some(isProgram) === true;
    for (const { file, replaces } of changedFiles(facts, before?.facts, isProgram)) {
      if (replaces) continue;
      const says = `a ${file.kind} file of ${file.size} bytes that the release before does not have`;
      yield { path: file.place, says, phase: file.phase, share: hadAny ? 0.3 : 1 };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "lib/a.node": "\x7fELF\x02\x01\x01\0" },
        before: { "package.json": '{"name":"a"}' },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "lib/a.node": "\x7fELF\x02\x01\x01\0\x01" },
        before: { "package.json": '{"name":"a"}', "lib/a.node": "\x7fELF\x02\x01\x01\0" },
      },
    ],
  },
};

// Assemblies are what a NuGet package is for, and every release has them in folders named after frameworks.
const PROGRAMS = new Set(["executable", "pyc"]);

function isProgram({ kind }: FileFact): boolean {
  return PROGRAMS.has(kind);
}
