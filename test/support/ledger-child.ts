// Records rows in the ledger of the database given for as long as it lives, and says the `bytes` of each on stdout once it is
// recorded. Run by test/kill.test.ts, which kills it.
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { openSqlite } from "../../src/storage/database/sqlite.ts";
import { record } from "../../src/tracking/ledger.ts";

const [file, first] = process.argv.slice(2);
const app = { database: await openSqlite(file!) };
// the children that follow start in half the time
if (first === "0") flushCompileCache();
writeSync(1, "open\n");
let next = Number(first);
const client = async () => {
  for (;;) {
    const bytes = next++;
    await record(app, {
      at: 0,
      subject: "anonymous",
      client: "test",
      feed: "default/npm",
      project: "left-pad",
      version: "1.3.0",
      filename: "left-pad-1.3.0.tgz",
      sha256: null,
      outcome: "served",
      state: "visible",
      code: "clean",
      word: "clean",
      score: 0,
      policy: "p",
      inputs_hash: null,
      bytes,
      address: "127.0.0.1",
    });
    writeSync(1, `${bytes}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, client));
