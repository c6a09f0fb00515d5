import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";

/** A gate that has read a list with these `affected` entries, one record each. */
async function openWith(context: TestContext, affected: Readonly<Record<string, object>>): Promise<TestGate> {
  const gate = await testGate(context, {
    config: { advisories: [{ name: "list", kind: "osv", location: "not-there.jsonl", every: "1d" }] },
  });
  const at = "2026-01-10T00:00:00Z";
  const records = Object.entries(affected).map(([id, one]) =>
    JSON.stringify({ id, modified: at, published: at, summary: `About ${id}`, affected: [one] }),
  );
  const location = join(gate.app.config.data, "list.jsonl");
  writeFileSync(location, records.join("\n"));
  (gate.app.config.advisories[0] as { location: string }).location = location;
  await gate.intake.advisoryLists.sync("list", { force: true });
  return gate;
}

async function audit(gate: TestGate, installed: object): Promise<Record<string, { url: string }[]>> {
  const answer = await fetch(`${gate.url}/npm/-/npm/v1/security/advisories/bulk`, {
    method: "POST",
    body: JSON.stringify(installed),
    headers: { "content-type": "application/json" },
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Record<string, { url: string }[]>;
}

test("the audit answers for packages that are called like what every object has", async (context) => {
  const names = ["constructor", "toString", "hasOwnProperty"];
  const record = (name: string) => ({ package: { ecosystem: "npm", name }, versions: ["1.0.0"] });
  const gate = await openWith(context, Object.fromEntries(names.map((name) => [`MAL-${name}`, record(name)])));
  const answer = await audit(gate, Object.fromEntries(names.map((name) => [name, ["1.0.0"]])));
  assert.deepEqual(Object.keys(answer).sort(), [...names].sort());
});

test("the link that an audit prints for an advisory without an address leads to a page about it", async (context) => {
  const gate = await openWith(context, {
    "MAL-2026-1": { package: { ecosystem: "npm", name: "<b>bad" }, versions: ["1.0.0"] },
    "MAL-2026-2": { package: { ecosystem: "npm", name: "bad" }, versions: ["1.0.0", "1.0.1"] },
  });
  const [one] = (await audit(gate, { bad: ["1.0.1"] }))["bad"]!;
  const page = await fetch(one!.url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /MAL-2026-2.*About MAL-2026-2.*pkg:npm\/bad.*1\.0\.0, 1\.0\.1/s);
  assert.equal((await gate.get("/why/advisory/MAL-2026-9")).status, 404);
});

test("NuGet's clients are told exactly the versions and ranges that a list names, and not those after", async (context) => {
  const nuget = (name: string, more: object) => ({ package: { ecosystem: "NuGet", name }, ...more });
  const events = (...all: object[]) => ({ ranges: [{ type: "ECOSYSTEM", events: all }] });
  const gate = await openWith(context, {
    "GHSA-1": nuget("Exact.Lib", { versions: ["1.0.0", "1.0.2"] }),
    "GHSA-2": nuget("Fixed.Lib", events({ introduced: "0" }, { fixed: "2.0.1" })),
    "GHSA-3": nuget("Last.Lib", events({ introduced: "1.0.0" }, { last_affected: "1.5.0" })),
    "GHSA-4": nuget("Open.Lib", events({ introduced: "3.0.0" })),
  });
  const file = await (await gate.get("/nuget/v3/vulnerabilities/portcullis.json")).json();
  const told = Object.entries(file as Record<string, { versions: string }[]>).map(([name, entries]) => [
    name,
    entries.map(({ versions }) => versions),
  ]);
  assert.deepEqual(Object.fromEntries(told), {
    "exact.lib": ["[1.0.2]", "[1.0.0]"],
    "fixed.lib": ["(,2.0.1)"],
    "last.lib": ["[1.0.0,1.5.0]"],
    "open.lib": ["[3.0.0,)"],
  });
});
