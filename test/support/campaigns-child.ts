// Remembers releases of two campaigns in the database given, in turn and for ever, and says on stdout how many it has remembered.
// Run by src/tracking/campaigns-kill.test.ts, which kills it.
import { writeSync } from "node:fs";
import type { App } from "../../src/app.ts";
import { openSqlite } from "../../src/storage/database/sqlite.ts";
import { rememberRelease } from "../../src/tracking/known-releases.ts";
import { campaignRelease } from "./campaign-releases.ts";

const [file] = process.argv.slice(2);
const app = { database: await openSqlite(file!), clock: () => 0 } as unknown as App;
for (let number = 0; ; number++) {
  await rememberRelease(app, campaignRelease(number));
  writeSync(1, `${number + 1}\n`);
}
