import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Kysely } from "kysely";
import { temporaryFolder } from "../../../test/support/folders.ts";
import type { Database } from "./schema.ts";
import { openSqlite } from "./sqlite.ts";

/** What every driver of the database promises. A new driver adds a line. */
const DRIVERS: readonly { name: string; open: () => Promise<Kysely<Database>> }[] = [
  { name: "sqlite file", open: () => openSqlite(join(temporaryFolder(), "portcullis.db")) },
  { name: "sqlite memory", open: () => openSqlite(":memory:") },
];

const PROJECT = {
  ecosystem: "npm",
  origin: "up",
  name: "left-pad",
  document: null,
  validators: "{}",
  checked_at: 1_700_000_000_000,
  first_fetched_at: 1_700_000_000_000,
} as const;

for (const driver of DRIVERS) {
  const open = async (t: TestContext) => {
    const database = await driver.open();
    t.after(() => database.destroy());
    return database;
  };

  test(`${driver.name}: a row comes back as it was written, with times beyond 32 bits`, async (t) => {
    const database = await open(t);
    const { id } = await database.insertInto("projects").values(PROJECT).returning("id").executeTakeFirstOrThrow();
    const row = await database.selectFrom("projects").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    assert.deepEqual(row, { id, ...PROJECT });
  });

  test(`${driver.name}: a project is unique by ecosystem, name and origin, and on conflict can be updated`, async (t) => {
    const database = await open(t);
    await database.insertInto("projects").values(PROJECT).execute();
    await assert.rejects(database.insertInto("projects").values(PROJECT).execute(), /unique/i);
    await database
      .insertInto("projects")
      .values({ ...PROJECT, origin: "hosted" })
      .execute();
    await database
      .insertInto("projects")
      .values({ ...PROJECT, checked_at: 2 })
      .onConflict((conflict) => conflict.columns(["ecosystem", "name", "origin"]).doUpdateSet({ checked_at: 2 }))
      .execute();
    const rows = await database.selectFrom("projects").select("checked_at").where("origin", "=", "up").execute();
    assert.deepEqual(rows, [{ checked_at: 2 }]);
  });

  test(`${driver.name}: a transaction that throws leaves nothing, and the database goes on`, async (t) => {
    const database = await open(t);
    const failing = database.transaction().execute(async (transaction) => {
      await transaction.insertInto("projects").values(PROJECT).execute();
      throw new Error("no");
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.equal((await database.selectFrom("projects").selectAll().execute()).length, 0);
    await database.insertInto("projects").values(PROJECT).execute();
  });

  test(`${driver.name}: transactions begun together run one after the other`, async (t) => {
    const database = await open(t);
    await database
      .insertInto("projects")
      .values({ ...PROJECT, checked_at: 0 })
      .execute();
    const addOne = () =>
      database.transaction().execute(async (transaction) => {
        const row = await transaction.selectFrom("projects").select("checked_at").executeTakeFirstOrThrow();
        await new Promise(setImmediate);
        await transaction
          .updateTable("projects")
          .set({ checked_at: row.checked_at + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, addOne));
    assert.deepEqual(await database.selectFrom("projects").select("checked_at").execute(), [{ checked_at: 20 }]);
  });

  test(`${driver.name}: rows that point nowhere are refused and rows of a deleted project go with it`, async (t) => {
    const database = await open(t);
    const sighting = { project_id: 77, filename: "a.tgz", digest: "", first_seen_at: 1 };
    await assert.rejects(database.insertInto("sightings").values(sighting).execute(), /foreign key/i);
    const { id } = await database.insertInto("projects").values(PROJECT).returning("id").executeTakeFirstOrThrow();
    await database
      .insertInto("sightings")
      .values({ ...sighting, project_id: id })
      .execute();
    await database.deleteFrom("projects").where("id", "=", id).execute();
    assert.equal((await database.selectFrom("sightings").selectAll().execute()).length, 0);
  });

  test(`${driver.name}: rows can be streamed while other queries run`, async (t) => {
    const database = await open(t);
    for (const name of ["a", "b", "c"])
      await database
        .insertInto("projects")
        .values({ ...PROJECT, name })
        .execute();
    const seen: string[] = [];
    for await (const row of database.selectFrom("projects").select("name").orderBy("name").stream())
      seen.push(row.name);
    assert.deepEqual(seen, ["a", "b", "c"]);
  });
}
