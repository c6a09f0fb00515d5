import assert from "node:assert/strict";
import { test } from "node:test";
import { fairQueue } from "./fair-queue.ts";

function takeAll<T>(queue: { readonly size: number; shift(): T | undefined }): T[] {
  const taken: T[] = [];
  while (queue.size > 0) taken.push(queue.shift()!);
  return taken;
}

test("parties take turns however much one of them adds", () => {
  const queue = fairQueue<string>();
  for (const item of ["a1", "a2", "a3"]) queue.push(item, "a", true);
  queue.push("b1", "b", true);
  assert.deepEqual(takeAll(queue), ["a1", "b1", "a2", "a3"]);
});

test("the urgent come first, and every eighth turn is for the others", () => {
  const queue = fairQueue<string>();
  for (let item = 0; item < 10; item++) queue.push("urgent", "a", true);
  queue.push("patient", "b", false);
  assert.equal(takeAll(queue).indexOf("patient"), 7);
});

test("draining hands out everything once", () => {
  const queue = fairQueue<number>();
  queue.push(1, "a", true);
  queue.push(2, "b", false);
  assert.deepEqual(queue.drain(), [1, 2]);
  assert.equal(queue.size, 0);
  assert.equal(queue.shift(), undefined);
});
