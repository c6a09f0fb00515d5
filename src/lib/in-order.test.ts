import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { inOrder } from "./in-order.ts";

async function* upTo(count: number): AsyncGenerator<number> {
  for (let item = 0; item < count; item++) yield item;
}

test("results come in the order of the items although later ones are ready first", async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++running);
    await wait(item % 3 === 0 ? 20 : 1);
    running--;
    return item;
  };
  const results: number[] = [];
  for await (const result of inOrder(upTo(20), work, { atOnce: 4, ahead: 10 })) results.push(result);
  assert.deepEqual(results, [...Array(20).keys()]);
  assert.equal(most, 4);
});

test("no more results are kept than allowed while the first is awaited", async () => {
  let begun = 0;
  const gate = Promise.withResolvers<void>();
  const work = async (item: number) => {
    begun++;
    if (item === 0) await gate.promise;
  };
  const results = inOrder(upTo(100), work, { atOnce: 2, ahead: 5 });
  const first = results.next();
  await wait(20);
  assert.equal(begun, 5);
  gate.resolve();
  await first;
  await results.return(undefined);
});

test("an error comes after the results before it", async () => {
  const seen: number[] = [];
  const work = async (item: number) => {
    if (item === 2) throw new Error("the third");
    await wait(5);
    return item;
  };
  await assert.rejects(async () => {
    for await (const result of inOrder(upTo(5), work, { atOnce: 5, ahead: 5 })) seen.push(result);
  }, /the third/);
  assert.deepEqual(seen, [0, 1]);
});
