import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "../config.ts";
import type { Facts } from "./decide.ts";
import { waysThrough } from "./ways-through.ts";

const { policy } = configSchema.parse({});
const NOW = Date.UTC(2026, 0, 15);

/** Points of 6 and more make a release malicious by themselves, as prior and score are chosen here. */
const verdictOf = (...detectors: readonly string[]) => {
  const contributions = detectors.map((detector) => ({ detector, points: 6 }));
  const sum = -3 + 6 * detectors.length;
  return { word: "malicious", score: 1 / (1 + Math.exp(-sum)), contributions } as const;
};

const ways = (given: Partial<Facts>, changes: Partial<typeof policy> = {}) =>
  waysThrough(
    {
      ecosystem: "npm",
      name: "thing",
      version: "1.0.0",
      filename: "thing-1.0.0.tgz",
      releaseClean: false,
      advisories: [],
      isFix: false,
      blockedUrls: [],
      exceptions: [],
      ...given,
    },
    { ...policy, ...changes },
    NOW,
  );

test("every detector that suffices to withhold has to be named, and none twice", () => {
  assert.deepEqual(ways({ verdict: verdictOf("one") }), ["one"]);
  assert.deepEqual(ways({ verdict: verdictOf("one", "two") }), ["one", "two"]);
  const exceptions = [{ id: 1, detector: "one", expiresAt: NOW + 1 }];
  assert.deepEqual(ways({ verdict: verdictOf("one", "two"), exceptions }), ["two"]);
});

test("what another file of the release was found to be is named, and what policy asks for besides", () => {
  const sibling = { filename: "thing.whl", verdict: verdictOf("one", "two") };
  const verdict = { word: "clean", score: 0.01, contributions: [] } as const;
  assert.deepEqual(ways({ sibling, verdict }), ["one", "two"]);
  assert.deepEqual(ways({ sibling, verdict }, { cooldown: "3d" }), ["one", "two", "cooldown"]);
});

test("nothing has to be named for what is not withheld, and nothing can be for denied releases and other bytes", () => {
  assert.deepEqual(ways({}), []);
  assert.deepEqual(ways({ verdict: verdictOf("one") }, { mode: "audit" }), []);
  assert.equal(ways({ verdict: verdictOf("one") }, { deny: ["pkg:npm/thing"] }), undefined);
  assert.equal(ways({ refused: { code: "changed-bytes", says: "has other bytes" } }), undefined);
  assert.equal(ways({ refused: { code: "unknown", says: "is too large" } }), undefined);
});
