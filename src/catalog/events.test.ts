import assert from "node:assert/strict";
import { test } from "node:test";
import { testApp } from "../../test/support/test-app.ts";
import { events, recordEvent } from "./events.ts";

test("events come back newest first, page by page, with their particulars", async (t) => {
  const app = await testApp(t);
  for (let i = 0; i < 5; i++) await recordEvent(app, { kind: "standing", actor: "policy", data: { i } });
  const first = await events(app, { limit: 2 });
  assert.deepEqual(
    first.events.map(({ data }) => data),
    [{ i: 4 }, { i: 3 }],
  );
  const second = await events(app, { limit: 3, before: first.next! });
  assert.deepEqual(
    second.events.map(({ data }) => data),
    [{ i: 2 }, { i: 1 }, { i: 0 }],
  );
  assert.equal(second.next, undefined);
});

test("events are found by kind, actor, feed, purl and time", async (t) => {
  const app = await testApp(t);
  const start = app.clock();
  await recordEvent(app, { kind: "a", actor: "person:ada", feed: "default/npm", purl: "pkg:npm/x@1" });
  app.passTime(10);
  await recordEvent(app, { kind: "b", actor: "policy" });
  const kinds = async (query: Parameters<typeof events>[1]) =>
    (await events(app, query)).events.map(({ kind }) => kind);
  assert.deepEqual(await kinds({ kind: "a" }), ["a"]);
  assert.deepEqual(await kinds({ actor: "policy" }), ["b"]);
  assert.deepEqual(await kinds({ feed: "default/npm" }), ["a"]);
  assert.deepEqual(await kinds({ purl: "pkg:npm/x@1" }), ["a"]);
  assert.deepEqual(await kinds({ since: start + 1 }), ["b"]);
  assert.deepEqual(await kinds({ until: start + 1 }), ["a"]);
});

test("an event of a transaction that is undone did not happen", async (t) => {
  const app = await testApp(t);
  const undone = app.database.transaction().execute(async (transaction) => {
    await recordEvent(app, { kind: "a", actor: "x" }, transaction);
    throw new Error("undo");
  });
  await assert.rejects(undone, /undo/);
  assert.deepEqual((await events(app, {})).events, []);
});
