import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeName } from "./names.ts";

test("ids are equal whatever their case", () => {
  assert.equal(normalizeName("Newtonsoft.Json"), "newtonsoft.json");
  assert.equal(normalizeName("A_b-C.1"), "a_b-c.1");
});

test("names that no client sends are refused, unicode look-alikes among them", () => {
  const bad = [
    "",
    ".",
    "..",
    "a..b",
    ".a",
    "a.",
    "a/b",
    "a\\b",
    "a%2fb",
    "a b",
    "a\0b",
    "2Captc\u04bbaAP\u0406",
    "\u212aelvin",
    "a".repeat(101),
  ];
  for (const name of bad) assert.throws(() => normalizeName(name), { code: "INVALID_NAME" }, JSON.stringify(name));
  assert.equal(normalizeName("a".repeat(100)).length, 100);
});
