import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalPath, encodeName, isName, readName } from "./names.ts";

test("names that people have published are read as they are", () => {
  for (const name of [
    "left-pad",
    "@scope/name",
    "JSONStream",
    "a",
    "-",
    "constructor",
    "@a/b.c",
    "crypto!~*'()",
    "@s/_x",
  ]) {
    assert.equal(readName(name), name);
  }
});

test("names that no client can install are refused", () => {
  const bad = [
    "",
    ".hidden",
    "_private",
    "node_modules",
    "Favicon.ico",
    "a/b",
    "@a",
    "@/b",
    "@a/",
    "@a/b/c",
    "..",
    "a b",
  ];
  const hostile = [
    "a%2fb",
    "a\0",
    "a\\b",
    "lоdash",
    "ﬁlter",
    "@a/..",
    "@a/.b",
    "__proto__",
    "a\n",
    "x".repeat(215),
    "a?b",
    "a#b",
  ];
  for (const name of [...bad, ...hostile]) {
    assert.throws(() => readName(name), { code: "INVALID_NAME" }, name);
    assert.equal(isName(name), false);
  }
});

test("a refused name is printable in the refusal", () => {
  assert.throws(
    () => readName("a\u001b[31m\u202e"),
    (error: Error) => /^[ -~]+$/.test(error.message),
  );
});

test("a scope and its name are one segment, however they were encoded", () => {
  assert.deepEqual(canonicalPath(["@s", "n"]), ["@s/n"]);
  assert.deepEqual(canonicalPath(["@s/n"]), ["@s/n"]);
  assert.deepEqual(canonicalPath(["@s", "n", "1.0.0"]), ["@s/n", "1.0.0"]);
  assert.deepEqual(canonicalPath(["-", "package", "@s/n", "dist-tags"]), ["-", "package", "@s/n", "dist-tags"]);
  assert.deepEqual(canonicalPath(["-", "package", "@s", "n", "dist-tags"]), ["-", "package", "@s/n", "dist-tags"]);
  const spec = ["-", "npm", "v1", "attestations", "@s/n@1.0.0"];
  assert.deepEqual(canonicalPath(["-", "npm", "v1", "attestations", "@s", "n@1.0.0"]), spec);
});

test("a tarball address may repeat the scope, but not name another one", () => {
  assert.deepEqual(canonicalPath(["@s", "n", "-", "@s", "n-1.0.0.tgz"]), ["@s/n", "-", "n-1.0.0.tgz"]);
  assert.deepEqual(canonicalPath(["@s/n", "-", "@s/n-1.0.0.tgz"]), ["@s/n", "-", "n-1.0.0.tgz"]);
  assert.throws(() => canonicalPath(["@s/n", "-", "@other/n-1.0.0.tgz"]), { code: "INVALID_PATH" });
  assert.throws(() => canonicalPath(["n", "-", "@s/n-1.0.0.tgz"]), { code: "INVALID_PATH" });
});

test("one trailing slash is dropped and the root stays", () => {
  assert.deepEqual(canonicalPath(["left-pad", ""]), ["left-pad"]);
  assert.deepEqual(canonicalPath([""]), [""]);
});

test("paths that no client sends are refused", () => {
  const bad = [
    ["a", "..", "b"],
    ["."],
    ["a/b"],
    ["a", "", "b"],
    ["a%2fb"],
    ["a\0"],
    ["a\\b"],
    ["@s/../n"],
    ["@s", "..", "n"],
  ];
  const more = [["lоdash"], ["a b"], ["@a/b/c"], ["x".repeat(500)], ["a", "-", "x/y.tgz"], ["a\u202e"]];
  for (const segments of [...bad, ...more]) {
    assert.throws(() => canonicalPath(segments), { code: "INVALID_PATH" }, JSON.stringify(segments));
  }
});

test("a scoped name is encoded as npm encodes it", () => {
  assert.equal(encodeName("@s/n"), "@s%2fn");
  assert.equal(encodeName("n"), "n");
});
