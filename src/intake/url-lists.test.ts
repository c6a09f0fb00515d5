import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";

const path = (name: string) => `/npm/${name}/-/${name}-1.0.0.tgz`;

/** A gate with an URL list that a test rewrites, and packages that refer to addresses. */
async function open(context: TestContext) {
  const gate = await testGate(context, {
    config: { advisories: [{ name: "urls", kind: "urlhaus", location: "not-there.txt", every: "1d" }] },
  });
  const list = join(gate.app.config.data, "urls.txt");
  (gate.app.config.advisories[0] as { location: string }).location = list;
  return {
    gate,
    async status(name: string) {
      return (await gate.get(path(name))).status;
    },
    async publish(name: string, url: string, published = "2025-01-01T00:00:00.000Z") {
      const files = { "index.js": `module.exports = "${url}";\n` };
      publishNpm(
        gate.upstream,
        name,
        { "1.0.0": npmTarball({ name, version: "1.0.0", files }) },
        { "1.0.0": published },
      );
      return (await gate.get(path(name))).status;
    },
    async sync(lines: readonly string[], force = false) {
      writeFileSync(list, lines.join("\n"));
      const told = await gate.intake.advisoryLists.sync("urls", { force });
      await gate.app.drain();
      return told;
    },
  };
}

async function breaker(gate: TestGate): Promise<string | undefined> {
  const metrics = await (await gate.get("/metrics")).text();
  return /portcullis_advisory_breakers_open\{source="urls"\} (\d)/.exec(metrics)?.[1];
}

test("an address that is listed later reaches the files assessed before, and its end too", async (context) => {
  const { publish, status, sync } = await open(context);
  assert.equal(await publish("calls", "https://evil.example.invalid/x"), 200);
  assert.equal(await publish("plain", "https://other.example.invalid/x"), 200);
  assert.equal((await sync(["evil.example.invalid"])).tripped, undefined);
  assert.deepEqual([await status("calls"), await status("plain")], [403, 200]);
  await sync([]);
  assert.equal(await status("calls"), 200);
});

test("an address that established projects refer to does not count, is told of, and the list's others do", async (context) => {
  const { gate, publish, status, sync } = await open(context);
  for (const name of ["one", "two", "three"])
    assert.equal(await publish(name, `https://forge.example.invalid/${name}`), 200);
  assert.equal(await publish("calls", "https://evil.example.invalid/x"), 200);
  const lines = ["forge.example.invalid", "https://evil.example.invalid/x"];
  const told = await sync(lines);
  assert.match(told.tripped!, /1 of its 2 addresses do not count.*\(forge\.example\.invalid\)/);
  assert.deepEqual([await status("one"), await status("calls")], [200, 403]);
  assert.equal(await publish("newer", "https://forge.example.invalid/newer"), 200);
  assert.equal(await breaker(gate), "1");
  await sync(lines);
  const events = await gate.app.database.selectFrom("events").selectAll().where("kind", "=", "breaker").execute();
  assert.equal(events.length, 1, "the same reading again is told once");

  assert.equal((await sync(lines, true)).tripped, undefined);
  assert.equal(await status("one"), 403);
  assert.equal(await breaker(gate), "0");
  assert.equal((await sync(lines)).tripped, undefined, "what was forced stays believed");
  assert.equal(await status("one"), 403);
});

test("an address that was listed before anything was known stops counting once established projects refer to it", async (context) => {
  const { publish, status, sync } = await open(context);
  const lines = ["forge.example.invalid"];
  await sync(lines);
  for (const name of ["one", "two", "three"])
    assert.equal(await publish(name, `https://forge.example.invalid/${name}`), 403);
  await sync(lines);
  assert.equal(await status("one"), 200);
});

test("projects that are young do not vouch for an address", async (context) => {
  const { publish, status, sync } = await open(context);
  for (const name of ["one", "two", "three", "four"])
    await publish(name, `https://evil.example.invalid/${name}`, "2026-01-10T00:00:00.000Z");
  assert.equal((await sync(["evil.example.invalid"])).tripped, undefined);
  assert.equal(await status("one"), 403);
});

test("a reading that withholds many established projects does not count, and what was said before does", async (context) => {
  const { gate, publish, status, sync } = await open(context);
  const names = Array.from({ length: 6 }, (_, index) => `project-${index}`);
  for (const name of names) await publish(name, `https://${name}.example.invalid/`);
  await publish("calls", "https://evil.example.invalid/x");
  await sync(["evil.example.invalid"]);
  const poisoned = names.map((name) => `${name}.example.invalid`);
  const told = await sync(poisoned);
  assert.match(told.tripped!, /withholds 6 of the 7 established projects/);
  assert.deepEqual([await status("project-0"), await status("calls")], [200, 403]);
  assert.equal(await breaker(gate), "1");
  assert.equal((await sync(poisoned, true)).tripped, undefined);
  assert.deepEqual([await status("project-0"), await status("calls")], [403, 200]);
});
