import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compareVersions, isPrerelease, normalizeVersion, readVersion, versionKey } from "./versions.ts";

const vectors = JSON.parse(readFileSync(new URL("testdata/pep440.json", import.meta.url), "utf8")) as {
  readonly order: readonly string[];
};

test("versions are ordered as PEP 440 and the packaging library order them", () => {
  for (const [at, a] of vectors.order.entries()) {
    for (const [other, b] of vectors.order.entries()) {
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(at - other), `${a} against ${b}`);
    }
  }
});

test("spellings of one version compare as equal and share a key", () => {
  const spellings: readonly (readonly [string, string])[] = [
    ["1.0", "1.0.0"],
    ["v1.0", "1.0"],
    ["1.0-RC.1", "1.0c1"],
    ["1.0alpha", "1.0a0"],
    ["1.0-preview_2", "1.0rc2"],
    ["1.0-1", "1.0.post1"],
    ["1.0_rev3", "1.0.post3"],
    ["1.0+Ubuntu-1", "1.0+ubuntu.01"],
    ["0!1", "1"],
    [" 1.0.dev ", "1.dev0"],
  ];
  for (const [a, b] of spellings) {
    assert.equal(compareVersions(a, b), 0, `${a} = ${b}`);
    assert.equal(versionKey(a), versionKey(b), `${a} = ${b}`);
  }
});

test("the normal form keeps the publisher's zeros", () => {
  assert.equal(normalizeVersion("v01.0.0-RC.1"), "1.0.0rc1");
  assert.equal(normalizeVersion("1.0+Ubuntu_1"), "1.0+ubuntu.1");
  assert.equal(normalizeVersion("2004d"), "2004d");
});

test("what is no version comes before every version, ordered by its text", () => {
  assert.ok(compareVersions("2004d", "0.dev0") < 0);
  assert.ok(compareVersions("0.dev0", "2004d") > 0);
  assert.ok(compareVersions("2004d", "2005a") < 0);
  assert.equal(compareVersions("2004d", "2004d"), 0);
});

test("text that is too long or not ASCII is no version", () => {
  assert.equal(readVersion("1." + "0.".repeat(200) + "0"), undefined);
  assert.equal(readVersion("\u0661.0"), undefined);
  assert.equal(readVersion("1.0\u0000"), undefined);
  assert.equal(readVersion(""), undefined);
});

test("development releases and unparsable versions count as pre-releases, post-releases do not", () => {
  assert.deepEqual(["1.0.dev1", "1.0rc1", "2004d", "1.0.post1", "1.0"].map(isPrerelease), [
    true,
    true,
    true,
    false,
    false,
  ]);
});
