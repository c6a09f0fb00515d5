import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { tarOf, zipOf } from "../../../test/support/archives.ts";
import { mutantsOf } from "../../../test/support/mutants.ts";
import { ArchiveRefused } from "./archive.ts";
import { openBudget } from "./budget.ts";
import { readArchive } from "./read.ts";

const BOUNDS = { entries: 100, unpackedBytes: 1 << 20, ratio: 100, ratioFrom: 1 << 18, pathLength: 200 };
const ZIP = zipOf(
  [
    { path: "a/one.txt", bytes: "one ".repeat(20), descriptor: "signed" },
    { path: "a/two.txt", bytes: "two", store: true },
    { path: "näme/", bytes: "", store: true },
  ],
  { zip64: true, comment: Buffer.from("c") },
);
const TAR = tarOf([
  { path: "pkg/a.js", bytes: "let a = 1;", pax: { path: "pkg/é.js", mtime: "1" } },
  { path: `pkg/${"long/".repeat(30)}x`, bytes: "x" },
  { path: "pkg/link", type: "2", linkName: "é.js" },
]);

function readsOrRefuses(bytes: Buffer): void {
  try {
    for (const { path } of readArchive(bytes, openBudget(BOUNDS, bytes.length)).entries) {
      assert.ok(!/(?:^|\/)\.{0,2}(?:\/|$)|[\\\x00-\x1f]/.test(path), path);
    }
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error;
  }
}

for (const [what, seed] of [
  ["zip", ZIP],
  ["tar", TAR],
  ["tar.gz", gzipSync(TAR)],
] as const) {
  test(`any damaged ${what} is read or refused, never anything else`, () => {
    fc.assert(fc.property(mutantsOf(seed), readsOrRefuses), { numRuns: 1500 });
  });
}

test("any damaged tar inside an intact gzip stream is read or refused", () => {
  fc.assert(
    fc.property(mutantsOf(TAR), (bytes) => readsOrRefuses(gzipSync(bytes, { level: 1 }))),
    { numRuns: 500 },
  );
});
