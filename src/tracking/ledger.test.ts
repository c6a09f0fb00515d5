import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { testApp } from "../../test/support/test-app.ts";
import type { Refusal } from "../errors.ts";
import { everyLedgerRow, flushLedger, ledgerRows, type NewLedgerRow, record } from "./ledger.ts";

const ROW: NewLedgerRow = {
  at: 1_768_478_400_000,
  subject: "ci:web-shop",
  client: "npm/11.0.0",
  feed: "default/npm",
  project: "left-pad",
  version: "1.3.0",
  filename: "left-pad-1.3.0.tgz",
  sha256: "a".repeat(64),
  outcome: "served",
  state: "visible",
  code: "clean",
  word: "clean",
  score: 0.0125,
  policy: "p1",
  inputs_hash: "b".repeat(64),
  bytes: 4_321,
  address: "127.0.0.1",
};

for (const databaseInFile of [true, false]) {
  const where = databaseInFile ? "in a file" : "in memory";

  test(`${where}: a recorded row is there when its promise resolves, with every column`, async (t) => {
    const app = await testApp(t, { databaseInFile });
    await record(app, ROW);
    await record(app, { ...ROW, sha256: null, word: null, score: null, inputs_hash: null, outcome: "withheld" });
    const { rows, next } = await ledgerRows(app, {});
    assert.deepEqual(rows[0], { id: 1, ...ROW });
    assert.equal(rows[1]?.sha256, null);
    assert.equal(next, undefined);
  });

  test(`${where}: rows of one moment share a commit, keep their order, and none waits for ever`, async (t) => {
    const app = await testApp(t, { databaseInFile });
    const transaction = app.database.transaction().execute(async (running) => {
      await running.insertInto("policies").values({ hash: "p", body: "", first_used_at: 0 }).execute();
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await Promise.all(Array.from({ length: 500 }, (_, bytes) => record(app, { ...ROW, bytes })));
    await transaction;
    const seen: number[] = [];
    for await (const row of everyLedgerRow(app, {})) seen.push(row.bytes);
    assert.deepEqual(
      seen,
      Array.from({ length: 500 }, (_, i) => i),
    );
  });
}

test("pages follow each other by number and every filter narrows", async (t) => {
  const app = await testApp(t);
  for (let i = 0; i < 10; i++) {
    const odd = i % 2 === 1;
    const row = { ...ROW, at: i, subject: odd ? "person:ada" : "ci:x", project: odd ? "a" : "b", bytes: i } as const;
    await record(app, { ...row, feed: odd ? "team/npm" : "default/npm", outcome: i < 5 ? "served" : "withheld" });
  }
  const bytes = async (query: Parameters<typeof ledgerRows>[1]) =>
    (await ledgerRows(app, query)).rows.map((r) => r.bytes);
  const first = await ledgerRows(app, { limit: 4 });
  assert.deepEqual(
    first.rows.map((row) => row.bytes),
    [0, 1, 2, 3],
  );
  assert.deepEqual(await bytes({ limit: 4, after: first.next! }), [4, 5, 6, 7]);
  assert.deepEqual(await bytes({ since: 3, until: 6 }), [3, 4, 5]);
  assert.deepEqual(await bytes({ subject: "person:ada", since: 5 }), [5, 7, 9]);
  assert.deepEqual(await bytes({ project: "b", outcome: "withheld" }), [6, 8]);
  assert.deepEqual(await bytes({ feed: "team/npm", until: 4 }), [1, 3]);
  assert.deepEqual(await bytes({ sha256: "c".repeat(64) }), []);
});

test("a full disk refuses the rows of that commit, and later rows are recorded again", async (t) => {
  const app = await testApp(t, { databaseInFile: true });
  await record(app, ROW);
  const limit = (pages: number) => sql`pragma max_page_count = ${sql.raw(String(pages))}`.execute(app.database);
  await limit(1);
  const many = await Promise.allSettled(
    Array.from({ length: 200 }, () => record(app, { ...ROW, client: "x".repeat(4_000) })),
  );
  assert.ok(many.every((one) => one.status === "rejected" && (one.reason as Refusal).code === "DISK_FULL"));
  await limit(1 << 30);
  await record(app, { ...ROW, bytes: 2 });
  assert.equal((await ledgerRows(app, {})).rows.length, 2);
});

test("flushing waits for rows whose promise nobody holds", async (t) => {
  const app = await testApp(t, { databaseInFile: true });
  void record(app, ROW);
  await flushLedger(app);
  assert.equal((await ledgerRows(app, {})).rows.length, 1);
});
