import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../test/support/folders.ts";
import { rememberUpstreams } from "./discovery/remembered.ts";
import { boundedRuns, type Surroundings } from "./discovery/surroundings.ts";
import type { Refusal } from "./errors.ts";
import { type ConfigFlags, loadConfig, loadSettings } from "./load-config.ts";

/** A machine with nothing on it but the files given; tools are shell scripts in `bin/`. */
async function machine(files: Record<string, string> = {}, env: Record<string, string> = {}): Promise<Surroundings> {
  const home = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), name.startsWith("bin/") ? `#!/bin/sh\n${text}\n` : text);
    if (name.startsWith("bin/")) await chmod(join(home, name), 0o755);
  }
  const nowhere = { NUGET_COMMON_APPLICATION_DATA: join(home, "none") };
  return { env: { PATH: join(home, "bin"), ...nowhere, ...env }, cwd: home, home, platform: process.platform };
}

const NO_UPSTREAMS: ConfigFlags = { upstreamPypi: "none", upstreamNpm: "none", upstreamNuget: "none" };
const posix = { skip: process.platform === "win32" };

async function refusalOf(loading: Promise<unknown>): Promise<Refusal> {
  return loading.then(
    () => assert.fail("it was not refused"),
    (error: Refusal) => error,
  );
}

test("without anything there are defaults, and the data folder is absolute", async () => {
  const here = await machine();
  const { config, file } = await loadConfig(NO_UPSTREAMS, here);
  assert.equal(config.port, 8321);
  assert.equal(config.data, join(here.cwd, "data"));
  assert.deepEqual(config.upstreams, []);
  assert.equal(file, undefined);
});

test("the file wins over defaults, variables over the file, flags over variables; each says where it is from", async () => {
  const here = await machine(
    { "portcullis.toml": 'port = 1\nhost = "a"\nlog = "warn"\n[policy]\nmode = "audit"\nhold_at = 0.4\n' },
    { PORTCULLIS_PORT: "2", PORTCULLIS_HOST: "b", PORTCULLIS_POLICY__HOLD_AT: "0.3" },
  );
  const { config, sources } = await loadSettings({ port: "3" }, here);
  assert.deepEqual([config.port, config.host, config.log], [3, "b", "warn"]);
  assert.deepEqual([config.policy.mode, config.policy.hold_at, config.policy.block_at], ["audit", 0.3, 0.9]);
  assert.equal(sources["port"], "--port");
  assert.equal(sources["host"], "PORTCULLIS_HOST");
  assert.equal(sources["log"], `${join(here.cwd, "portcullis.toml")}:3`);
  assert.equal(sources["policy.hold_at"], "PORTCULLIS_POLICY__HOLD_AT");
});

test("the file is the one given, else that of the working folder, else that of the data folder", async () => {
  const files = { "data/portcullis.toml": "port = 1", "portcullis.toml": "port = 2", "other.toml": "port = 3" };
  const { "portcullis.toml": _, ...withoutOwn } = files;
  assert.equal((await loadSettings({}, await machine(withoutOwn))).config.port, 1);
  assert.equal((await loadSettings({}, await machine(files))).config.port, 2);
  assert.equal((await loadSettings({ config: "other.toml" }, await machine(files))).config.port, 3);
  assert.equal((await loadSettings({}, await machine(files, { PORTCULLIS_CONFIG: "other.toml" }))).config.port, 3);
});

test("file names in the file are relative to it, those of flags and variables to the working folder", async () => {
  const toml = '[network]\nca_file = "ca.pem"\n[[advisories]]\nname = "a"\nkind = "osv"\nlocation = "osv"\n';
  const url = '[[advisories]]\nname = "b"\nkind = "osv"\nlocation = "https://osv.example.invalid/all.zip"\n';
  const here = await machine(
    { "etc/portcullis.toml": toml + url },
    { PORTCULLIS_TLS__CERT: "c.pem", PORTCULLIS_TLS__KEY: "k.pem" },
  );
  const { config } = await loadSettings({ config: "etc/portcullis.toml", data: "d" }, here);
  assert.equal(config.network.ca_file, join(here.cwd, "etc", "ca.pem"));
  assert.equal(config.advisories[0]?.location, join(here.cwd, "etc", "osv"));
  assert.equal(config.advisories[1]?.location, "https://osv.example.invalid/all.zip");
  assert.deepEqual(config.tls, { cert: join(here.cwd, "c.pem"), key: join(here.cwd, "k.pem") });
  assert.equal(config.data, join(here.cwd, "d"));
});

test("variables reach numbers, booleans, lists, named feeds and limits", async () => {
  const here = await machine(
    {},
    {
      PORTCULLIS_ANONYMOUS_READING: "false",
      PORTCULLIS_PRIVATE__NPM: "@corp/*, left-pad",
      PORTCULLIS_FEEDS__MY_TEAM__POLICY__MODE: "audit",
      PORTCULLIS_LIMITS__HOLDMS: "50",
      PORTCULLIS_TOKEN: "not a setting",
    },
  );
  const { config } = await loadSettings({}, here);
  assert.equal(config.anonymous_reading, false);
  assert.deepEqual(config.private.npm, ["@corp/*", "left-pad"]);
  assert.deepEqual(config.feeds["my-team"]?.policy, { mode: "audit" });
  assert.equal(config.limits.holdMs, 50);
});

test("the usual proxy and CA variables are defaults that the file may change", async () => {
  const env = {
    HTTPS_PROXY: "http://proxy.example.invalid:3128",
    NO_PROXY: "localhost, .corp",
    NODE_EXTRA_CA_CERTS: "/ca.pem",
  };
  const { config, sources } = await loadSettings({}, await machine({}, env));
  assert.equal(config.network.proxy, env.HTTPS_PROXY);
  assert.deepEqual(config.network.no_proxy, ["localhost", ".corp"]);
  assert.equal(sources["network.ca_file"], "NODE_EXTRA_CA_CERTS");
  const own = await loadSettings(
    {},
    await machine({ "portcullis.toml": 'network.proxy = "http://own.example.invalid"' }, env),
  );
  assert.equal(own.config.network.proxy, "http://own.example.invalid");
});

test("an error names the file and the line, the variable, or the flag", async () => {
  const cases: [string, Record<string, string>, ConfigFlags, RegExp, RegExp][] = [
    ["port = 1\nhost = \n", {}, {}, /portcullis\.toml:2:\d+$/, /not TOML/],
    ["port = 1\n\n[policy]\nmode = 'maybe'\n", {}, {}, /portcullis\.toml:4$/, /policy\.mode/],
    ["[policy]\nmod = 'off'\n", {}, {}, /portcullis\.toml:2$/, /no setting policy\.mod$/],
    ["[[upstreams]]\nname = 'x'\necosystem = 'npm'\n", {}, {}, /portcullis\.toml:1$/, /upstreams\.0\.url/],
    ["", { PORTCULLIS_PORT: "many" }, {}, /^PORTCULLIS_PORT$/, /port/],
    ["", { PORTCULLIS_PROT: "1" }, {}, /^PORTCULLIS_PROT$/, /no setting/],
    ["", { PORTCULLIS_UPSTREAMS: "x" }, {}, /^PORTCULLIS_UPSTREAMS$/, /file only/],
    ["", {}, { port: "99999" }, /^--port$/, /port/],
    ["", {}, { upstreamNpm: "nonsense" }, /^--upstream-npm$/, /URL, or none/],
    ["", {}, { config: "missing.toml" }, /missing\.toml$/, /no such file/],
  ];
  for (const [toml, env, flags, where, why] of cases) {
    const error = await refusalOf(loadSettings(flags, await machine({ "portcullis.toml": toml }, env)));
    assert.equal(error.code, "CONFIG_INVALID", String(error.stack));
    assert.match(String(error.params["where"]), where);
    assert.match(String(error.params["why"]), why);
  }
});

test("several errors are told at once, each with its place", async () => {
  const files = { "portcullis.toml": "prot = 1\n\n[policy]\nmode = 'maybe'\ncooldwn = '3d'\n" };
  const { message } = await refusalOf(loadSettings({}, await machine(files)));
  const places = message.split("\n").map((line) => /portcullis\.toml:(\d+): (.*)$/.exec(line)?.slice(1, 3));
  assert.deepEqual(places.map((place) => place?.[0]).sort(), ["1", "4", "5"]);
  assert.ok(places.some((place) => place?.[1] === "there is no setting policy.cooldwn"));
});

test("where no client is installed an ecosystem has no upstream, and the warning says which flag sets one", async () => {
  const { config, warnings } = await loadConfig({}, await machine());
  assert.deepEqual(config.upstreams, []);
  for (const id of ["pypi", "npm", "nuget"]) assert.ok(warnings.some((text) => text.includes(`--upstream-${id} URL`)));
});

const NPM = `case "$*" in *--userconfig=*) echo https://npm-default.example.invalid/;; *) echo "\${REGISTRY}";; esac`;
const PIP = `case "$*" in
  "config list") echo "global.cert='x'"; [ -z "$INDEX" ] || echo "global.index-url='$INDEX'";;
  "install --help") echo "  -i, --index-url <url>       Base URL of the Index (default https://pip-default.example.invalid/simple). This"
esac`;

test("what npm and pip are configured to use becomes the upstream", posix, async () => {
  const env = { REGISTRY: "https://npm.example.invalid/", INDEX: "https://pip.example.invalid/simple/" };
  const here = await machine({ "bin/npm": NPM, "bin/pip": PIP }, env);
  const { config, sources } = await loadConfig({ upstreamNuget: "none" }, here);
  assert.deepEqual(
    config.upstreams.map(({ name, ecosystem, url, names }) => ({ name, ecosystem, url, names })),
    [
      { name: "pypi", ecosystem: "pypi", url: env.INDEX, names: ["*"] },
      { name: "npm", ecosystem: "npm", url: env.REGISTRY, names: ["*"] },
    ],
  );
  assert.equal(sources["upstream.npm"], "npm config get registry");
});

test("where pip has no configuration, what its help names as default becomes the upstream", posix, async () => {
  const here = await machine({ "bin/pip3": PIP });
  const { config } = await loadConfig({ upstreamNpm: "none", upstreamNuget: "none" }, here);
  assert.equal(config.upstreams[0]?.url, "https://pip-default.example.invalid/simple");
});

test(
  "a client that points at this Portcullis already is not its own upstream: the client's default is, with a warning",
  posix,
  async () => {
    const env = { REGISTRY: "http://localhost:8321/npm/", INDEX: "http://127.0.0.1:8321/pypi/simple/" };
    const here = await machine({ "bin/npm": NPM, "bin/pip": PIP }, env);
    const { config, warnings } = await loadConfig({ upstreamNuget: "none" }, here);
    assert.deepEqual(
      config.upstreams.map(({ url }) => url),
      ["https://pip-default.example.invalid/simple", "https://npm-default.example.invalid/"],
    );
    assert.match(warnings.join("\n"), /npm on this machine already points at this Portcullis/);
    assert.match(warnings.join("\n"), /--upstream-pypi URL/);
  },
);

test("a client that points at our public URL counts as pointing here", posix, async () => {
  const here = await machine({ "bin/npm": NPM }, { REGISTRY: "https://gate.example.invalid/npm/" });
  const flags = { upstreamPypi: "none", upstreamNuget: "none", publicUrl: "https://gate.example.invalid/" };
  assert.equal((await loadConfig(flags, here)).config.upstreams[0]?.url, "https://npm-default.example.invalid/");
});

test("a client that points here goes on with the upstream of the last start", posix, async () => {
  const here = await machine({ "bin/npm": NPM }, { REGISTRY: "http://localhost:8321/npm/" });
  const flags = { upstreamPypi: "none", upstreamNuget: "none" };
  const before = await loadConfig({ ...flags, upstreamNpm: "https://last.example.invalid/" }, here);
  await mkdir(before.config.data);
  await rememberUpstreams(before.config.data, before.config);
  const { config, warnings } = await loadConfig(flags, here);
  assert.equal(config.upstreams[0]?.url, "https://last.example.invalid/");
  assert.deepEqual(warnings, []);
});

test(
  "an upstream that was set once goes on where nobody configured the client, for the server and for commands alike",
  posix,
  async () => {
    const here = await machine({ "bin/pip": PIP });
    const flags = { upstreamNpm: "none", upstreamNuget: "none" };
    const before = await loadConfig({ ...flags, upstreamPypi: "https://set.example.invalid/simple/" }, here);
    await mkdir(before.config.data);
    await rememberUpstreams(before.config.data, before.config);
    const { config, warnings, sources } = await loadConfig(flags, here);
    assert.equal(config.upstreams[0]?.url, "https://set.example.invalid/simple/");
    assert.equal(sources["upstream.pypi"], "the upstream of the last start");
    assert.deepEqual(warnings, []);
  },
);

test("whoever starts with another upstream than the last time is told", posix, async () => {
  const here = await machine({ "bin/npm": NPM }, { REGISTRY: "https://client.example.invalid/" });
  const flags = { upstreamPypi: "none", upstreamNuget: "none" };
  const before = await loadConfig({ ...flags, upstreamNpm: "https://set.example.invalid/" }, here);
  await mkdir(before.config.data);
  await rememberUpstreams(before.config.data, before.config);
  const { config, warnings } = await loadConfig(flags, here);
  assert.equal(config.upstreams[0]?.url, "https://client.example.invalid/");
  assert.match(
    warnings.join(),
    /npm upstream is https:\/\/client\.example\.invalid\/; .* was https:\/\/set\.example\.invalid\//,
  );
});

test("a client that never answers delays the start by a bound, not for ever", posix, async () => {
  const here = await machine({ "bin/npm": "exec sleep 60" });
  const run = boundedRuns({ ...here, env: { PATH: `${join(here.home, "bin")}:/usr/bin:/bin` } }, 300);
  const before = performance.now();
  assert.equal(await run("npm", ["config", "get", "registry"]), undefined);
  assert.equal(await run("npm", ["config", "get", "registry"]), undefined);
  assert.ok(performance.now() - before < 5_000);
});

test("without npm its .npmrc is read", async () => {
  const here = await machine({
    ".npmrc": "; note\nregistry=https://rc.example.invalid/\n//rc.example.invalid/:_authToken=x\n",
  });
  const { config } = await loadConfig({ upstreamPypi: "none", upstreamNuget: "none" }, here);
  assert.equal(config.upstreams[0]?.url, "https://rc.example.invalid/");
});

test("the first enabled v3 source of NuGet.Config becomes the upstream", posix, async () => {
  const xml = `\uFEFF<?xml version="1.0"?>
    <configuration>
      <packageSources>
        <add key="before" value="https://cleared.example.invalid/index.json" />
        <clear />
        <add key="folder" value="/srv/packages" />
        <add key="off" value="https://off.example.invalid/v3/index.json" />
        <add key="on" value="https://nuget.example.invalid/v3/index.json" protocolVersion="3" />
      </packageSources>
      <disabledPackageSources><add key="off" value="true" /></disabledPackageSources>
    </configuration>`;
  const here = await machine({ ".nuget/NuGet/NuGet.Config": xml });
  const { config } = await loadConfig({ upstreamPypi: "none", upstreamNpm: "none" }, here);
  assert.equal(config.upstreams[0]?.url, "https://nuget.example.invalid/v3/index.json");
});

test("a password in a discovered address is not taken over", posix, async () => {
  const here = await machine({ "bin/npm": NPM }, { REGISTRY: "https://ada:secret@npm.example.invalid/" });
  const { config, warnings } = await loadConfig({ upstreamPypi: "none", upstreamNuget: "none" }, here);
  assert.equal(config.upstreams[0]?.url, "https://npm.example.invalid/");
  assert.equal(warnings.length, 1);
  assert.doesNotMatch(warnings.join(), /secret/);
});

test("an ecosystem whose names all have a declared upstream is not discovered", async () => {
  const toml = "[[upstreams]]\nname = 'corp'\necosystem = 'npm'\nurl = 'https://corp.example.invalid/'\n";
  const here = await machine({ "portcullis.toml": toml, ".npmrc": "registry=https://rc.example.invalid/" });
  const { config } = await loadConfig({ upstreamPypi: "none", upstreamNuget: "none" }, here);
  assert.deepEqual(
    config.upstreams.map(({ name }) => name),
    ["corp"],
  );
});
