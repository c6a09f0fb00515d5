import assert from "node:assert/strict";
import { test } from "node:test";
import { type Keeping, keptUpTo } from "./kept.ts";

test("what has been kept longest is let go when all weigh more than the bound, never what was just given", () => {
  const kept = keptUpTo<string>(10);
  const [a, b, c] = [holder(), holder(), holder()];
  kept.keep(a, "a", 6);
  kept.keep(b, "b", 4);
  assert.deepEqual([a.value, b.value], ["a", "b"]);
  kept.keep(a, "again", 6);
  kept.keep(c, "c", 4);
  assert.deepEqual([a.value, b.value, c.value], ["again", undefined, "c"]);
  kept.keep(b, "larger than all", 20);
  assert.deepEqual([a.value, b.value, c.value], [undefined, "larger than all", undefined]);
  kept.drop();
  assert.equal(b.value, undefined);
});

function holder(): Keeping<string> {
  return { value: undefined };
}
