import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { npmTarball, wheel } from "../../test/support/archives.ts";
import { type FakeUpstream, fakeUpstream } from "../../test/support/fake-upstream.ts";
import { temporaryFolder } from "../../test/support/folders.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { publishPypi } from "../../test/support/publish-pypi.ts";
import { runCommand } from "../../test/support/run-command.ts";
import { lookalikesOf } from "../inspection/names/index.ts";
import { builtInList } from "../inspection/names/popular.ts";
import { keptList, useKeptLists } from "./names/kept.ts";
import { names } from "./names.ts";

const DAY = 86_400;

function publish(upstream: FakeUpstream, npm: readonly string[], pypi: readonly string[]): void {
  const top = `export const top = [\n${npm.map((name) => `  '${name}',\n`).join("")}]\n`;
  const tarball = npmTarball({ name: "npm-high-impact", version: "2.0.0", files: { "lib/top.js": top } });
  publishNpm(upstream, "npm-high-impact", { "2.0.0": tarball });
  const packages = { downloaded_timestamp: DAY * 30_000, packages: pypi };
  const path = "guarddog/analyzer/metadata/resources/top_pypi_packages.json";
  const bytes = wheel({ name: "guarddog", version: "9.0", files: { [path]: JSON.stringify(packages) } });
  publishPypi(upstream, "guarddog", [{ filename: "guarddog-9.0-py3-none-any.whl", version: "9.0", bytes }]);
}

test("lists are taken out of the packages that carry them, checked, kept with their day, and used from the next start on", async (t) => {
  const upstream = await fakeUpstream(t);
  const data = temporaryFolder();
  const own = (ecosystem: "npm" | "pypi") => builtInList(ecosystem).names.split(" ");
  publish(upstream, [...own("npm"), "wholly-new-thing"], [...own("pypi"), "Wholly_New.Thing"]);
  const from = ["--upstream-npm", `${upstream.url}/npm/`, "--upstream-pypi", `${upstream.url}/simple/`, "--data", data];
  const refreshed = await runCommand(names, "names", "refresh", ...from);
  assert.equal(refreshed.stderr, "");
  assert.equal(refreshed.code, 0);
  assert.match(refreshed.stdout, /^pypi: \d+ names of 2052-02-20 from guarddog 9\.0$/m);
  assert.equal((await keptList(data, "npm"))?.source, "npm-high-impact 2.0.0");
  assert.match(
    (await runCommand(names, "names", "--data", data)).stdout,
    /^pypi +2052-02-20 +\d+ +guarddog 9\.0 +Apache-2\.0$/m,
  );
  assert.equal(lookalikesOf("pypi").isPopular("wholly-new-thing"), false);
  assert.deepEqual(await useKeptLists(data), []);
  assert.equal(lookalikesOf("pypi").isPopular("wholly-new-thing"), true);
});

test("a list that has little in common with the one in use is not believed, a damaged one is not used", async (t) => {
  const upstream = await fakeUpstream(t);
  const data = temporaryFolder();
  const strange = Array.from({ length: 500 }, (_, at) => `strange-${at}`);
  publish(upstream, strange, strange);
  const from = ["--upstream-npm", `${upstream.url}/npm/`, "--upstream-pypi", `${upstream.url}/simple/`, "--data", data];
  const refused = await runCommand(names, "names", "refresh", ...from);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /npm-high-impact: it has only 0 of the 1000 best-known names of the list in use/);
  assert.equal(await keptList(data, "npm"), undefined);
  assert.equal((await runCommand(names, "names", "refresh", "--force", ...from)).code, 0);
  await writeFile(join(data, "names", "npm.json"), "{}");
  const [wrong, ...others] = await useKeptLists(data);
  assert.match(wrong!, /popular npm names .* is not used: ecosystem/);
  assert.deepEqual(others, []);
});

test("every list that comes with the program says what it was made from and of which day it is", async () => {
  const { stdout } = await runCommand(names, "names", "list", "--data", temporaryFolder());
  assert.match(stdout, /^npm +2026-\d\d-\d\d +\d+ +npm-high-impact [\d.]+ +MIT$/m);
  assert.match(stdout, /^nuget +2026-\d\d-\d\d +\d+ +chosen by hand/m);
});
