import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diffLines, type LineRun } from "./line-diff.ts";

const BOUNDS = { lines: 10_000, edits: 500 };

function written(runs: readonly LineRun[], without: LineRun["kind"]): string {
  return runs
    .filter(({ kind }) => kind !== without)
    .flatMap(({ lines }) => lines)
    .join("\n");
}

test("a diff says which lines are gone and which are new, with their numbers in both texts", () => {
  assert.deepEqual(diffLines("a\nb\nc\nd", "a\nx\nc\nd\ne", BOUNDS), [
    { kind: "same", oldLine: 1, newLine: 1, lines: ["a"] },
    { kind: "removed", oldLine: 2, newLine: 2, lines: ["b"] },
    { kind: "added", oldLine: 3, newLine: 2, lines: ["x"] },
    { kind: "same", oldLine: 3, newLine: 3, lines: ["c", "d"] },
    { kind: "added", oldLine: 5, newLine: 5, lines: ["e"] },
  ]);
});

test("either text can be read out of the diff of any two", () => {
  const texts = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(texts, texts, fc.integer({ min: 0, max: 60 }), (before, after, edits) => {
      const runs = diffLines(before, after, { lines: 100, edits });
      assert.equal(written(runs, "added"), before);
      assert.equal(written(runs, "removed"), after);
    }),
    { numRuns: 300 },
  );
});

test("equal texts are one run, and texts with nothing in common cost no more than the bound", () => {
  const many = (word: string) => Array.from({ length: 9_000 }, (_, at) => `${word}${at}`).join("\n");
  assert.deepEqual(
    diffLines(many("a"), many("a"), BOUNDS).map(({ kind }) => kind),
    ["same"],
  );
  const before = process.cpuUsage();
  assert.deepEqual(
    diffLines(many("a"), many("b"), BOUNDS).map(({ kind }) => kind),
    ["removed", "added"],
  );
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});
