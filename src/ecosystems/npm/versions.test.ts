import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, highest, inRange, isStable, majorOf } from "./versions.ts";

test("versions are ordered as SemVer orders them, unparsable ones first", () => {
  const ordered = [
    "latest",
    "x",
    "0.9.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.0+b",
    "1.2.0",
    "1.10.0",
  ];
  assert.deepEqual([...ordered].reverse().sort(compareVersions), ordered);
});

test("ranges include prereleases, and `*` every version", () => {
  assert.ok(inRange("1.2.3", "^1.2"));
  assert.ok(!inRange("2.0.0", "^1.2"));
  assert.ok(inRange("2.0.0-beta.1", "<2.0.0"));
  assert.ok(inRange("not a version", "*"));
  assert.ok(!inRange("not a version", ">=0"));
  assert.ok(!inRange("1.0.0", "this is no range"));
});

test("the highest version is found among those that suit", () => {
  assert.equal(highest(["1.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"], isStable), "1.10.0");
  assert.equal(highest([]), undefined);
});

test("majors and stability of unparsable versions are told apart", () => {
  assert.equal(majorOf("12.0.0-x"), 12);
  assert.equal(majorOf("nightly"), -1);
  assert.equal(isStable("nightly"), false);
});
