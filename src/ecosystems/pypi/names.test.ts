import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalPath, isValidFilename, normalizeName } from "./names.ts";

test("names that PEP 503 calls one project are equal after normalisation, twice as once", () => {
  for (const spelling of ["Spam.Eggs", "spam-eggs", "SPAM__EGGS", "spam-_.eggs"]) {
    assert.equal(normalizeName(spelling), "spam-eggs");
    assert.equal(normalizeName(normalizeName(spelling)), "spam-eggs");
  }
});

test("names that no client sends are refused, look-alikes and control characters too", () => {
  const names = [
    "",
    ".",
    "..",
    "-a",
    "a-",
    "a b",
    "a/b",
    "a\u0000",
    "a\n",
    "\u0430bc",
    "\u017fpam",
    "\u212aivy",
    "a%2fb",
    "x".repeat(256),
  ];
  for (const name of names) assert.throws(() => normalizeName(name), { code: "INVALID_NAME" }, JSON.stringify(name));
});

test("the sentence about an invalid name cannot carry control characters into a terminal or a header", () => {
  assert.throws(
    () => normalizeName("a\r\nX-Evil: 1\u001b[2J"),
    /^Refusal: a\?\?X-Evil: 1\?\[2J is not a valid pypi name$/,
  );
});

test("ordinary paths pass as they are, a trailing slash included", () => {
  assert.deepEqual(canonicalPath(["simple", "spam", ""]), ["simple", "spam", ""]);
  assert.deepEqual(canonicalPath(["files", "spam", "spam-1!2.0+local.tar.gz"]), [
    "files",
    "spam",
    "spam-1!2.0+local.tar.gz",
  ]);
});

test("encoded slashes, dot segments, empty segments, NUL and look-alikes in a path are refused", () => {
  const paths = [
    ["simple", "a/b", ""],
    ["simple", "..", "x"],
    ["."],
    ["simple", "", "x"],
    ["a\u0000"],
    ["a\\b"],
    ["a%2fb"],
    ["\uff41"],
  ];
  for (const path of paths) assert.throws(() => canonicalPath(path), { code: "INVALID_PATH" }, JSON.stringify(path));
});

test("file names are one plain segment", () => {
  for (const name of ["a-1.0.tar.gz", "a-1!1.0+x.y-py3-none-any.whl", "A b-1.0.zip", "_a-1.zip"])
    assert.ok(isValidFilename(name), name);
  for (const name of [
    "",
    ".a",
    "a/b",
    "a\\b",
    "a..b",
    "a\u0007",
    "a%2f",
    "a?b",
    "a#b",
    "a:b",
    "a<b",
    'a"b',
    "\u0430",
    "a ",
    "x".repeat(256),
  ])
    assert.ok(!isValidFilename(name), JSON.stringify(name));
});
