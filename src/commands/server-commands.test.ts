import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { temporaryFolder } from "../../test/support/folders.ts";
import { malicious, publishNpm } from "../../test/support/publish.ts";
import { runCommand } from "../../test/support/run-command.ts";
import { testGate } from "../../test/support/test-gate.ts";
import { authenticate, createToken } from "../accounts/tokens.ts";
import { advisories } from "./advisories.ts";
import type { Command } from "./command.ts";
import { exceptions } from "./exceptions.ts";
import { ledger } from "./ledger.ts";
import { policy, readChanges } from "./policy.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";

const DAY = 86_400_000;
const harmless = (name: string) =>
  npmTarball({ name, version: "1.0.0", files: { "index.js": "module.exports = 1;\n" } });

/** A gate with `plain` and a malicious `odd` upstream, and commands that speak to it as its administrator. */
async function openServer(context: TestContext, options: Parameters<typeof testGate>[1] = {}) {
  const gate = await testGate(context, options);
  publishNpm(gate.upstream, "plain", { "1.0.0": harmless("plain") });
  publishNpm(gate.upstream, "odd", { "1.0.0": malicious("odd") });
  const run = (command: Command, ...args: readonly string[]) =>
    runCommand(command, ...args, "--url", gate.url, "--data", gate.app.config.data);
  const install = (name: string, secret?: string) =>
    gate.get(`/npm/${name}/-/${name}-1.0.0.tgz`, secret === undefined ? {} : { authorization: `Bearer ${secret}` });
  return { gate, run, install };
}

test("a new token's secret is alone on stdout, and stderr says how each client takes it", async (context) => {
  const { gate, run } = await openServer(context);
  const made = await run(token, "token", "create", "--name", "web-ci", "--kind", "ci", "--expires", "90d");
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^pcl_[0-9A-Za-z]{36}\n$/);
  assert.deepEqual(authenticate(gate.app, made.stdout.trim()), { name: "ci:web-ci", kind: "ci" });
  for (const told of [
    `machine 127.0.0.1 login web-ci`,
    "/npm/:_authToken TOKEN",
    "/nuget/v3/index.json",
    "ends at 2026-04-15",
  ])
    assert.ok(made.stderr.includes(told), told);
  assert.ok(!made.stderr.includes(made.stdout.trim()));
  gate.app.passTime(91 * DAY);
  assert.equal(authenticate(gate.app, made.stdout.trim()), undefined);
});

test("tokens are listed while they live, and revoked by name, slashes included", async (context) => {
  const { gate, run } = await openServer(context);
  await run(token, "token", "create", "--name", "team/ada");
  assert.match((await run(token, "token", "list")).stdout, /^team\/ada +person +live/m);
  const revoked = await run(token, "token", "revoke", "team/ada");
  assert.equal(revoked.stdout, "Revoked team/ada; it is refused from now on.\n");
  assert.doesNotMatch((await run(token, "token", "list")).stdout, /team/);
  const { tokens } = JSON.parse((await run(token, "token", "list", "--all", "--json")).stdout);
  assert.equal(tokens.find(({ name }: { name: string }) => name === "team/ada").revokedAt, gate.app.clock());
  const again = await run(token, "token", "revoke", "team/ada");
  assert.deepEqual(
    [again.code, again.stderr],
    [1, "portcullis: There is nothing at the name team/ada among the live tokens\n"],
  );
});

test("a person's token may not change anything, and the exit code says so", async (context) => {
  const { gate, run } = await openServer(context);
  const file = join(temporaryFolder(), "token");
  const { secret } = await createToken(gate.app, { name: "ada", kind: "person", createdBy: "test" });
  writeFileSync(file, `${secret.reveal()}\n`);
  const refused = await run(token, "token", "create", "--name", "x", "--token-file", file);
  assert.equal(refused.code, 77);
  assert.match(refused.stderr, /^portcullis: The token person:ada may not create a token/);
});

test("an exception is added by words, lets the version through, is listed and removed", async (context) => {
  const { run, install } = await openServer(context);
  assert.equal((await install("odd")).status, 403);
  const args = ["--detector", "*", "--expires", "30d", "--reason", "read it"];
  const added = await run(exceptions, "exceptions", "add", "pkg:npm/odd@1.0.0", ...args);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /^Exception 1: on the feed default no detector withholds .* until 2026-02-14 12:00Z\.$/m);
  assert.equal((await install("odd")).status, 200);
  assert.match(
    (await run(exceptions, "exceptions", "list")).stdout,
    / 1 +in force +default +pkg:npm\/odd@1\.0\.0 +\* .* admin:admin +read it/,
  );
  assert.equal((await run(exceptions, "exceptions", "remove", "1")).code, 0);
  assert.equal((await install("odd")).status, 403);
  assert.equal((await run(exceptions, "exceptions", "list")).stdout, "There is no exception in force.\n");
  assert.match((await run(exceptions, "exceptions", "list", "--all")).stdout, /removed/);
});

test("the commands on the page behind a refusal let the release through, and one of them alone says what still withholds it", async (context) => {
  const { gate, run, install } = await openServer(context);
  assert.equal((await install("odd")).status, 403);
  const page = await (await gate.get("/why/default/npm/odd/odd-1.0.0.tgz")).text();
  const commands = [...page.matchAll(/portcullis (exceptions add .+)$/gm)].map(([, text]) =>
    text!
      .replace(/<.*/, "")
      .replace(/&#39;|'/g, "")
      .split(" "),
  );
  assert.ok(commands.length > 1, "it has two reasons");
  const said: string[] = [];
  for (const args of commands) said.push((await run(exceptions, ...args)).stdout);
  assert.match(said[0]!, /^Something else withholds: pkg:npm\/odd@1\.0\.0 was inspected and found malicious: /m);
  assert.doesNotMatch(said.at(-1)!, /Something else/);
  assert.equal((await install("odd")).status, 200);
});

test("an exception that the server refuses, or without what it needs, ends with one sentence", async (context) => {
  const { run } = await openServer(context);
  const unbound = ["--detector", "*", "--expires", "30d", "--reason", "read it"];
  const refused = await run(exceptions, "exceptions", "add", "pkg:npm/odd", ...unbound);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [1, "portcullis: an exception is bound to versions: write pkg:ecosystem/name@version\n"],
  );
  assert.equal((await run(exceptions, "exceptions", "add", "pkg:npm/odd@1")).code, 64);
  const when = ["--detector", "*", "--expires", "soon", "--reason", "read it"];
  const soon = await run(exceptions, "exceptions", "add", "pkg:npm/odd@1", ...when);
  assert.deepEqual([soon.code, /--expires is a duration such as 30d/.test(soon.stderr)], [64, true]);
});

test("the policy is shown once for feeds that share it, with what differs from the defaults marked", async (context) => {
  const { run } = await openServer(context, {
    config: { policy: { cooldown: "7d" }, feeds: { lax: { policy: { mode: "audit" } } } },
  });
  const all = await run(policy, "policy", "show");
  assert.match(all.stdout, /^default\/pypi, default\/npm, default\/nuget\n/);
  assert.match(all.stdout, /^ {2}cooldown +"7d" +\(set\)$/m);
  const one = await run(policy, "policy", "show", "--feed", "lax", "--json");
  assert.deepEqual(
    JSON.parse(one.stdout).feeds.map(({ feed, policy }: { feed: string; policy: { mode: string } }) => [
      feed,
      policy.mode,
    ]),
    [
      ["lax/pypi", "audit"],
      ["lax/npm", "audit"],
      ["lax/nuget", "audit"],
    ],
  );
  const none = await run(policy, "policy", "show", "--feed", "nowhere");
  assert.deepEqual([none.code, none.stderr.split("\n")[0]], [1, "portcullis: There is no feed nowhere"]);
});

test("replay says what a policy would have withheld, and from whom", async (context) => {
  const { gate, run, install } = await openServer(context);
  const { secret } = await createToken(gate.app, { name: "ada", kind: "person", createdBy: "test" });
  for (let i = 0; i < 2; i++) assert.equal((await install("plain", secret.reveal())).status, 200);
  const told = await run(policy, "policy", "replay", "--since", "1d", "--set", "deny=pkg:npm/plain, pkg:npm/other");
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /^2 requests for 1 file since 1d, with deny=/);
  assert.match(told.stdout, /^default\/npm +pkg:npm\/plain@1\.0\.0 +2 +person:ada /m);
  const json = await run(policy, "policy", "replay", "--since", "1d", "--json");
  assert.deepEqual(JSON.parse(json.stdout), { requests: 2, files: 1, withheld: [], offered: [] });
  const wrong = await run(policy, "policy", "replay", "--set", "coolness=7d");
  assert.deepEqual([wrong.code, /write KEY=VALUE with one of mode, /.test(wrong.stderr)], [64, true]);
});

test("settings given as words have the types of the policy's schema", () => {
  assert.deepEqual(
    readChanges([
      "hold_at=0.4",
      "deny=pkg:npm/a,pkg:npm/b",
      "deny=pkg:npm/c",
      "security_fixes_skip_cooldown=false",
      "mode=audit",
    ]),
    {
      hold_at: 0.4,
      deny: ["pkg:npm/a", "pkg:npm/b", "pkg:npm/c"],
      security_fixes_skip_cooldown: false,
      mode: "audit",
    },
  );
  for (const text of ["hold_at=high", "security_fixes_skip_cooldown=1", "toString=1", "mode"])
    assert.throws(() => readChanges([text]), { code: "USAGE" });
});

test("a configuration file is checked without a server, and a wrong rule is told", async () => {
  const file = join(temporaryFolder(), "portcullis.toml");
  writeFileSync(file, '[feeds.strict.policy]\ndeny = ["pkg:npm/left-pad@<1.3"]\n');
  const good = await runCommand(policy, "policy", "check", file);
  assert.deepEqual([good.code, good.stdout], [0, `${file} is valid; feeds: default, strict\n`]);
  writeFileSync(file, '[policy]\nmode = "sometimes"\n');
  const bad = await runCommand(policy, "policy", "check", file);
  assert.equal(bad.code, 78);
  assert.match(bad.stderr, /portcullis\.toml:2: policy\.mode/);
});

test("the ledger tells who got what, in a table, as JSON, and page by page as lines", async (context) => {
  const { gate, run, install } = await openServer(context);
  const { secret } = await createToken(gate.app, { name: "ada", kind: "person", createdBy: "test" });
  await install("plain", secret.reveal());
  await install("odd");
  gate.app.passTime(2 * DAY);
  await install("plain");
  const recent = await run(ledger, "ledger");
  assert.match(recent.stdout, /^2026-01-17 12:00Z +anonymous .* default\/npm +plain-1\.0\.0\.tgz +served$/m);
  assert.doesNotMatch(recent.stdout, /ada|odd/);
  const withheld = await run(ledger, "ledger", "--since", "3d", "--outcome", "withheld", "--json");
  assert.deepEqual(
    JSON.parse(withheld.stdout).rows.map(({ project }: { project: string }) => project),
    ["odd"],
  );
  const lines = (await run(ledger, "ledger", "--since", "2026-01-01", "--jsonl")).stdout.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).project),
    ["plain", "odd", "plain"],
  );
  const limited = await run(ledger, "ledger", "--since", "3d", "--limit", "1");
  assert.match(limited.stderr, /the latest 1 of 3 rows/);
  const mine = await run(ledger, "ledger", "--since", "3d", "--subject", "nobody");
  assert.deepEqual([mine.code, mine.stdout], [0, "Nothing in the ledger since 3d.\n"]);
});

test("an advisory source is read now, and one that is not believed ends with 1 and the way to believe it", async (context) => {
  const { gate, run } = await openServer(context, {
    config: { advisories: [{ name: "own", kind: "osv", location: "none.json", every: "1d" }] },
  });
  const list = join(temporaryFolder(), "list.json");
  (gate.app.config.advisories[0] as { location: string }).location = list;
  const record = (name: string) => ({
    id: `MAL-2026-${name}`,
    modified: "2026-01-15T00:00:00Z",
    affected: [{ package: { ecosystem: "npm", name }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] }],
  });
  writeFileSync(list, JSON.stringify([record("nobody-has-this")]));
  const read = await run(advisories, "advisories", "sync", "own");
  assert.deepEqual([read.code, read.stdout], [0, "own has 1 entries.\n"]);
  assert.match((await run(advisories, "advisories", "list")).stdout, /^own +osv +1 +2026-01-15 12:00Z +closed/m);
  const names = Array.from({ length: 6 }, (_, index) => `popular-${index}`);
  for (const name of names) {
    publishNpm(gate.upstream, name, { "1.0.0": harmless(name) });
    assert.equal((await gate.get(`/npm/${name}/-/${name}-1.0.0.tgz`)).status, 200);
  }
  writeFileSync(list, JSON.stringify(names.map(record)));
  const poisoned = await run(advisories, "advisories", "sync", "own");
  assert.equal(poisoned.code, 1);
  assert.match(poisoned.stderr, /own was read but is not believed: [\s\S]*advisories sync own --force/);
  assert.equal((await run(advisories, "advisories", "sync", "own", "--force")).code, 0);
});

test("status tells feeds and their standings, and where no server is how to start one", async (context) => {
  const { run, install } = await openServer(context);
  await install("plain");
  const told = await run(status, "status");
  assert.match(told.stdout, /^default\/npm +enforce +npm +1 +0 +0 +0 +http:\/\/127\.0\.0\.1:\d+\/npm$/m);
  const nobody = await runCommand(status, "status", "--url", "http://127.0.0.1:1", "--data", temporaryFolder());
  assert.deepEqual([nobody.code, /Start one with: portcullis serve/.test(nobody.stderr)], [69, true]);
});

test("a server whose answers have another shape is told apart from a bug", async (context) => {
  const { gate } = await openServer(context);
  gate.upstream.say("/api/v1/status", { headers: { "content-type": "application/json" }, body: '{"hello":1}' });
  const odd = await runCommand(status, "status", "--url", gate.upstream.url, "--data", temporaryFolder());
  assert.equal(odd.code, 69);
  assert.match(odd.stderr, /its answer to GET \/status has no usable version; is it of this version\?/);
});
