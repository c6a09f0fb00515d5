import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./support/folders.ts";

const KILLS = 100;
/** Databases written and killed side by side. */
const LANES = 2;
const BETWEEN = 1_000_000;

test(`kill -9 at ${KILLS} random moments loses no acknowledged row of the ledger and damages nothing`, async () => {
  await Promise.all(Array.from({ length: LANES }, () => killInTurn(KILLS / LANES)));
});

async function killInTurn(kills: number): Promise<void> {
  const folder = temporaryFolder();
  const file = join(folder, "portcullis.db");
  const acknowledged: number[] = [];
  for (let kill = 0; kill < kills; kill++)
    acknowledged.push(...(await recordUntilKilled(folder, file, kill * BETWEEN)));
  const database = new DatabaseSync(file);
  assert.equal(database.prepare("pragma integrity_check").get()?.["integrity_check"], "ok");
  const recorded = new Set(
    database
      .prepare("select bytes from ledger")
      .all()
      .map((row) => Number(row["bytes"])),
  );
  database.close();
  const lost = acknowledged.filter((bytes) => !recorded.has(bytes));
  assert.deepEqual(lost, []);
  assert.ok(acknowledged.length > kills, `only ${acknowledged.length} rows were acknowledged`);
}

/** The rows that a child acknowledged before it was killed, some 0 to 60 ms after it had opened the database. */
async function recordUntilKilled(folder: string, file: string, first: number): Promise<number[]> {
  const script = fileURLToPath(new URL("./support/ledger-child.ts", import.meta.url));
  const child = spawn(process.execPath, [script, file, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") },
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said === "") setTimeout(() => child.kill("SIGKILL"), Math.random() * 60);
    said += text;
  });
  const [, signal] = await once(child, "close");
  assert.equal(signal, process.platform === "win32" ? signal : "SIGKILL", "the child ended by itself");
  // what follows the last line feed was not said whole
  return said.split("\n").slice(1, -1).map(Number);
}
