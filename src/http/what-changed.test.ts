import assert from "node:assert/strict";
import { test } from "node:test";
import { npmTarball, nupkg, sdist } from "../../test/support/archives.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { publishNuGet, publishNuGetServices } from "../../test/support/publish-nuget.ts";
import { publishPypi, pureWheel } from "../../test/support/publish-pypi.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";
import { readSurroundings } from "../inspection/assess.ts";

/** What is recorded about one file: what comparisons saw, the version compared with, and how far the surroundings raised the score. */
async function assessed(gate: TestGate, filename: string) {
  const row = await gate.app.database
    .selectFrom("assessments")
    .innerJoin("artifacts", "artifacts.id", "artifact_id")
    .select(["word", "score", "inputs", "inputs_hash", "verdict"])
    .where("filename", "=", filename)
    .executeTakeFirstOrThrow();
  const { findings, before } = readSurroundings(row);
  return { ...row, before, seen: [...new Set(findings.map(({ detector }) => detector))] };
}

const npm = (version: string, files: Record<string, string>, manifest: object = {}) =>
  npmTarball({ name: "grows", version, files, manifest });

test("a release of npm is compared with the one before from what is kept of it, and nothing is fetched again", async (context) => {
  const gate = await testGate(context);
  const first = npm("1.0.0", { "index.js": "module.exports = 1;\n" });
  const collect = "require('child_process').execSync('node-gyp rebuild');\n";
  const hook = { scripts: { postinstall: "node setup.js" }, dependencies: { helper: "^1.0.0" } };
  const second = npm("1.1.0", { "index.js": "fetch('https://new.example.invalid/x');\n", "setup.js": collect }, hook);
  const manifests = { "1.0.0": { _npmUser: { name: "ada" } }, "1.1.0": { _npmUser: { name: "eve" } } };
  publishNpm(gate.upstream, "grows", { "1.0.0": first, "1.1.0": second }, {}, manifests);
  assert.equal((await gate.get("/npm/grows/-/grows-1.0.0.tgz")).status, 200);
  const fetched = gate.upstream.count("/npm/grows/-/grows-1.0.0.tgz");
  await gate.get("/npm/grows/-/grows-1.1.0.tgz");
  const { before, seen } = await assessed(gate, "grows-1.1.0.tgz");
  assert.equal(before, "1.0.0");
  assert.deepEqual(seen, [
    "adds-dependency",
    "adds-host",
    "adds-install-code",
    "adds-install-hook",
    "changes-publisher",
    "manifest-differs-from-index",
  ]);
  assert.equal(gate.upstream.count("/npm/grows/-/grows-1.0.0.tgz"), fetched);
  const page = await (await gate.get("/why/default/npm/grows/grows-1.1.0.tgz")).text();
  assert.match(page, /compared with version 1\.0\.0[\s\S]*postinstall is new: node setup\.js/);
  assert.match(page, /prior[\s\S]*a probability of 0\.\d{3}/);
});

test("changes alone withhold nothing, and a release without a known one before is judged by itself", async (context) => {
  const gate = await testGate(context);
  const files = { "index.js": "module.exports = 1;\n", "build.js": "console.log('built');\n" };
  const hooked = npm("1.1.0", files, { scripts: { postinstall: "node build.js" } });
  publishNpm(gate.upstream, "grows", { "1.0.0": npm("1.0.0", {}), "1.1.0": hooked });
  assert.equal((await gate.get("/npm/grows/-/grows-1.1.0.tgz")).status, 200);
  assert.equal((await assessed(gate, "grows-1.1.0.tgz")).before, undefined);
  publishNpm(gate.upstream, "calm", { "1.0.0": npm("1.0.0", {}), "1.1.0": hooked });
  assert.equal((await gate.get("/npm/calm/-/calm-1.0.0.tgz")).status, 200);
  assert.equal((await gate.get("/npm/calm/-/calm-1.1.0.tgz")).status, 200);
  const calm = await assessed(gate, "calm-1.1.0.tgz");
  assert.ok(calm.seen.includes("adds-install-hook"));
  assert.equal(calm.word, "clean");
});

test("a wheel is compared with the wheel before, and with its own source where that was inspected", async (context) => {
  const gate = await testGate(context);
  const [first, second] = [pureWheel("grows", "1.0", "A = 1\n"), pureWheel("grows", "1.1", "A = 2\n", ["helper>=1"])];
  const bytes = sdist({
    name: "grows",
    version: "1.1",
    files: { "pyproject.toml": "", "grows/__init__.py": "A = 3\n" },
  });
  const source = { filename: "grows-1.1.tar.gz", version: "1.1", bytes };
  publishPypi(gate.upstream, "grows", [first, source, second]);
  for (const { filename } of [first, source, second])
    assert.equal((await gate.get(`/pypi/files/grows/${filename}`)).status, 200);
  const { before, seen } = await assessed(gate, second.filename);
  assert.equal(before, "1.0");
  assert.deepEqual(seen, ["adds-dependency", "differs-from-sdist"]);
});

test("a release of NuGet is compared with the one before", async (context) => {
  const gate = await testGate(context);
  publishNuGetServices(gate.upstream);
  const version = (one: string, files: Record<string, string>) => ({
    bytes: nupkg({ name: "Grows", version: one, files }),
    dependencies: {},
  });
  publishNuGet(gate.upstream, "Grows", {
    "1.0.0": version("1.0.0", { "content/a.txt": "a" }),
    "1.1.0": version("1.1.0", { "content/a.txt": "a", "tools/init.ps1": "Write-Host 'hello'\n" }),
  });
  const get = (one: string) => gate.get(`/nuget/v3/flat/grows/${one}/grows.${one}.nupkg`);
  await get("1.0.0");
  await get("1.1.0");
  const rows = await gate.app.database.selectFrom("artifacts").select("filename").execute();
  assert.equal(rows.length, 2, "both were fetched");
  const { before, seen } = await assessed(gate, "grows.1.1.0.nupkg");
  assert.equal(before, "1.0.0");
  assert.deepEqual(seen, ["adds-install-code", "adds-install-hook"]);
});
