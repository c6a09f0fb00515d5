import assert from "node:assert/strict";
import { test } from "node:test";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 15, 12);
const iso = (time: number) => new Date(time).toISOString();

/** An npm package with the versions given, all of one claimed publish time, or none. */
function publishNpm(gate: TestGate, versions: readonly string[], time?: string): void {
  const dist = (version: string) => ({ tarball: `${gate.upstream.url}/npm/aged/-/aged-${version}.tgz` });
  const body = JSON.stringify({
    name: "aged",
    "dist-tags": { latest: versions.at(-1) },
    versions: Object.fromEntries(
      versions.map((version) => [version, { name: "aged", version, dist: dist(version) }] as const),
    ),
    ...(time && { time: Object.fromEntries(["created", ...versions].map((version) => [version, time])) }),
  });
  gate.upstream.say("/npm/aged", { headers: { "content-type": "application/json" }, body });
}

function publishPypi(gate: TestGate, versions: readonly string[], time?: string): void {
  const files = versions.map((version) => ({
    filename: `aged-${version}.tar.gz`,
    url: `${gate.upstream.url}/files/aged-${version}.tar.gz`,
    hashes: { sha256: version.replace(/\D/g, "").padStart(64, "0") },
    ...(time && { "upload-time": time }),
  }));
  const body = JSON.stringify({ meta: { "api-version": "1.0" }, name: "aged", files });
  gate.upstream.say("/simple/aged/", { headers: { "content-type": "application/vnd.pypi.simple.v1+json" }, body });
}

async function npmTimes(gate: TestGate, accept: string): Promise<Record<string, string>> {
  const answer = await gate.get("/npm/aged", { accept });
  return ((await answer.json()) as { time: Record<string, string> }).time;
}

async function pypiTimes(gate: TestGate): Promise<Record<string, string>> {
  const answer = await gate.get("/pypi/simple/aged/", { accept: "application/vnd.pypi.simple.v1+json" });
  const { files } = (await answer.json()) as { files: { filename: string; "upload-time": string }[] };
  return Object.fromEntries(files.map((file) => [file.filename, file["upload-time"]]));
}

const FORMS = ["application/json", "application/vnd.npm.install-v1+json"];

test("an npm upstream without times gets those of our first sight, in both forms of the packument", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate, ["1.0.0", "1.1.0"]);
  for (const form of FORMS) {
    const time = await npmTimes(gate, form);
    assert.deepEqual([time["1.0.0"], time["1.1.0"], time["modified"]], Array(3).fill(iso(START)), form);
  }
  gate.app.passTime(HOUR);
  publishNpm(gate, ["1.0.0", "1.1.0", "1.2.0"]);
  for (const form of FORMS) {
    const time = await npmTimes(gate, form);
    assert.deepEqual(
      [time["1.1.0"], time["1.2.0"], time["modified"]],
      [iso(START), ...Array(2).fill(iso(START + HOUR))],
    );
  }
});

test("a PyPI upstream without upload times gets those of our first sight", async (context) => {
  const gate = await testGate(context);
  publishPypi(gate, ["1.0"]);
  assert.equal(Date.parse((await pypiTimes(gate))["aged-1.0.tar.gz"]!), START);
  gate.app.passTime(HOUR);
  publishPypi(gate, ["1.0", "1.1"]);
  const times = await pypiTimes(gate);
  assert.equal(Date.parse(times["aged-1.0.tar.gz"]!), START);
  assert.equal(Date.parse(times["aged-1.1.tar.gz"]!), START + HOUR);
});

test("times of an upstream that is not believed reach no client", async (context) => {
  const upstreams = (gate: { url: string }) => [
    { name: "npm", ecosystem: "npm" as const, url: `${gate.url}/npm/`, trust_times: false },
    { name: "pypi", ecosystem: "pypi" as const, url: `${gate.url}/simple/`, trust_times: false },
  ];
  const gate = await testGate(context, { upstreams });
  publishNpm(gate, ["1.0.0"], "2001-01-01T00:00:00.000Z");
  publishPypi(gate, ["1.0"], "2001-01-01T00:00:00.000000Z");
  for (const form of FORMS) {
    const time = await npmTimes(gate, form);
    assert.deepEqual(time, { created: iso(START), modified: iso(START), "1.0.0": iso(START) }, form);
  }
  assert.equal(Date.parse((await pypiTimes(gate))["aged-1.0.tar.gz"]!), START);
});

test("a release that is back-dated by its upstream waits for its cooldown from our first sight on", async (context) => {
  const gate = await testGate(context, { config: { policy: { cooldown: "3d" } } });
  publishNpm(gate, ["1.0.0"], "2024-01-01T00:00:00.000Z");
  await npmTimes(gate, FORMS[0]!);
  gate.app.passTime(HOUR);
  publishNpm(gate, ["1.0.0", "1.1.0"], "2024-01-01T00:00:00.000Z");
  const answer = await gate.get("/npm/aged", { accept: FORMS[1]! });
  const { "dist-tags": tags } = (await answer.json()) as { "dist-tags": { latest: string } };
  assert.equal(tags.latest, "1.0.0");
});
