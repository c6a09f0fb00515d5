import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fakeUpstream } from "../../test/support/fake-upstream.ts";
import { testGate } from "../../test/support/test-gate.ts";

test("a list that is to be read once in months is not read without a pause", async (context) => {
  const lists = await fakeUpstream(context);
  const location = `${lists.url}/list.txt`;
  lists.say("/list.txt", { body: "http://evil.example.invalid/x\n" });
  await testGate(context, { config: { advisories: [{ name: "urls", kind: "urlhaus", location, every: "90d" }] } });
  while (lists.count("/list.txt") === 0) await sleep(10);
  await sleep(300);
  assert.equal(lists.count("/list.txt"), 1);
});
