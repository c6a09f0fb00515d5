import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeMachine } from "../../test/support/fake-clients.ts";
import { fakeUpstream } from "../../test/support/fake-upstream.ts";
import { runCommand } from "../../test/support/run-command.ts";
import { testGate } from "../../test/support/test-gate.ts";
import type { ClientReport, Report } from "./doctor/report.ts";
import { doctor } from "./doctor.ts";

/** A gate, a machine, another registry that is not the gate, and doctor between them. */
async function openWard(context: TestContext, options: Parameters<typeof testGate>[1] = {}) {
  const gate = await testGate(context, options);
  const other = await fakeUpstream(context);
  const machine = fakeMachine(context);
  const run = (...args: readonly string[]) =>
    runCommand(doctor, "doctor", machine.project, "--url", gate.url, "--data", gate.app.config.data, ...args);
  const examine = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run("--json", ...args);
    assert.equal(stderr, "");
    const report = JSON.parse(stdout) as Report;
    return { code, report, of: (name: string) => report.clients.find(({ client }) => client === name) };
  };
  return { gate, other, machine, run, examine };
}

const npmSays = (settings: Readonly<Record<string, string>>) => ({
  "config list --json": JSON.stringify({ "replace-registry-host": "npmjs", ...settings }),
});

/** Verdict, address and place of each source, as one line. */
function sourcesOf(report: ClientReport | undefined): string[] {
  return (report?.sources ?? []).map(({ verdict, what, url, from }) => `${verdict}: ${what} ${url} (${from})`);
}

test("a client whose registry is the gate is through, proven by the gate's own header, and the exit code is 0", async (context) => {
  const { gate, machine, run, examine } = await openWard(context);
  machine.client("npm", npmSays({ registry: `${gate.url}/npm/` }));
  machine.client("pip", { "config debug": `env_var:\n  PIP_INDEX_URL='${gate.url}/pypi/simple'\n` });
  machine.set({ PIP_INDEX_URL: `${gate.url}/pypi/simple` });
  const { code, report, of } = await examine();
  assert.deepEqual([code, report.verdict], [0, "through"]);
  assert.equal(of("npm")?.sources[0]?.feed, "default/npm");
  assert.equal(of("pip")?.sources[0]?.feed, "default/pypi");
  const { stdout } = await run();
  assert.match(stdout, /^ {2}through {3}npm: registry http.*, feed default\/npm$/m);
  assert.match(stdout, /Every client here goes through the gate\.\n$/);
});

test("a registry that answers like one but is not the gate is a bypass, with the command that fixes it", async (context) => {
  const { gate, other, machine, run, examine } = await openWard(context);
  other.say("/abbrev", { headers: { "content-type": "application/json" }, body: "{}" });
  machine.client("npm", npmSays({ registry: `${other.url}/` }));
  const { code, of } = await examine();
  assert.deepEqual([code, of("npm")?.verdict], [1, "bypasses"]);
  assert.deepEqual(of("npm")?.sources[0]?.fix, `npm config set registry ${gate.url}/npm/`);
  assert.equal(of("npm")?.sources[0]?.why, "it answers 200, and not as the gate");
  assert.match((await run()).stdout, /^ {12}fix: npm config set registry http/m);
});

test("a gate address of another ecosystem is a bypass, because the client does not speak it", async (context) => {
  const { gate, machine, examine } = await openWard(context);
  machine.client("npm", npmSays({ registry: `${gate.url}/nuget/` }));
  const { of } = await examine();
  assert.match(of("npm")?.sources[0]?.why ?? "", /it is the gate's address for default\/nuget, not for npm/);
});

test("pnpm from version 11 on ignores npm's variable, and doctor says so; version 10 obeys it", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  machine.set({ npm_config_registry: `${gate.url}/npm/` });
  machine.client("pnpm", { "--version": "11.28.11\n", "config get registry": `${other.url}/\n` });
  const modern = await examine();
  assert.deepEqual(sourcesOf(modern.of("pnpm")), [`bypasses: registry ${other.url}/ (pnpm config get registry)`]);
  assert.deepEqual(modern.of("pnpm")?.notes, [
    "pnpm 11 ignores the variable npm_config_registry; it reads pnpm_config_registry",
  ]);
  machine.client("pnpm", { "--version": "10.34.9\n", "config get registry": `${gate.url}/npm/\n` });
  assert.equal((await examine()).of("pnpm")?.verdict, "through");
});

test("a project's settings count before the user's, and its scopes beside them", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  const rc = machine.write("project/.npmrc", `registry=${other.url}/\n@corp:registry=${gate.url}/npm/\n`);
  machine.client("npm", npmSays({ registry: `${gate.url}/npm/`, "@lab:registry": `${other.url}/lab/` }));
  const { of, report } = await examine();
  assert.deepEqual(sourcesOf(of("npm")), [
    `bypasses: registry ${other.url}/ (registry in ${rc})`,
    `through: registry of @corp ${gate.url}/npm/ (@corp:registry in ${rc})`,
    `bypasses: registry of @lab ${other.url}/lab/ (npm config get @lab:registry)`,
  ]);
  // told with the client already
  assert.deepEqual(report.files, []);
});

test("every index that pip asks counts, and a folder of wheels is told", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  const conf = join(machine.home, "pip.conf");
  const debug = `env_var:
  PIP_FIND_LINKS='/opt/wheels'
global:
  /etc/pip.conf, exists: True
    global.index-url: ${other.url}/simple
user:
  ${conf}, exists: True
    global.extra-index-url: ${gate.url}/f/none/pypi/simple
      ${other.url}/extra
    global.index-url: ${gate.url}/pypi/simple
`;
  machine.client("pip", { "config debug": debug });
  const { of, report } = await examine();
  assert.deepEqual(sourcesOf(of("pip")), [
    `through: index ${gate.url}/pypi/simple (global.index-url in ${conf})`,
    `through: extra index ${gate.url}/f/none/pypi/simple (global.extra-index-url in ${conf})`,
    `bypasses: extra index ${other.url}/extra (global.extra-index-url in ${conf})`,
    "local: find-links /opt/wheels (the variable PIP_FIND_LINKS)",
  ]);
  assert.equal(of("pip")?.sources[2]?.fix, "pip config --user unset global.extra-index-url");
  assert.match(of("pip")?.notes[0] ?? "", /portcullis inspect \/opt\/wheels/);
  assert.deepEqual(report.notes, ["the gate has no feed none/pypi, so nothing can be installed from there"]);
});

test("a client that nobody configured bypasses the gate by its own default", async (context) => {
  const { gate, machine, examine } = await openWard(context);
  for (const name of ["uv", "bun", "deno"]) machine.client(name, {});
  machine.client("pip", { "config debug": "env_var:\nenv:\nglobal:\n" });
  const { code, of } = await examine();
  assert.equal(code, 1);
  for (const name of ["pip", "uv", "bun", "deno"]) assert.equal(of(name)?.verdict, "bypasses", name);
  assert.equal(of("uv")?.sources[0]?.fix?.includes(`UV_DEFAULT_INDEX`), true);
  assert.equal(of("bun")?.sources[0]?.fix, `npm config set registry ${gate.url}/npm/`);
});

test("uv takes the default of the project before the user's, and asks the further indexes of both", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  machine.client("uv", {});
  const users = machine.write(
    "home/.config/uv/uv.toml",
    `index-url = "${gate.url}/pypi/simple"\n[[index]]\nname = "lab"\nurl = "${other.url}/lab"\n`,
  );
  assert.deepEqual(sourcesOf((await examine()).of("uv")), [
    `through: index ${gate.url}/pypi/simple (index-url in ${users})`,
    `bypasses: extra index ${other.url}/lab (index lab in ${users})`,
  ]);
  const project = machine.write(
    "project/pyproject.toml",
    `[[tool.uv.index]]\nname = "p"\nurl = "${other.url}/p"\ndefault = true\n`,
  );
  assert.equal(
    sourcesOf((await examine()).of("uv"))[0],
    `bypasses: index ${other.url}/p (tool.uv.index p in ${project})`,
  );
  machine.set({ UV_DEFAULT_INDEX: `${gate.url}/pypi/simple` });
  assert.equal(
    sourcesOf((await examine()).of("uv"))[0],
    `through: index ${gate.url}/pypi/simple (the variable UV_DEFAULT_INDEX)`,
  );
});

test("Poetry is through only with a primary source, and installs nothing where there is no project of its own", async (context) => {
  const { gate, machine, examine } = await openWard(context);
  machine.client("poetry", {});
  assert.equal((await examine()).of("poetry")?.verdict, "unused");
  const source = `[[tool.poetry.source]]\nname = "portcullis"\nurl = "${gate.url}/pypi/simple/"\n`;
  machine.write("project/pyproject.toml", `[tool.poetry]\nname = "x"\n${source}`);
  assert.equal((await examine()).of("poetry")?.verdict, "through");
  machine.write("project/pyproject.toml", `[tool.poetry]\nname = "x"\n${source}priority = "supplemental"\n`);
  const beside = (await examine()).of("poetry");
  assert.deepEqual(
    [beside?.verdict, beside?.sources[0]?.url, beside?.sources[1]?.verdict],
    ["bypasses", null, "through"],
  );
});

test("PDM's project source named pypi replaces the user's setting, others are asked too", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  machine.client("pdm", {
    config: `Site/default configuration\npypi.url = ${gate.url}/pypi/simple\npypi.lab.url = ${other.url}/lab\n`,
  });
  assert.deepEqual(sourcesOf((await examine()).of("pdm")), [
    `through: index ${gate.url}/pypi/simple (pdm config pypi.url)`,
    `bypasses: extra index lab ${other.url}/lab (pdm config pypi.lab.url)`,
  ]);
  const project = machine.write(
    "project/pyproject.toml",
    `[[tool.pdm.source]]\nname = "pypi"\nurl = "${other.url}/p"\n`,
  );
  assert.equal(
    sourcesOf((await examine()).of("pdm"))[0],
    `bypasses: index ${other.url}/p (tool.pdm.source pypi in ${project})`,
  );
});

test("Yarn 1 follows npm's settings before its own, whatever its own command says", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  machine.client("yarn", { "--version": "1.22.22\n", "config get registry": `${gate.url}/npm/\n` });
  assert.equal((await examine()).of("yarn")?.verdict, "through");
  const rc = machine.write("project/.npmrc", `registry=${other.url}/\n`);
  assert.deepEqual(sourcesOf((await examine()).of("yarn")), [`bypasses: registry ${other.url}/ (registry in ${rc})`]);
});

test("Yarn 4 follows .yarnrc.yml, and plain HTTP needs its consent", async (context) => {
  const { gate, machine, examine } = await openWard(context);
  machine.client("yarn", { "--version": "4.18.1\n", "config get npmRegistryServer": "https://yarn.example.invalid\n" });
  const preset = (await examine()).of("yarn");
  assert.match(
    preset?.sources[0]?.fix ?? "",
    /npmRegistryServer http:.* && .*unsafeHttpWhitelist --json '\["127\.0\.0\.1"\]'$/,
  );
  machine.write("project/.yarnrc.yml", `npmRegistryServer: "${gate.url}/npm"\n`);
  assert.equal((await examine()).of("yarn")?.verdict, "through");
});

test("bun obeys a project's .env before its settings; deno obeys NPM_CONFIG_REGISTRY alone", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  for (const name of ["bun", "deno"]) machine.client(name, {});
  machine.write("home/.npmrc", `registry=${gate.url}/npm/\n`);
  const first = await examine();
  assert.deepEqual([first.of("bun")?.verdict, first.of("deno")?.verdict], ["through", "through"]);
  const dotEnv = machine.write("project/.env", `NPM_CONFIG_REGISTRY=${other.url}/\n`);
  const second = await examine();
  assert.deepEqual(sourcesOf(second.of("bun")), [
    `bypasses: registry ${other.url}/ (NPM_CONFIG_REGISTRY in ${dotEnv})`,
  ]);
  assert.equal(second.of("deno")?.verdict, "through");
  machine.set({ npm_config_registry: `${other.url}/` });
  assert.equal((await examine()).of("deno")?.verdict, "through");
});

test("every enabled NuGet source has to lead through the gate; what is cleared or disabled does not count", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  machine.client("dotnet", {});
  const source = (key: string, url: string) => `<add key="${key}" value="${url}" />`;
  const config = (inner: string) => `<configuration>${inner}</configuration>`;
  const users =
    process.platform === "win32" ? "home/AppData/Roaming/NuGet/NuGet.Config" : "home/.nuget/NuGet/NuGet.Config";
  const path = machine.write(
    users,
    config(
      `<packageSources>${source("gate", `${gate.url}/nuget/v3/index.json`)}${source("lab", `${other.url}/v3/index.json`)}</packageSources>`,
    ),
  );
  const both = (await examine()).of("dotnet, nuget");
  assert.deepEqual(
    both?.sources.map(({ what, verdict }) => `${what} ${verdict}`),
    ["source gate through", "source lab bypasses"],
  );
  assert.ok(
    both?.sources[1]?.fix?.startsWith(`dotnet nuget disable source lab --configfile ${path}; dotnet nuget add source`),
  );
  machine.write(
    "project/nuget.config",
    config('<disabledPackageSources><add key="lab" value="true" /></disabledPackageSources>'),
  );
  assert.equal((await examine()).of("dotnet, nuget")?.verdict, "through");
  machine.write(
    "project/nuget.config",
    config(`<packageSources><clear />${source("lab", `${other.url}/v3/index.json`)}</packageSources>`),
  );
  assert.deepEqual(
    (await examine()).of("dotnet, nuget")?.sources.map(({ what }) => what),
    ["source lab"],
  );
});

test("nothing of the project is run: clients run in the user's folder, and the project's own programs not at all", async (context) => {
  const { gate, machine, examine } = await openWard(context);
  machine.client("npm", npmSays({ registry: `${gate.url}/npm/` }));
  const bin = join(machine.project, "node_modules", ".bin");
  machine.client("pnpm", { "--version": "10.0.0\n" }, bin);
  machine.set({ PATH: [bin, join(machine.project, "..", "bin")].join(delimiter) });
  const { code, of } = await examine();
  assert.deepEqual([code, of("npm")?.verdict, of("pnpm")?.verdict], [3, "through", "unknown"]);
  assert.match(of("pnpm")?.why ?? "", /nothing of the project is run/);
  assert.deepEqual(new Set(machine.runs()), new Set([`npm in ${realpathSync(machine.home)}`]));
});

test("a client that does not answer, and settings that cannot be read, are unknown and never through", async (context) => {
  const { machine, examine } = await openWard(context);
  machine.client("npm", {});
  machine.client("uv", {});
  machine.write("home/.config/uv/uv.toml", "index-url = \n");
  const { code, of } = await examine();
  assert.deepEqual([code, of("npm")?.why], [3, "npm config list gave no answer"]);
  assert.match(of("uv")?.why ?? "", /uv\.toml cannot be read/);
});

test("lock files and settings of the project that lead past the gate are named with line and fix", async (context) => {
  const { gate, other, machine, examine } = await openWard(context);
  machine.client("npm", {
    ...npmSays({ registry: `${gate.url}/npm/` }),
    "config get registry --userconfig=portcullis-none-user --globalconfig=portcullis-none-global":
      "https://npm.example.invalid/\n",
  });
  const locked = (host: string, name: string) =>
    `    "node_modules/${name}": { "version": "1.0.0", "resolved": "${host}/${name}/-/${name}-1.0.0.tgz" }`;
  machine.write(
    "project/package-lock.json",
    `{ "packages": {\n${[locked("https://npm.example.invalid", "a"), locked(`${gate.url}/npm`, "b"), locked(other.url, "c")].join(",\n")}\n} }\n`,
  );
  machine.write(
    "project/web/yarn.lock",
    `# yarn lockfile v1\n\na@1:\n  version "1.0.0"\n  resolved "${other.url}/a/-/a-1.0.0.tgz#${"0".repeat(40)}"\n`,
  );
  machine.write(
    "project/py/requirements.txt",
    `--extra-index-url ${other.url}/simple\nsix==1.16.0\n-e git+https://git.example.invalid/x#egg=x\n`,
  );
  machine.write(
    "project/py/uv.lock",
    `[[package]]\nname = "six"\nversion = "1.16.0"\nsource = { registry = "${gate.url}/pypi/simple" }\nwheels = [{ url = "${other.url}/six.whl" }]\n`,
  );
  machine.write(
    "project/app/app.csproj",
    `<Project><PropertyGroup>\n<RestoreSources>${other.url}/v3/index.json</RestoreSources></PropertyGroup></Project>`,
  );
  machine.write("project/web/package.json", `{ "dependencies": { "x": "someone/x" } }`);
  machine.write("project/node_modules/dep/package-lock.json", "not looked at");
  const { code, report } = await examine();
  assert.equal(code, 1);
  const told = report.files.map(({ file, line, says, fix }) => [`${file}:${line}`, says, fix]);
  assert.deepEqual(told, [
    [
      "app/app.csproj:2",
      "RestoreSources: it answers 404, and not as the gate",
      `in app/app.csproj set RestoreSources to ${gate.url}/nuget/v3/index.json`,
    ],
    [
      "package-lock.json:4",
      `1 address leads past the gate: ${other.url}/`,
      "npm config set replace-registry-host always --location=project",
    ],
    [
      "py/requirements.txt:1",
      `1 address leads past the gate: ${other.url}/`,
      "remove these options; the client's own index then counts",
    ],
    [
      "py/requirements.txt:3",
      "1 dependency from git or an address instead of a registry: git+https://git.example.invalid/x#egg=x",
      "depend on releases of a registry instead; the gate sees nothing of these",
    ],
    ["py/uv.lock:5", `1 address leads past the gate: ${other.url}/`, "uv lock, once uv goes through the gate"],
    [
      "web/package.json:1",
      "1 dependency from git or an address instead of a registry: x",
      "depend on releases of a registry instead; the gate sees nothing of these",
    ],
    [
      "web/yarn.lock:5",
      `1 address leads past the gate: ${other.url}/`,
      `sed -i.bak 's#${other.url}/#${gate.url}/npm/#' web/yarn.lock`,
    ],
  ]);
  const python = await examine("--only", "pip");
  assert.ok(python.report.files.every(({ file }) => file.startsWith("py/")));
});

test("an address from a lock file never stands in a command that a shell would read otherwise", async (context) => {
  const { machine, run } = await openWard(context);
  machine.write(
    "project/yarn.lock",
    `a@1:\n  version "1.0.0"\n  resolved "https://x.example.invalid/';touch$IFS;'/a/-/a-1.0.0.tgz"\n`,
  );
  machine.write("project/.npmrc", "@e\u001b[2J:registry=https://x.example.invalid/\n");
  const { stdout } = await run();
  assert.doesNotMatch(stdout, /sed|\u001b/);
  assert.match(stdout, /fix: in yarn\.lock replace these addresses by http/);
});

test("no client is not the same as all through", async (context) => {
  const { examine, run } = await openWard(context);
  const { code, report } = await examine();
  assert.deepEqual([code, report.verdict], [3, "unknown"]);
  assert.match((await run()).stdout, /none of those that doctor knows/);
});

test("a feed that withholds nothing is told although clients go through it", async (context) => {
  const { gate, machine, examine } = await openWard(context, { config: { policy: { mode: "off" } } });
  machine.client("npm", npmSays({ registry: `${gate.url}/npm/` }));
  const { code, report } = await examine();
  assert.deepEqual(
    [code, report.notes],
    [0, ["the feed default/npm has mode off: nothing is withheld for what inspection finds"]],
  );
});

test("a gate that wants a token is known by its refusal, and fixes point at the feed that is asked for", async (context) => {
  const { gate, other, machine, run } = await openWard(context, {
    config: { anonymous_reading: false, feeds: { strict: {} } },
  });
  machine.client("npm", npmSays({ registry: `${gate.url}/npm/` }));
  machine.client("pip", { "config debug": `user:\n  x, exists: True\n    global.index-url: ${other.url}/\n` });
  const token = machine.write("home/empty", "");
  const { stdout } = await runCommand(
    doctor,
    "doctor",
    machine.project,
    "--url",
    gate.url,
    "--data",
    machine.home,
    "--feed",
    "strict",
  );
  assert.match(stdout, /through {3}npm: .*\n.*the gate wants a token there/);
  assert.match(stdout, /fix: pip config set global\.index-url .*\/f\/strict\/pypi\/simple\//);
  assert.ok(token);
  const unknown = await run("--feed", "nowhere");
  assert.deepEqual([unknown.code, unknown.stderr.split("\n")[0]], [1, "portcullis: There is no feed nowhere"]);
});

test("where no server is ready doctor ends with 69, and what it does not know with 64", async (context) => {
  const { machine, run, other } = await openWard(context);
  const nobody = await runCommand(doctor, "doctor", "--url", other.url, "--data", machine.home);
  assert.deepEqual([nobody.code, /it answers 404 at \/readyz/.test(nobody.stderr)], [69, true]);
  assert.equal((await run("--only", "cargo")).code, 64);
  assert.equal((await runCommand(doctor, "doctor", join(machine.project, "none"))).code, 64);
});
