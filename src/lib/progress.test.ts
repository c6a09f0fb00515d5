import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openProgress } from "./progress.ts";

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 20, written, write: (text: string) => written.push(text) };
}

test("a terminal shows one line from the second second on, cut to its width, and gets it taken away", async () => {
  const stream = terminal(true);
  const progress = openProgress(stream);
  progress.say("inspected 1 of a very long list");
  await wait(500);
  assert.deepEqual(stream.written, []);
  await wait(1_000);
  assert.deepEqual(stream.written, ["inspected 1 of a ve"]);
  progress.clear();
  assert.equal(stream.written.at(-1), "\r\u001b[2K");
  progress.close();
  assert.equal(stream.written.length, 2, "what is not shown is not taken away again");
});

test("what is no terminal gets nothing", async () => {
  const stream = terminal(false);
  const progress = openProgress(stream);
  progress.say("inspected 1");
  await wait(1_300);
  progress.close();
  assert.deepEqual(stream.written, []);
});
