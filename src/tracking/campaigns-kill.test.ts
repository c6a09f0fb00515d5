import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { campaignRelease } from "../../test/support/campaign-releases.ts";
import { temporaryFolder } from "../../test/support/folders.ts";
import type { App } from "../app.ts";
import { openSqlite } from "../storage/database/sqlite.ts";
import { listCampaigns } from "./campaigns.ts";
import { rememberRelease } from "./known-releases.ts";

const KILLS = 6;

test("kill -9 while releases are remembered leaves each remembered wholly or not at all, and going on gives the same campaigns", async (t) => {
  const file = join(temporaryFolder(), "portcullis.db");
  let most = 0;
  for (let kill = 0; kill < KILLS; kill++) most = Math.max(most, await rememberUntilKilled(file));
  const sqlite = new DatabaseSync(file);
  assert.equal(sqlite.prepare("pragma integrity_check").get()?.["integrity_check"], "ok");
  const partly = sqlite
    .prepare(
      "select count(*) as n from known_releases where campaign is null or id not in (select release from culprit_releases)",
    )
    .get();
  assert.equal(partly?.["n"], 0);
  sqlite.close();
  const database = await openSqlite(file);
  t.after(() => database.destroy());
  const app = { database, clock: () => 0 } as unknown as App;
  for (let number = 0; number < most; number++) await rememberRelease(app, campaignRelease(number));
  const sizes = listCampaigns(app, { limit: 10 }).map(({ releases }) => releases);
  assert.ok(most > 0);
  assert.equal(sizes.reduce((sum, size) => sum + size, 0) >= most, true);
  assert.equal(sizes.length, most > 1 ? 2 : 0);
});

/** How many releases a child said it had remembered before it was killed. */
async function rememberUntilKilled(file: string): Promise<number> {
  const script = fileURLToPath(new URL("../../test/support/campaigns-child.ts", import.meta.url));
  const child = spawn(process.execPath, [script, file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said === "") setTimeout(() => child.kill("SIGKILL"), 20 + Math.random() * 150);
    said += text;
  });
  await once(child, "close");
  return Number(said.split("\n").at(-2) ?? 0);
}
