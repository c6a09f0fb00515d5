import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { npmTarball } from "../../../test/support/archives.ts";
import { malicious, publishNpm } from "../../../test/support/publish.ts";
import { testGate } from "../../../test/support/test-gate.ts";
import { createToken } from "../../accounts/tokens.ts";

const harmless = (name: string, version = "1.0.0") =>
  npmTarball({ name, version, files: { "index.js": "module.exports = 1;\n" } });

async function openApi(context: TestContext, options: Parameters<typeof testGate>[1] = {}) {
  const gate = await testGate(context, options);
  const { secret } = await createToken(gate.app, { name: "root", kind: "admin", createdBy: "test" });
  const call = async (method: string, path: string, body?: unknown, token: string | undefined = secret.reveal()) => {
    const answer = await fetch(`${gate.url}/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && token !== "" && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return { gate, call };
}

test("every call that changes something needs an administrator's token", async (context) => {
  const { gate, call } = await openApi(context);
  const { secret } = await createToken(gate.app, { name: "ada", kind: "person", createdBy: "test" });
  const document = (await call("GET", "/openapi.json")).body as { paths: Record<string, Record<string, unknown>> };
  const changing = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== "get")
      .map((method) => [method.toUpperCase(), path.replace("/api/v1", "").replace(/\{\w+\}/g, "1")] as const),
  );
  assert.ok(changing.length >= 6);
  for (const [method, path] of changing) {
    assert.equal((await call(method, path, {}, "")).status, 401, `${method} ${path} without a token`);
    assert.equal(
      (await call(method, path, {}, secret.reveal())).status,
      403,
      `${method} ${path} with a person's token`,
    );
  }
});

test("a body that does not fit its schema is refused with the place", async (context) => {
  const { call } = await openApi(context);
  const answer = await call("POST", "/exceptions", { purl: 7 });
  assert.equal(answer.status, 400);
  assert.match(answer.body.title, /body\.purl/);
});

test("an exception lets one version through until it is ended", async (context) => {
  const { gate, call } = await openApi(context, { config: { policy: { deny: [] } } });
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd") });
  const file = "/npm/odd/-/odd-1.0.0.tgz";
  assert.equal((await gate.get(file)).status, 403);
  const expiresAt = gate.app.clock() + 86_400_000;
  const made = await call("POST", "/exceptions", {
    purl: "pkg:npm/odd@1.0.0",
    detector: "*",
    reason: "looked at it",
    expiresAt,
  });
  assert.equal(made.status, 201);
  assert.equal((await gate.get(file)).status, 200);
  assert.equal((await call("DELETE", `/exceptions/${made.body.id}`)).status, 204);
  assert.equal((await gate.get(file)).status, 403);
});

test("an exception ends by itself", async (context) => {
  const { gate, call } = await openApi(context);
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd") });
  const file = "/npm/odd/-/odd-1.0.0.tgz";
  const expiresAt = gate.app.clock() + 86_400_000;
  await call("POST", "/exceptions", { purl: "pkg:npm/odd@1.0.0", detector: "*", reason: "looked at it", expiresAt });
  assert.equal((await gate.get(file)).status, 200);
  gate.app.passTime(2 * 86_400_000);
  assert.equal((await gate.get(file)).status, 403);
});

test("an exception without version, reason or end is refused", async (context) => {
  const { gate, call } = await openApi(context);
  const good = { purl: "pkg:npm/odd@1.0.0", detector: "*", reason: "looked at it", expiresAt: gate.app.clock() + 1000 };
  for (const bad of [
    { purl: "pkg:npm/odd" },
    { purl: "pkg:npm/@x/*" },
    { reason: " " },
    { expiresAt: gate.app.clock() - 1 },
    { feed: "nowhere" },
  ])
    assert.ok(
      [400, 404].includes((await call("POST", "/exceptions", { ...good, ...bad })).status),
      JSON.stringify(bad),
    );
});

test("a known-malware advisory withholds what was offered a moment ago, and its withdrawal offers it again", async (context) => {
  const { gate, call } = await openApi(context, {
    config: { advisories: [{ name: "own", kind: "osv", location: "not-there.json", every: "1d" }] },
  });
  const list = join(gate.app.config.data, "list.json");
  (gate.app.config.advisories[0] as { location: string }).location = list;
  publishNpm(gate.upstream, "turned", { "1.0.0": harmless("turned") });
  const file = "/npm/turned/-/turned-1.0.0.tgz";
  assert.equal((await gate.get(file)).status, 200);
  const record = {
    id: "MAL-2026-1",
    modified: "2026-01-15T00:00:00Z",
    affected: [{ package: { ecosystem: "npm", name: "turned" }, versions: ["1.0.0"] }],
  };
  writeFileSync(list, JSON.stringify([record]));
  assert.equal((await call("POST", "/advisories/sources/own/sync", {})).status, 200);
  const refused = await gate.get(file);
  assert.equal(refused.status, 403);
  assert.match(refused.statusText, /known malware \(MAL-2026-1, own\)/);
  writeFileSync(list, JSON.stringify([{ ...record, withdrawn: "2026-01-16T00:00:00Z" }]));
  await call("POST", "/advisories/sources/own/sync", {});
  assert.equal((await gate.get(file)).status, 200);
});

test("a list that calls many projects in use malware opens its breaker and changes nothing, unless it is forced", async (context) => {
  const { gate, call } = await openApi(context, {
    config: { advisories: [{ name: "poisoned", kind: "osv", location: "not-there.json", every: "1d" }] },
  });
  const list = join(gate.app.config.data, "list.json");
  (gate.app.config.advisories[0] as { location: string }).location = list;
  const names = Array.from({ length: 6 }, (_, index) => `popular-${index}`);
  for (const name of names) {
    publishNpm(gate.upstream, name, { "1.0.0": harmless(name) });
    assert.equal((await gate.get(`/npm/${name}/-/${name}-1.0.0.tgz`)).status, 200);
  }
  const records = names.map((name, index) => ({
    id: `MAL-2026-${index}`,
    modified: "2026-01-15T00:00:00Z",
    affected: [{ package: { ecosystem: "npm", name }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] }],
  }));
  writeFileSync(list, records.map((record) => JSON.stringify(record)).join("\n"));
  const synced = await call("POST", "/advisories/sources/poisoned/sync", {});
  assert.match(synced.body.tripped, /6 of the 6 projects/);
  assert.equal((await gate.get("/npm/popular-0/-/popular-0-1.0.0.tgz")).status, 200);
  const { body } = await call("GET", "/advisories/sources");
  assert.match(body.sources[0].tripped, /malware/);
  assert.equal((await call("POST", "/advisories/sources/poisoned/sync", { force: true })).body.tripped, undefined);
});

test("replay tells what another policy would have withheld, and who asked for it", async (context) => {
  const { gate, call } = await openApi(context);
  publishNpm(gate.upstream, "plain", { "1.0.0": harmless("plain") });
  publishNpm(gate.upstream, "other", { "1.0.0": harmless("other") });
  for (const name of ["plain", "plain", "other"]) await gate.get(`/npm/${name}/-/${name}-1.0.0.tgz`);
  const { body } = await call("POST", "/policy/replay", { since: 0, changes: { deny: ["pkg:npm/plain"] } });
  assert.equal(body.requests, 3);
  assert.deepEqual(
    body.withheld.map(({ purl, code, requests, subjects }: Record<string, unknown>) => ({
      purl,
      code,
      requests,
      subjects,
    })),
    [{ purl: "pkg:npm/plain@1.0.0", code: "denied", requests: 2, subjects: ["anonymous"] }],
  );
  assert.deepEqual(body.offered, []);
});

test("a release's standing, verdict and findings are told", async (context) => {
  const { gate, call } = await openApi(context);
  publishNpm(gate.upstream, "@scope/plain", { "1.0.0": harmless("@scope/plain") });
  const before = await call("GET", "/feeds/default/npm/projects/@scope%2Fplain?version=1.0.0");
  assert.equal(before.body.artifacts[0].state, "pending");
  await gate.get("/npm/@scope%2fplain/-/plain-1.0.0.tgz");
  const after = await call("GET", "/feeds/default/npm/projects/@scope%2Fplain");
  assert.deepEqual([after.body.artifacts[0].state, after.body.artifacts[0].verdict.word], ["visible", "clean"]);
});

test("tokens are created once, used, listed without their secret and revoked", async (context) => {
  const { gate, call } = await openApi(context, { config: { anonymous_reading: false } });
  const made = await call("POST", "/tokens", { name: "web-ci", kind: "ci" });
  assert.equal(made.status, 201);
  assert.equal((await call("GET", "/whoami", undefined, made.body.secret)).body.name, "ci:web-ci");
  assert.ok(!JSON.stringify((await call("GET", "/tokens")).body).includes(made.body.secret));
  assert.equal((await call("DELETE", "/tokens/web-ci")).status, 204);
  assert.equal((await call("GET", "/whoami", undefined, made.body.secret)).status, 401);
  assert.equal((await gate.get("/npm/absent")).status, 401);
});

test("who recorded an exception is told to those who say who they are", async (context) => {
  const { gate, call } = await openApi(context);
  const expiresAt = gate.app.clock() + 1000;
  await call("POST", "/exceptions", { purl: "pkg:npm/odd@1.0.0", detector: "*", reason: "looked at it", expiresAt });
  const authorFor = async (token?: string) =>
    (await call("GET", "/exceptions", undefined, token)).body.exceptions[0].author;
  assert.equal(await authorFor(""), "");
  assert.equal(await authorFor(), "admin:root");
});

test("the rules of a policy, which may hold private names, are told to those who say who they are", async (context) => {
  const { call } = await openApi(context, { config: { policy: { allow: ["pkg:npm/@hush/*"], cooldown: "2d" } } });
  const told = async (token?: string) => JSON.stringify((await call("GET", "/policy", undefined, token)).body);
  assert.match(await told(), /@hush/);
  const anonymous = await told("");
  assert.doesNotMatch(anonymous, /hush/);
  assert.match(anonymous, /"cooldown":"2d"/);
});

test("what may be secret in the address of a list is told to nobody", async (context) => {
  const location = "https://reader:hush@lists.example.invalid/osv.json?key=hush#hush";
  const { gate, call } = await openApi(context);
  const source = {
    name: "paid",
    kind: "osv",
    location,
    tripped: null,
    tripped_at: null,
    imported_at: null,
    entries: 0,
  } as const;
  await gate.app.database.insertInto("advisory_sources").values(source).execute();
  const { body } = await call("GET", "/advisories/sources");
  assert.equal(body.sources[0].location, "https://lists.example.invalid/osv.json");
});
