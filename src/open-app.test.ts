import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../test/support/folders.ts";
import { testApp } from "../test/support/test-app.ts";
import { authenticate, revokeToken } from "./accounts/tokens.ts";
import { configSchema } from "./config.ts";
import type { Refusal } from "./errors.ts";
import { silentLog } from "./lib/log.ts";
import { openApp } from "./open-app.ts";

const posix = process.platform !== "win32";

test("the first start makes the folder and writes a token that is an administrator's, both for their owner only", async (t) => {
  const data = join(temporaryFolder(), "deep", "data");
  const app = await testApp(t, { config: { data } });
  assert.equal(app.adminTokenFile, join(data, "admin-token"));
  const secret = (await readFile(join(data, "admin-token"), "utf8")).trim();
  assert.deepEqual(authenticate(app, secret), { name: "admin:admin", kind: "admin" });
  if (posix) assert.equal((await stat(data)).mode & 0o777, 0o700);
  if (posix) assert.equal((await stat(join(data, "admin-token"))).mode & 0o777, 0o600);
});

test("later starts write no token while an administrator's token lives, and a new one when none does", async () => {
  const config = configSchema.parse({ data: join(temporaryFolder(), "data") });
  const first = await openApp(config, { log: silentLog });
  await first.close();
  await rm(join(config.data, "admin-token"));
  const second = await openApp(config, { log: silentLog });
  assert.equal(second.adminTokenFile, undefined);
  assert.equal(existsSync(join(config.data, "admin-token")), false);
  await revokeToken(second, "admin");
  await second.close();
  const third = await openApp(config, { log: silentLog });
  const secret = (await readFile(third.adminTokenFile!, "utf8")).trim();
  assert.equal(authenticate(third, secret)?.kind, "admin");
  await third.close();
});

test("a second opening is refused as DATA_LOCKED and names the process, until the first is closed", async () => {
  const config = configSchema.parse({ data: join(temporaryFolder(), "data") });
  const first = await openApp(config, { log: silentLog });
  await assert.rejects(openApp(config, { log: silentLog }), (error: Refusal) => {
    assert.equal(error.code, "DATA_LOCKED");
    assert.equal(error.params["pid"], `process ${process.pid}`);
    return true;
  });
  await first.close();
  await (await openApp(config, { log: silentLog })).close();
});

test("another process is refused while one has the folder, and after kill -9 the next start succeeds", async () => {
  const config = configSchema.parse({ data: join(temporaryFolder(), "data") });
  const script = `
    import { openApp } from ${JSON.stringify(new URL("./open-app.ts", import.meta.url).href)};
    import { configSchema } from ${JSON.stringify(new URL("./config.ts", import.meta.url).href)};
    await openApp(configSchema.parse({ data: ${JSON.stringify(config.data)} }));
    console.log("open");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await assert.rejects(openApp(config, { log: silentLog }), (error: Refusal) => {
    assert.equal(error.code, "DATA_LOCKED");
    assert.equal(error.params["pid"], `process ${child.pid}`);
    return true;
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  await (await openApp(config, { log: silentLog })).close();
});
