import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { npmTarball } from "../../test/support/archives.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { testGate as openGate } from "../../test/support/test-gate.ts";
import { everythingChanged } from "../catalog/revisions.ts";

/** A busy machine may take long to start an inspector. */
const testGate = (context: TestContext, limits: Readonly<Record<string, number>> = {}) =>
  openGate(context, { config: { limits: { holdMs: 60_000, ...limits } } });

const HOUR = 3_600_000;
const FILE = "/npm/thing/-/thing-1.0.0.tgz";
const harmless = (version = "1.0.0", value = 1) =>
  npmTarball({ name: "thing", version, files: { "index.js": `module.exports = ${value};\n` } });

test("a file whose index said once that it has other bytes is served again when the index says what it said before", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  assert.equal((await gate.get(FILE)).status, 200);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless("1.0.0", 2) });
  gate.app.passTime(HOUR);
  assert.match((await gate.get(FILE)).statusText, /other bytes upstream/);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  gate.app.passTime(HOUR);
  assert.equal((await gate.get("/npm/thing")).status, 200);
  const again = await gate.get(FILE);
  assert.equal(again.status, 200);
  assert.deepEqual(Buffer.from(await again.arrayBuffer()), harmless());
});

test("a file that came broken is fetched again some time after, and one whose index is mended is checked against that", async (context) => {
  const gate = await testGate(context);
  for (const mend of [
    () => gate.upstream.say(FILE, { body: harmless() }),
    () => publishNpm(gate.upstream, "thing", { "1.0.0": harmless("1.0.0", 3) }),
  ]) {
    await gate.app.database.deleteFrom("artifacts").execute();
    publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
    gate.upstream.say(FILE, { body: "not a tarball" });
    gate.app.passTime(HOUR);
    assert.match((await gate.get(FILE)).statusText, /other bytes than its index declares/);
    mend();
    gate.app.passTime(60_000);
    assert.equal((await gate.get(FILE)).status, 403);
    gate.app.passTime(HOUR);
    assert.equal((await gate.get(FILE)).status, 200);
  }
});

test("whoever waits for bytes while their index is replaced gets them, and the new index stays", async (context) => {
  const gate = await testGate(context, { memoryCacheBytes: 1 });
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.upstream.say(FILE, (_request, response) => void promise.then(() => response.end(harmless())));
  const waiting = gate.get(FILE);
  while (gate.upstream.count(FILE) === 0) await sleep(5);
  const { url } = gate.upstream;
  const dist = { tarball: `${url}${FILE}` };
  const next = { name: "thing", versions: { "1.0.0": { dist }, "1.0.1": { dist: { tarball: `${url}/b.tgz` } } } };
  gate.upstream.say("/npm/thing", { body: JSON.stringify(next) });
  gate.app.passTime(HOUR);
  assert.equal((await gate.get("/npm/thing")).status, 200);
  resolve();
  assert.equal((await waiting).status, 200);
  const asked = gate.upstream.count("/npm/thing");
  assert.match(await (await gate.get("/npm/thing")).text(), /1\.0\.1/);
  assert.equal(gate.upstream.count("/npm/thing"), asked);
});

test("what becomes known while bytes are fetched counts for the next request", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  assert.equal((await gate.get(FILE)).status, 200);
  const { sha256 } = await gate.app.database.selectFrom("artifacts").select("sha256").executeTakeFirstOrThrow();
  await gate.app.blobs.delete(sha256!);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.upstream.say(FILE, (_request, response) => void promise.then(() => response.end(harmless())));
  const waiting = gate.get(FILE);
  while (gate.upstream.count(FILE) === 1) await sleep(5);
  const about = { ecosystem: "npm", name: "thing", kind: "malicious", severity: "critical" } as const;
  const said = { id: "MAL-1", source: "list", title: "", url: "", versions: '["1.0.0"]', ranges: "[]" };
  await gate.app.database
    .insertInto("advisories")
    .values({ ...about, ...said, published_at: 1, modified_at: 1, withdrawn_at: null })
    .execute();
  everythingChanged(gate.app);
  resolve();
  await waiting;
  assert.equal((await gate.get(FILE)).status, 403);
});

test("names that upstream does not have leave nothing behind and are asked for once in half a minute", async (context) => {
  const gate = await testGate(context);
  for (let at = 0; at < 3; at++) assert.equal((await gate.get("/npm/made-up")).status, 404);
  assert.equal(gate.upstream.count("/npm/made-up"), 1);
  assert.deepEqual(await gate.app.database.selectFrom("projects").selectAll().execute(), []);
  gate.app.passTime(31_000);
  publishNpm(gate.upstream, "made-up", { "1.0.0": harmless() });
  assert.equal((await gate.get("/npm/made-up")).status, 200);
});

test("an upstream that says unchanged of what nobody has is in trouble, which is not absence", async (context) => {
  const gate = await testGate(context);
  gate.upstream.say("/npm/thing", { status: 304 });
  assert.equal((await gate.get("/npm/thing")).status, 502);
});

test("an index that lists more files than the limit is trouble, and what was known stays", async (context) => {
  const gate = await testGate(context, { indexFiles: 2 });
  const listed = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`1.0.${at}`, harmless(`1.0.${at}`)]));
  publishNpm(gate.upstream, "thing", listed(3));
  const refused = await gate.get("/npm/thing");
  assert.equal(refused.status, 502);
  assert.match(await refused.text(), /more files than the limit of 2/);
  publishNpm(gate.upstream, "thing", listed(2));
  gate.app.passTime(HOUR);
  assert.equal((await gate.get("/npm/thing")).status, 200);
  publishNpm(gate.upstream, "thing", listed(3));
  gate.app.passTime(HOUR);
  const known = await gate.get("/npm/thing");
  assert.equal(known.headers.get("x-portcullis-stale"), "1");
  const { versions } = (await known.json()) as { versions: object };
  assert.deepEqual(Object.keys(versions), ["1.0.0", "1.0.1"]);
});

test("an upstream that drips a file without end is broken off", async (context) => {
  const gate = await testGate(context, { upstreamIndexMs: 300, holdMs: 200 });
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.upstream.say(FILE, (_request, response) => {
    const drip = setInterval(() => response.write("x"), 50);
    response.on("close", () => {
      clearInterval(drip);
      resolve();
    });
  });
  assert.equal((await gate.get(FILE)).status, 503);
  await promise;
});

test("an error without end is not read to its end", async (context) => {
  const gate = await testGate(context);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.upstream.say("/npm/thing", (_request, response) => {
    response.writeHead(500);
    const flood = () => void (response.destroyed || response.write(Buffer.alloc(1 << 16), () => setImmediate(flood)));
    response.on("close", resolve);
    flood();
  });
  assert.equal((await gate.get("/npm/thing")).status, 502);
  await promise;
});

test("whoever asks for files alone learns of changed bytes and of a project's end, without waiting for the index", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  const status = async () => (await gate.get(FILE)).status;
  const becomes = async (wanted: number) => {
    for (let tries = 0; tries < 200 && (await status()) !== wanted; tries++) await sleep(10);
    assert.equal(await status(), wanted);
  };
  assert.equal(await status(), 200);
  const asked = gate.upstream.count("/npm/thing");
  await status();
  assert.equal(gate.upstream.count("/npm/thing"), asked, "a young index is not asked for");
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless("1.0.0", 2) });
  gate.app.passTime(HOUR);
  assert.equal(await status(), 200, "nobody waits");
  await becomes(403);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  gate.app.passTime(HOUR);
  await becomes(200);
  gate.upstream.say("/npm/thing", { status: 404 });
  gate.app.passTime(HOUR);
  await becomes(404);
});

test("a stored file that vanished is fetched again", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  assert.equal((await fetch(gate.url + FILE, { method: "HEAD" })).status, 200);
  const { sha256, size } = await gate.app.database
    .selectFrom("artifacts")
    .select(["sha256", "size"])
    .executeTakeFirstOrThrow();
  rmSync((await gate.app.blobs.locate(sha256!, Number(size)))!.path);
  const again = await gate.get(FILE);
  assert.equal(again.status, 200);
  assert.deepEqual(Buffer.from(await again.arrayBuffer()), harmless());
});

test("a stored file that was damaged in its place, or lost with its folder, is not served and is fetched again", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "thing", { "1.0.0": harmless() });
  assert.equal((await gate.get(FILE)).status, 200);
  const { sha256, size } = await gate.app.database
    .selectFrom("artifacts")
    .select(["sha256", "size"])
    .executeTakeFirstOrThrow();
  const { path } = (await gate.app.blobs.locate(sha256!, Number(size)))!;
  const damages = [
    () => writeFileSync(path, Buffer.alloc(Number(size))),
    () => rmSync(dirname(path), { recursive: true }),
  ];
  for (const damage of damages) {
    damage();
    const first = await gate.get(FILE);
    // What is open already may outlive its folder, and is right.
    if (first.status === 200) assert.deepEqual(Buffer.from(await first.arrayBuffer()), harmless());
    else assert.equal(first.status, 500);
    gate.app.blobs.recheck(sha256!);
    const again = await gate.get(FILE);
    assert.equal(again.status, 200);
    assert.deepEqual(Buffer.from(await again.arrayBuffer()), harmless());
  }
});

test("a young release of many files is fetched a few files at a time", async (context) => {
  const gate = await openGate(context, { config: { policy: { cooldown: "7d" }, limits: { holdMs: 100 } } });
  let [open, most] = [0, 0];
  const files = Array.from({ length: 40 }, (_, at) => ({
    filename: `many-1.0-${at}-py3-none-any.whl`,
    url: `/w/${at}`,
  }));
  for (const { url } of files)
    gate.upstream.say(url, (_request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => response.end("", () => open--), 20);
    });
  const time = new Date(gate.app.clock()).toISOString();
  const page = { meta: { "api-version": "1.1" }, name: "many", versions: ["1.0"] };
  gate.upstream.say("/simple/many/", {
    headers: { "content-type": "application/vnd.pypi.simple.v1+json" },
    body: JSON.stringify({ ...page, files: files.map((file) => ({ ...file, hashes: {}, "upload-time": time })) }),
  });
  assert.equal((await gate.get(`/pypi/files/many/${files[0]!.filename}`)).status, 503);
  while (gate.upstream.count("/w/39") === 0) await sleep(20);
  assert.ok(most <= 8, `${most} at once`);
});
