import assert from "node:assert/strict";
import { test } from "node:test";
import { readPurl, writePurl } from "./purl.ts";

test("a package URL is read with its scope in the name and its file, and written back canonically", () => {
  assert.deepEqual(readPurl("pkg:npm/%40s/b@2.0.0"), { type: "npm", name: "@s/b", version: "2.0.0" });
  assert.equal(writePurl({ type: "npm", name: "@s/b", version: "2.0.0" }), "pkg:npm/%40s/b@2.0.0");
  const wheel = { type: "pypi", name: "foo-bar", version: "1.0", filename: "foo_bar-1.0.whl" };
  assert.deepEqual(readPurl("pkg:pypi/Foo_Bar@1.0?file_name=foo_bar-1.0.whl"), wheel);
  assert.equal(writePurl(wheel), "pkg:pypi/foo-bar@1.0?file_name=foo_bar-1.0.whl");
});

test("what is no package URL is undefined", () => {
  for (const text of [
    "left-pad",
    "pkg:",
    "pkg:npm",
    "https://h.example/x",
    `pkg:npm/${"a".repeat(3_000)}`,
    "pkg:npm/%zz",
  ]) {
    assert.equal(readPurl(text), undefined, text.slice(0, 20));
  }
});
