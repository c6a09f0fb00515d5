import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createWriteStream, existsSync, readdirSync } from "node:fs";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../../test/support/folders.ts";
import { testApp } from "../../test/support/test-app.ts";
import type { Refusal } from "../errors.ts";
import { writeBackup } from "./backup.ts";
import { restoreBackup } from "./restore.ts";

const PROJECT = {
  ecosystem: "npm",
  origin: "npm",
  name: "left-pad",
  validators: "{}",
  checked_at: 1,
  first_fetched_at: 1,
} as const;

/** An app with two stored files, one document, and settings beside them. */
async function filledApp(t: TestContext, databaseInFile = true) {
  const upstreams = [{ name: "npm", ecosystem: "npm" as const, url: "https://npm.example.invalid/" }];
  const app = await testApp(t, { databaseInFile, config: { upstreams } });
  const document = await app.documents.put(Buffer.from("a packument"));
  const project = await app.database
    .insertInto("projects")
    .values({ ...PROJECT, document })
    .returning("id")
    .executeTakeFirstOrThrow();
  const files: string[] = [];
  for (const bytes of [Buffer.from("one"), Buffer.alloc(1_500_000, 7)]) {
    const sha256 = await app.blobs.put(bytes);
    files.push(sha256);
    await app.database
      .insertInto("artifacts")
      .values({
        project_id: project.id,
        filename: `${sha256}.tgz`,
        version: "1",
        url: "https://example.invalid/x",
        digests: "[]",
        published_at: null,
        sha256,
        size: bytes.length,
        fetched_at: 1,
        refused: null,
      })
      .execute();
  }
  await writeFile(join(app.config.data, "portcullis.toml"), "port = 9000\n");
  return { app, document, files };
}

async function backUp(app: Parameters<typeof writeBackup>[0]): Promise<string> {
  const file = join(temporaryFolder(), "backup.tar");
  await writeBackup(app, createWriteStream(file));
  return file;
}

for (const databaseInFile of [true, false]) {
  test(`what was backed up from a running server (database in ${databaseInFile ? "a file" : "memory"}) is there after restoring`, async (t) => {
    const { app, document, files } = await filledApp(t, databaseInFile);
    const file = await backUp(app);
    assert.deepEqual(readdirSync(join(app.config.data, "tmp")), []);
    const data = join(temporaryFolder(), "restored");
    const restored = await restoreBackup(file, data);
    assert.deepEqual(restored, { blobs: 2, documents: 1, missing: 0, madeAt: app.clock() });
    assert.equal(await readFile(join(data, "portcullis.toml"), "utf8"), "port = 9000\n");
    assert.equal(existsSync(join(data, "admin-token")), false);
    const again = await testApp(t, { config: { data }, databaseInFile: true });
    assert.match(await readFile(join(data, "upstreams.json"), "utf8"), /npm\.example\.invalid/, "upstreams are kept");
    assert.equal((await again.blobs.read(files[1]!))?.length, 1_500_000);
    assert.equal((await again.documents.read(document))?.toString(), "a packument");
    const tables = ["projects", "artifacts", "tokens", "ledger"] as const;
    for (const table of tables) {
      const rows = async (of: typeof app) => of.database.selectFrom(table).selectAll().execute();
      assert.deepEqual(await rows(again), await rows(app), table);
    }
  });
}

test("the backup is of one moment, although the server goes on writing", async (t) => {
  const { app } = await filledApp(t);
  let writing = true;
  const write = async () => {
    for (let i = 0; writing; i++) {
      const name = `p${i}`;
      await app.database
        .insertInto("projects")
        .values({ ...PROJECT, name, document: null })
        .execute();
      await new Promise(setImmediate);
    }
  };
  const writer = write();
  const file = await backUp(app);
  writing = false;
  await writer;
  const data = join(temporaryFolder(), "restored");
  assert.equal((await restoreBackup(file, data)).blobs, 2);
});

test("files that are gone or damaged are counted as missing and do not stop the backup", async (t) => {
  const { app, files } = await filledApp(t);
  await app.blobs.delete(files[0]!);
  await writeFile(
    join(app.config.data, "blobs", files[1]!.slice(0, 2), files[1]!.slice(2)),
    Buffer.alloc(1_500_000, 8),
  );
  const restored = await restoreBackup(await backUp(app), join(temporaryFolder(), "restored"));
  assert.deepEqual([restored.blobs, restored.missing], [0, 2]);
});

test("a folder that is not empty is refused and left alone", async (t) => {
  const { app } = await filledApp(t);
  const file = await backUp(app);
  const data = temporaryFolder();
  await writeFile(join(data, "note"), "mine");
  await assert.rejects(restoreBackup(file, data), (error: Refusal) => error.code === "DATA_EXISTS");
  assert.deepEqual(readdirSync(data), ["note"]);
});

test("a backup that was cut short or changed anywhere is refused and leaves nothing", async (t) => {
  const { app } = await filledApp(t);
  const file = await backUp(app);
  const whole = await readFile(file);
  const data = join(temporaryFolder(), "restored");
  const refused = async (what: string) => {
    await assert.rejects(restoreBackup(file, data), (error: Refusal) => error.code === "BACKUP_DAMAGED", what);
    assert.deepEqual(readdirSync(data), [], what);
  };
  for (const size of [0, 100, 512, 5_000, whole.length >> 1, whole.length - 2_000]) {
    await truncate(file, size);
    await refused(`cut to ${size}`);
    await writeFile(file, whole);
  }
  const places = [
    10,
    520,
    whole.indexOf("SQLite format 3") + 5_000,
    whole.lastIndexOf("a packument"),
    whole.lastIndexOf(Buffer.alloc(9, 7)),
  ];
  for (const at of places) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1;
    await writeFile(file, changed);
    await refused(`changed at ${at}`);
  }
  await writeFile(file, "no tar at all".repeat(1_000));
  await refused("no tar");
});

test("a member with a name that leads elsewhere is refused", async () => {
  const { TAR_END, tarHeader, tarPadding } = await import("./backup-tar.ts");
  const manifest = Buffer.from(JSON.stringify({ format: 1, madeAt: 1, database: { sha256: "", size: 0 } }));
  for (const name of ["../evil", "/etc/evil", "blobs/../../evil", `blobs/${"0".repeat(63)}`, "admin-token"]) {
    const file = join(temporaryFolder(), "b.tar");
    const first = [tarHeader("portcullis-backup.json", manifest.length), manifest, tarPadding(manifest.length)];
    await writeFile(file, Buffer.concat([...first, tarHeader(name, 0), TAR_END]));
    const data = join(temporaryFolder(), "restored");
    await assert.rejects(restoreBackup(file, data), (error: Refusal) => error.code === "BACKUP_DAMAGED");
    assert.deepEqual(readdirSync(data), []);
  }
});

test("any tar program can list a backup", { skip: process.platform === "win32" }, async (t) => {
  const { app, files, document } = await filledApp(t);
  const names = execFileSync("tar", ["tf", await backUp(app)], { encoding: "utf8" })
    .trim()
    .split("\n");
  const settings = ["portcullis-backup.json", "portcullis.db", "portcullis.toml", "upstreams.json"];
  assert.deepEqual(names.slice(0, 4), settings);
  assert.deepEqual(
    new Set(names.slice(4)),
    new Set([...files.map((sha256) => `blobs/${sha256}`), `documents/${document}`, "end.json"]),
  );
});
