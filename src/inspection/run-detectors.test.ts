import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Detector } from "./detector.ts";
import { runDetectors } from "./run-detectors.ts";
import { treeOfFiles } from "./unpack.ts";

/** Sees every JavaScript file. */
const seesAll: Detector = {
  id: "sees-all",
  title: "Sees all",
  severity: "low",
  ecosystems: ["npm"],
  points: 1,
  class: "threat",
  group: "all",
  why: "",
  *detect({ files }) {
    for (const { path, kind } of files) if (kind === "javascript") yield { path, line: 1, says: "is there" };
  },
  examples: { matches: [], passes: [] },
};

function sharesOf(files: Readonly<Record<string, string>>) {
  const entries = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  const tree = treeOfFiles(new Map(entries), { ecosystem: "npm", form: "npm", filename: "demo-1.0.0.tgz" }, [seesAll]);
  const { evidence } = runDetectors(tree, [seesAll], DEFAULT_LIMITS);
  return new Map(
    evidence.map(({ finding, phase, share }) => [finding.path, { phase, share: Math.round(share * 100) / 100 }]),
  );
}

test("what an install hook reaches over more than three other files counts less", () => {
  const chain = Object.fromEntries(
    ["b", "c", "d", "e", "f"].map((next, at) => [`${"abcde"[at]}.js`, `require("./${next}");\n`]),
  );
  const shares = sharesOf({
    "package.json": '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node a.js"}}',
    ...chain,
    "f.js": "run();\n",
  });
  assert.deepEqual(shares.get("d.js"), { phase: "install", share: 1 });
  assert.deepEqual(shares.get("e.js"), { phase: "install", share: 0.6 });
  assert.deepEqual(shares.get("f.js"), { phase: "install", share: 0.6 });
});

test("what runs only when it is called counts less in a release of very many files", () => {
  const some = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`lib/${at}.js`, "a();\n"]));
  const manifest = { "package.json": '{"name":"demo","version":"1.0.0","main":"index.js"}', "index.js": "x();\n" };
  assert.deepEqual(sharesOf({ ...manifest, ...some(50) }).get("lib/0.js"), { phase: "call", share: 1 });
  const shares = sharesOf({ ...manifest, ...some(999) });
  assert.deepEqual(shares.get("lib/0.js"), { phase: "call", share: 0.59 });
  assert.equal(shares.get("index.js")?.share ?? 1, 1);
});
