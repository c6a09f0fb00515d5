import assert from "node:assert/strict";
import { test } from "node:test";
import { knownVersions, readFileName } from "./files.ts";

const versionOf = (filename: string, project: string, versions?: readonly string[]): string | undefined =>
  readFileName(filename, project, versions && knownVersions(versions))?.version;

test("wheels are read by PEP 427, with and without a build tag", () => {
  assert.deepEqual(
    readFileName("spam_eggs-1.0-1b-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "spam-eggs"),
    {
      kind: "wheel",
      version: "1.0",
      tags: { python: "cp312", abi: "cp312", platform: "manylinux_2_17_x86_64.manylinux2014_x86_64" },
    },
  );
  assert.equal(versionOf("Spam.Eggs-1.0rc.1-py2.py3-none-any.whl", "spam-eggs"), "1.0rc1");
  assert.equal(versionOf("spam_eggs-1!2.0+ubuntu_1-py3-none-any.whl", "spam-eggs"), "1!2.0+ubuntu.1");
});

test("source archives are read by PEP 625 and by the habits before it", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["spam_eggs-1.0.tar.gz", "spam-eggs", "1.0"],
    ["Spam.Eggs-1.0.zip", "spam-eggs", "1.0"],
    ["spam-eggs-1.0-rc1.tar.bz2", "spam-eggs", "1.0rc1"],
    ["spam-2-1.0.tgz", "spam-2", "1.0"],
    ["spam-1.0-1.tar.gz", "spam", "1.0.post1"],
    ["pytz-2004d.tar.gz", "pytz", "2004d"],
    ["spam-1.0.tar.Z", "spam", "1.0"],
  ];
  for (const [filename, project, version] of cases) {
    assert.deepEqual(readFileName(filename, project), { kind: "sdist", version }, filename);
  }
});

test("built formats of old give their version away too", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["spam-1.0-py2.7.egg", "1.0"],
    ["spam-1.0-py2.7-linux-x86_64.egg", "1.0"],
    ["spam-1.0.win32-py2.7.exe", "1.0"],
    ["spam-1.0.win-amd64-py3.4.msi", "1.0"],
    ["spam-1.0.win32.exe", "1.0"],
    ["spam-1.0-1.noarch.rpm", "1.0"],
    ["spam-1.0.linux-x86_64.tar.gz", "1.0"],
    ["spam-1.0.macosx-10.9-x86_64.tar.gz", "1.0"],
    ["spam-1.0-py2.7-macosx10.5.dmg", "1.0"],
  ];
  for (const [filename, version] of cases) {
    assert.deepEqual(readFileName(filename, "spam"), { kind: "other", version }, filename);
  }
});

test("a version is spelled as the listing spells it", () => {
  assert.equal(versionOf("spam-1.0.0.tar.gz", "spam", ["1.0", "1.1"]), "1.0");
  assert.equal(versionOf("spam-1.0-SNAPSHOT.irix-6.5.tar.gz", "spam", ["1.0-SNAPSHOT"]), "1.0-SNAPSHOT");
});

test("a version that the listing forgot is not shortened to one that it knows", () => {
  assert.equal(versionOf("spam-1.0.1.tar.gz", "spam", ["1.0"]), "1.0.1");
});

test("names of other projects, side files and unknown formats are no files of a project", () => {
  const names = [
    "other-1.0.tar.gz",
    "spam_eggs-1.0.tar.gz",
    "spam-1.0.tar.gz.asc",
    "spam-1.0.whl",
    "spam-1.0-py3-none-any.whl.metadata",
    "spam-1.0.tar.gz.provenance",
    "spam.tar.gz",
    "spam-.tar.gz",
    "spam-1.0-x-py3-none-any.whl",
    "../spam-1.0.tar.gz",
    "spam-1.0\u0000.tar.gz",
    "readme.txt",
  ];
  for (const name of names) assert.equal(readFileName(name, "spam"), undefined, JSON.stringify(name));
});

test("reading a hostile file name takes no noticeable time", () => {
  const started = performance.now();
  for (const piece of ["-", "1.", "-py2.", ".macosx-1.1-", ".linux-"])
    readFileName(`spam-${piece.repeat(200).slice(0, 240)}.zip`, "spam");
  assert.ok(performance.now() - started < 500);
});
