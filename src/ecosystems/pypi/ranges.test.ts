import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inRange, isRange } from "./ranges.ts";

const vectors = JSON.parse(readFileSync(new URL("testdata/pep440.json", import.meta.url), "utf8")) as {
  readonly order: readonly string[];
  readonly ranges: Readonly<Record<string, readonly string[]>>;
};

test("ranges hold exactly the versions that the packaging library finds in them", () => {
  for (const [range, inside] of Object.entries(vectors.ranges)) {
    assert.deepEqual(
      vectors.order.filter((version) => inRange(version, range)),
      inside,
      range,
    );
  }
});

test("exclusive comparisons follow PEP 440 where the library of the same name does not", () => {
  assert.ok(inRange("2.3.4", ">2.3.4.dev1"));
  assert.ok(inRange("2.3.4.post2", ">2.3.4.post1"));
  assert.ok(inRange("2.3.4", ">2.3.4-rc.1"));
  assert.ok(!inRange("1.7.0.post1", ">1.7"));
  assert.ok(!inRange("2.0rc1", "<2"));
});

test("a star and the empty range hold every version, unparsable ones too", () => {
  for (const range of ["*", "", "  "]) assert.ok(inRange("2004d", range));
});

test("a version alone means exactly that version", () => {
  assert.ok(inRange("1.0.0", "1.0"));
  assert.ok(!inRange("1.0.1", "1.0"));
  assert.ok(inRange("2004d", "2004d"));
});

test("an unparsable version lies in no ordered range", () => {
  for (const range of [">=0", "!=1", "<9999", "==1.*"]) assert.ok(!inRange("2004d", range), range);
  assert.ok(inRange("2004D", "===2004d"));
});

test("a malformed range holds nothing and says so", () => {
  const malformed = [">=1.*", "~=1", ">1.0+x", "==1.0a1.*", "<=1+l", "1.0 2.0", "==", ">=1.0;", ">=1,,<2", ">=x"];
  for (const range of [...malformed, `>=${"1".repeat(2000)}`]) {
    assert.ok(!isRange(range), range);
    assert.ok(!inRange("1.0", range), range);
  }
});

test("sets joined with a double bar are a union", () => {
  assert.deepEqual(
    ["1.0", "1.5", "2.1", "3.0"].filter((version) => inRange(version, ">=1,<1.2 || >=2,<2.2")),
    ["1.0", "2.1"],
  );
});
