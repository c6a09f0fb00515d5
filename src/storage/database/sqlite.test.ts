import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { temporaryFolder } from "../../../test/support/folders.ts";
import { mayMount, smallDisk } from "../../../test/support/small-disk.ts";
import { Refusal } from "../../errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { openSqlite, raw, writeRaw } from "./sqlite.ts";

const PROJECT = {
  ecosystem: "npm",
  origin: "up",
  name: "a",
  document: null,
  validators: "{}",
  checked_at: 1,
  first_fetched_at: 1,
} as const;

async function openFile(t: TestContext) {
  const path = join(temporaryFolder(), "portcullis.db");
  const database = await openSqlite(path);
  t.after(() => database.destroy());
  return { path, database };
}

test("the file is in WAL mode with synchronous=FULL, foreign keys and no trusted schema", async (t) => {
  const { database } = await openFile(t);
  const pragma = async (name: string) =>
    Object.values((await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(database)).rows[0] ?? {})[0];
  assert.equal(await pragma("journal_mode"), "wal");
  assert.equal(await pragma("synchronous"), 2);
  assert.equal(await pragma("foreign_keys"), 1);
  assert.equal(await pragma("trusted_schema"), 0);
});

test("what was written is there after closing and opening again", async (t) => {
  const path = join(temporaryFolder(), "portcullis.db");
  const first = await openSqlite(path);
  await first.insertInto("projects").values(PROJECT).execute();
  await first.destroy();
  const second = await openSqlite(path);
  t.after(() => second.destroy());
  assert.equal((await second.selectFrom("projects").selectAll().execute()).length, 1);
});

test("a schema newer than this program's is refused as DATA_NEWER and left as it is", async () => {
  const path = join(temporaryFolder(), "portcullis.db");
  const first = await openSqlite(path);
  await sql`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '')`.execute(first);
  await first.destroy();
  await assert.rejects(openSqlite(path), (error: Refusal) => {
    assert.equal(error.code, "DATA_NEWER");
    assert.deepEqual(error.params, { found: "9999-from-the-future", known: Object.keys(MIGRATIONS).at(-1) });
    return true;
  });
});

test("a file that is no database is refused as DATA_DAMAGED and not overwritten", async () => {
  const path = join(temporaryFolder(), "portcullis.db");
  await writeFile(path, "this is no database at all, but long enough to be looked at as one\n".repeat(100));
  await assert.rejects(openSqlite(path), (error: Refusal) => error.code === "DATA_DAMAGED");
});

test("raw statements read what is committed, not what a transaction under way has written", async (t) => {
  const { database } = await openFile(t);
  const count = () => raw(database).prepare("select count(*) as n from projects").get()?.["n"];
  await database.transaction().execute(async (transaction) => {
    await transaction.insertInto("projects").values(PROJECT).execute();
    assert.equal(count(), 0);
  });
  assert.equal(count(), 1);
});

test("raw statements cannot write, and are compiled once", async (t) => {
  const { database } = await openFile(t);
  const { prepare } = raw(database);
  assert.equal(prepare("select 1"), prepare("select 1"));
  assert.throws(() => prepare("delete from projects").run(), /readonly/);
});

test("writeRaw waits for a transaction under way, commits at once, and undoes all of it when it throws", async (t) => {
  const { database } = await openFile(t);
  const insert = "insert into policies (hash, body, first_used_at) values (?, '', 0)";
  const slow = database.transaction().execute(async (transaction) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await transaction.insertInto("policies").values({ hash: "a", body: "", first_used_at: 0 }).execute();
    throw new Error("undone");
  });
  const fast = writeRaw(database, ({ prepare }) => prepare(insert).run("b"));
  await assert.rejects(slow, /undone/);
  await fast;
  const failing = writeRaw(database, ({ prepare }) => {
    prepare(insert).run("c");
    prepare(insert).run("b");
  });
  await assert.rejects(failing, /UNIQUE/);
  assert.deepEqual(await database.selectFrom("policies").select("hash").execute(), [{ hash: "b" }]);
});

test("a full disk is refused as DISK_FULL, loses nothing committed, and writing goes on when there is room", async (t) => {
  const { database } = await openFile(t);
  await database.insertInto("projects").values(PROJECT).execute();
  const limit = (pages: number) => sql`pragma max_page_count = ${sql.raw(String(pages))}`.execute(database);
  await limit(1); // never below what the file has
  const fill = database.transaction().execute(async (transaction) => {
    for (let i = 0; i < 1_000; i++) {
      await transaction
        .insertInto("projects")
        .values({ ...PROJECT, name: `b${i}`, validators: "x".repeat(4_000) })
        .execute();
    }
  });
  await assert.rejects(fill, (error: Refusal) => error instanceof Refusal && error.code === "DISK_FULL");
  await assert.rejects(
    writeRaw(database, ({ prepare }) => {
      const insert = prepare("insert into policies (hash, body, first_used_at) values (?, ?, 0)");
      for (let i = 0; i < 1_000; i++) insert.run(String(i), "x".repeat(4_000));
    }),
    (error: Refusal) => error instanceof Refusal && error.code === "DISK_FULL",
  );
  await limit(1 << 30);
  await database
    .insertInto("projects")
    .values({ ...PROJECT, name: "c" })
    .execute();
  const names = await database.selectFrom("projects").select("name").orderBy("name").execute();
  assert.deepEqual(names, [{ name: "a" }, { name: "c" }]);
});

test("a file system without room is refused as DISK_FULL and loses nothing", { skip: !mayMount }, async (t) => {
  const disk = await smallDisk(t, 2);
  if (disk === undefined) return t.skip("mounting is not allowed here");
  const database = await openSqlite(join(disk, "portcullis.db"));
  await database.insertInto("projects").values(PROJECT).execute();
  const fill = async () => {
    for (let i = 0; i < 2_000; i++) {
      const project = { ...PROJECT, name: `b${i}`, validators: "x".repeat(4_000) };
      await database.insertInto("projects").values(project).execute();
    }
  };
  await assert.rejects(fill(), (error: Refusal) => error instanceof Refusal && error.code === "DISK_FULL");
  const rows = await database.selectFrom("projects").select("name").where("name", "=", "a").execute();
  assert.equal(rows.length, 1);
  await database.destroy();
});
