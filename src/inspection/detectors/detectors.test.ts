import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { exampleBytes } from "../../../test/support/assembly-text.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import type { Detector, Example } from "../detector.ts";
import { withLayers } from "../layers.ts";
import { runDetectors } from "../run-detectors.ts";
import { PREFILTER } from "../searched.ts";
import { treeOfFiles } from "../unpack.ts";
import { DETECTORS } from "./index.ts";

const FOLDER = import.meta.dirname;
/** Files of the folder that are not detectors but what several detectors share; they hold no `detect`. */
const SHARED = /^(?:index|_.*)\.ts$/;
const detectorFiles = readdirSync(FOLDER).filter(
  (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !SHARED.test(name),
);

test("each file of the folder is one detector, listed once, named by its id and in alphabetical order", () => {
  const ids = DETECTORS.map((detector) => detector.id);
  assert.deepEqual(ids, detectorFiles.map((name) => name.slice(0, -".ts".length)).sort());
  for (const id of ids) assert.match(id, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
});

for (const detector of DETECTORS) {
  describe(detector.id, () => {
    test("is documented and has examples on both sides, and one that tries to evade it", () => {
      assert.ok(detector.title.length > 10 && detector.title.length <= 100);
      assert.match(detector.why, /\n\n/, "two paragraphs: what it means, and when it is harmless");
      assert.ok(detector.examples.matches.length > 0 && detector.examples.passes.length > 0);
      assert.ok((detector.examples.evasions ?? []).length > 0);
      assert.ok(detector.points > 0 && (detector.class !== "capability" || detector.points <= 1.5));
      assert.ok(detector.class === "threat" || detector.severity === "info" || detector.severity === "low");
    });

    test("has literals that are lower-case text and long enough to be rare", () => {
      for (const literal of detector.literals ?? []) {
        assert.match(literal, /^[\t\n\x20-\x40\x5b-\x7e]{3,}$/, JSON.stringify(literal));
      }
      assert.equal(new Set(detector.literals).size, detector.literals?.length ?? 0);
    });

    test("has examples that are short and name no host but example.invalid", () => {
      for (const example of examplesOf(detector)) assertInert(example);
    });

    for (const [index, example] of [...detector.examples.matches, ...(detector.examples.evasions ?? [])].entries()) {
      test(`matches example ${index + 1}`, () => assert.notDeepEqual(sightings(detector, example), []));
    }
    for (const [index, example] of detector.examples.passes.entries()) {
      test(`passes example ${index + 1}`, () => assert.deepEqual(sightings(detector, example), []));
    }
  });
}

function examplesOf(detector: Detector): readonly Example[] {
  const { matches, passes, evasions = [] } = detector.examples;
  return [...matches, ...passes, ...evasions];
}

function assertInert(example: Example): void {
  for (const [path, text] of Object.entries(example.files)) {
    assert.ok(text.trimEnd().split("\n").length <= 10, `${path}: at most ten lines`);
    for (const [, host = ""] of text.matchAll(/\bhttps?:\/\/([^/\s"'`:)>]*)/g)) {
      assert.match(host, /(?:^|\.)example\.invalid$|^127\.0\.0\.1$|^\W|^$/, `${path}: ${host}`);
    }
  }
}

/** What the detector alone sees in the example, which is laid under the top folder that its form has. */
function sightings(detector: Detector, example: Example) {
  const form = example.form ?? ({ pypi: "sdist", npm: "npm", nuget: "nupkg" } as const)[example.ecosystem];
  const top = form === "sdist" ? "demo-1.0/" : form === "npm" ? "package/" : "";
  const files = Object.entries(example.files).map(([path, text]) => [`${top}${path}`, exampleBytes(text)] as const);
  const tree = treeOfFiles(new Map(files), { ecosystem: example.ecosystem, form, filename: "demo" }, PREFILTER);
  const { evidence, failures } = runDetectors(
    withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes),
    [detector],
    DEFAULT_LIMITS,
  );
  assert.deepEqual(failures, []);
  return evidence.map(({ finding }) => finding.says);
}
