import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../../test/support/folders.ts";
import { testApp } from "../../test/support/test-app.ts";
import { identify, requireAdmin } from "../accounts/credentials.ts";
import { authenticate } from "../accounts/tokens.ts";
import type { Refusal } from "../errors.ts";
import { type OpenedApp, writeAdminToken } from "../open-app.ts";
import { announceServer } from "../server-address.ts";
import { backupStream } from "../storage/backup.ts";
import { backup } from "./backup.ts";
import { runProgram } from "./program.ts";
import { restore } from "./restore.ts";

/** A server with the one address that `backup` asks. */
async function serveBackups(t: TestContext, app: OpenedApp): Promise<string> {
  const server: Server = createServer((request, response) => {
    try {
      assert.equal(`${request.method} ${request.url}`, "POST /api/v1/backup");
      requireAdmin(
        identify(app, (name) => request.headers[name] as string | undefined),
        "make a backup",
      );
      backupStream(app).pipe(response);
    } catch (error) {
      const { status, code, params } = error as Refusal;
      response.writeHead(status).end(JSON.stringify({ code, params }));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function portcullis(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const told = { code: 0, stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    new Writable({
      write(chunk, _encoding, done) {
        told[name] += String(chunk);
        done();
      },
    });
  const commands = [backup, restore].map((command) => ({ name: command.name, load: async () => command }));
  await runProgram(commands, args, {
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    interrupted: new AbortController().signal,
    finish: (code) => {
      told.code = code;
    },
  });
  return told;
}

test("backup finds server and token by the data folder, and restore makes a folder with a token of its own", async (t) => {
  const app = await testApp(t, { databaseInFile: true });
  await announceServer(app.config.data, await serveBackups(t, app));
  const file = join(temporaryFolder(), "b.tar");
  const saved = await portcullis("backup", file, "--data", app.config.data);
  assert.equal(saved.code, 0, saved.stderr);
  assert.match(saved.stdout, /^Saved \d+ bytes in /);
  const data = join(temporaryFolder(), "restored");
  const restored = await portcullis("restore", file, "--data", data, "--json");
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal(JSON.parse(restored.stdout).adminToken, join(data, "admin-token"));
  const again = await testApp(t, { config: { data }, databaseInFile: true });
  const old = (await readFile(join(app.config.data, "admin-token"), "utf8")).trim();
  const fresh = (await readFile(join(data, "admin-token"), "utf8")).trim();
  assert.notEqual(old, fresh);
  for (const secret of [old, fresh]) assert.equal(authenticate(again, secret)?.kind, "admin");
});

test("a file that exists is not overwritten, and a refusal of the server is told in its words", async (t) => {
  const app = await testApp(t);
  const url = await serveBackups(t, app);
  const folder = temporaryFolder();
  await writeFile(join(folder, "mine.tar"), "mine");
  const existing = await portcullis("backup", join(folder, "mine.tar"), "--url", url, "--data", app.config.data);
  assert.equal(existing.code, 64);
  assert.equal(await readFile(join(folder, "mine.tar"), "utf8"), "mine");
  const file = join(folder, "b.tar");
  const nobody = await portcullis("backup", file, "--url", url, "--data", folder);
  assert.deepEqual([nobody.code, existsSync(file), existsSync(`${file}.unfinished`)], [77, false, false]);
  assert.match(nobody.stderr, /^portcullis: This needs a token\n/);
});

test("where no server answers, backup says how to start one", async (t) => {
  const app = await testApp(t);
  const asked = await portcullis(
    "backup",
    join(temporaryFolder(), "b.tar"),
    "--url",
    "http://127.0.0.1:1",
    "--data",
    app.config.data,
  );
  assert.equal(asked.code, 69);
  assert.match(asked.stderr, /No Portcullis server answers at http:\/\/127\.0\.0\.1:1/);
});

test("restore refuses what is no backup, or a folder in use, with a sentence", async (t) => {
  const folder = temporaryFolder();
  await writeFile(join(folder, "b.tar"), "x".repeat(2_000));
  const notOne = await portcullis("restore", join(folder, "b.tar"), "--data", join(folder, "new"));
  assert.match(notOne.stderr, /^portcullis: The backup cannot be restored: /);
  const app = await testApp(t);
  const inUse = await portcullis("restore", join(folder, "b.tar"), "--data", app.config.data);
  assert.match(inUse.stderr, /is not empty/);
  const missing = await portcullis("restore", join(folder, "none.tar"), "--data", join(folder, "new"));
  assert.equal(missing.code, 64);
});

test("a further administrator's token is written without ending the first", async (t) => {
  const app = await testApp(t);
  const read = async () => (await readFile(join(app.config.data, "admin-token"), "utf8")).trim();
  const first = await read();
  await writeAdminToken(app, app.config.data, "test");
  for (const secret of [first, await read()]) assert.equal(authenticate(app, secret)?.kind, "admin");
});
