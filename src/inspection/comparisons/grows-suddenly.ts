import type { Comparison } from "../comparison.ts";

/** How many times larger, and by how many bytes at least. */
const TIMES = 3;
const BYTES = 256 << 10;

export const growsSuddenly: Comparison = {
  id: "grows-suddenly",
  title: "It is several times as large as the release before",
  severity: "info",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 0.6,
  why: `Unpacked it has more than three times the bytes of the release before, and at least 256 KiB more. A payload that brings its own
runtime, or a hidden program, weighs something.

Data files, type definitions and bundles that are shipped for the first time do the same.`,
  *compare({ facts, before }) {
    if (before === undefined) return;
    const [now, then] = [facts.unpackedBytes, before.facts.unpackedBytes];
    if (now > then * TIMES && now - then > BYTES)
      yield { path: "", says: `${now} bytes unpacked, the release before had ${then}` };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "data.txt": "x".repeat(300_000) },
        before: { "package.json": '{"name":"a"}', "data.txt": "x" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "data.txt": "x".repeat(100_000) },
        before: { "package.json": '{"name":"a"}', "data.txt": "x" },
      },
    ],
  },
};
