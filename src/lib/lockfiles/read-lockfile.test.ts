import assert from "node:assert/strict";
import { test } from "node:test";
import { plainJson } from "./bun-lock.ts";
import { isLockfileName, readLockfile } from "./read-lockfile.ts";

const SHA512 = Buffer.alloc(64, 7).toString("base64");
const HEX512 = `sha512:${"07".repeat(64)}`;
const HEX256 = `sha256:${"ab".repeat(32)}`;

/** `name@version digest…` of every package, then `name: why` of everything else. */
async function read(filename: string, source: string): Promise<string[]> {
  const { packages, elsewhere } = await readLockfile(filename, source, 1_000);
  return [
    ...packages.map(({ type, name, version, digests }) => [`${type}:${name}@${version}`, ...digests].join(" ")),
    ...elsewhere.map(({ name, why }) => `${name}: ${why}`),
  ];
}

const NPM_ENTRY = {
  version: "1.3.0",
  resolved: "https://r.example/left-pad/-/left-pad-1.3.0.tgz",
  integrity: `sha512-${SHA512}`,
};

test("package-lock.json 2 and 3: nested, aliased and scoped packages, without the project, workspaces and what is bundled", async () => {
  const source = JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "": { name: "app", version: "1.0.0" },
      "packages/own": { version: "1.0.0" },
      "node_modules/own": { resolved: "packages/own", link: true },
      "node_modules/left-pad": NPM_ENTRY,
      "node_modules/a/node_modules/@s/b": { version: "2.0.0", resolved: "https://r.example/@s/b/-/b-2.0.0.tgz" },
      "node_modules/alias": { name: "real", version: "3.0.0" },
      "node_modules/a/node_modules/inside": { version: "1.0.0", inBundle: true },
      "node_modules/from-git": { version: "1.0.0", resolved: "git+ssh://git@h.example/x.git#0a" },
      "node_modules/from-web": { version: "1.0.0", resolved: "https://h.example/x.tgz" },
    },
  });
  assert.deepEqual(await read("package-lock.json", source), [
    `npm:left-pad@1.3.0 ${HEX512}`,
    "npm:@s/b@2.0.0",
    "npm:real@3.0.0",
    "from-git: comes from git",
    "from-web: comes from an address of its own and has no digest",
  ]);
});

test("package-lock.json 1 and npm-shrinkwrap.json: the tree of dependencies", async () => {
  const source = JSON.stringify({
    lockfileVersion: 1,
    dependencies: {
      "left-pad": { ...NPM_ENTRY, dependencies: { inner: { version: "0.1.0" } } },
      alias: { version: "npm:real@3.0.0" },
      "from-git": { version: "github:a/b#0a" },
      own: { version: "file:../own" },
    },
  });
  assert.deepEqual(await read("npm-shrinkwrap.json", source), [
    `npm:left-pad@1.3.0 ${HEX512}`,
    "npm:inner@0.1.0",
    "npm:real@3.0.0",
    "from-git: comes from git",
  ]);
});

test("yarn.lock of Yarn 1", async () => {
  const source = `# yarn lockfile v1
"@s/b@^2.0.0", "@s/b@~2.0.0":
  version "2.0.0"
  resolved "https://r.example/@s/b/-/b-2.0.0.tgz#${"07".repeat(20)}"
"alias@npm:real@^3":
  version "3.0.0"
  resolved "https://r.example/real/-/real-3.0.0.tgz"
  integrity sha512-${SHA512}
from-git@a/b:
  version "1.0.0"
  resolved "https://codeload.h.example/a/b/tar.gz/0a"
"own@file:../own":
  version "1.0.0"
`;
  assert.deepEqual(await read("yarn.lock", source), [
    `npm:@s/b@2.0.0 sha1:${"07".repeat(20)}`,
    `npm:real@3.0.0 ${HEX512}`,
    "from-git: comes from git",
  ]);
});

test("yarn.lock of Yarn 2 and later, whose checksums are of another file", async () => {
  const source = `__metadata:
  version: 8
"@s/b@npm:^2.0.0":
  version: 2.0.0
  resolution: "@s/b@npm:2.0.0"
  checksum: 10c0/abcd
"alias@npm:real@^3":
  version: 3.0.0
  resolution: "real@npm:3.0.0"
"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
"p@patch:p@npm%3A1.0.0#x":
  version: 1.0.0
  resolution: "p@patch:p@npm%3A1.0.0#x::version=1.0.0&hash=0a"
"g@https://h.example/g.git":
  version: 1.0.0
  resolution: "g@https://h.example/g.git#commit=0a"
`;
  assert.deepEqual(await read("yarn.lock", source), ["npm:@s/b@2.0.0", "npm:real@3.0.0", "g: comes from git"]);
});

test("pnpm-lock.yaml 5, 6 and 9", async () => {
  const lock = (version: string, keys: readonly string[]) =>
    [
      `lockfileVersion: ${version}`,
      "packages:",
      ...keys.map((key) => `  '${key}':\n    resolution: {integrity: sha512-${SHA512}}`),
    ].join("\n");
  const expected = [`npm:left-pad@1.3.0 ${HEX512}`, `npm:@s/b@2.0.0 ${HEX512}`];
  assert.deepEqual(await read("pnpm-lock.yaml", lock("5.4", ["/left-pad/1.3.0", "/@s/b/2.0.0_peer@1.0.0"])), expected);
  assert.deepEqual(
    await read("pnpm-lock.yaml", lock("'6.0'", ["/left-pad@1.3.0", "/@s/b@2.0.0(peer@1.0.0)"])),
    expected,
  );
  assert.deepEqual(await read("pnpm-lock.yaml", lock("'9.0'", ["left-pad@1.3.0", "@s/b@2.0.0"])), expected);
});

test("pnpm-lock.yaml: what comes from git or lies beside it", async () => {
  const source = `lockfileVersion: '9.0'
packages:
  g@https://codeload.h.example/a/b/tar.gz/0a:
    resolution: {tarball: https://codeload.h.example/a/b/tar.gz/0a}
    version: 1.0.0
  own@file:../own:
    resolution: {directory: ../own, type: directory}
`;
  assert.deepEqual(await read("pnpm-lock.yaml", source), ["g: comes from git"]);
});

test("bun.lock, with comments and trailing commas", async () => {
  const source = `{ // text
  "packages": {
    "left-pad": ["left-pad@1.3.0", "", {}, "sha512-${SHA512}"],
    "own": ["own@workspace:packages/own"], /* a
    comment */
    "g": ["g@github:a/b#0a", {}, "a-b-0a",],
  },
}`;
  assert.deepEqual(await read("bun.lock", source), [`npm:left-pad@1.3.0 ${HEX512}`, "g: comes from git"]);
});

test("what looks like a comment or a trailing comma inside a string stays", () => {
  assert.deepEqual(JSON.parse(plainJson('["// no", "/* no */", ",]", "\\"//",]')), ["// no", "/* no */", ",]", '"//']);
});

test("poetry.lock, pdm.lock, uv.lock and pylock.toml", async () => {
  const poetry = `[[package]]\nname = "six"\nversion = "1.16.0"\nfiles = [{file = "six.whl", hash = "${HEX256}"}]
[[package]]\nname = "g"\nversion = "1"\n[package.source]\ntype = "git"\nurl = "x"
[[package]]\nname = "mirrored"\nversion = "2"\n[package.source]\ntype = "legacy"\nurl = "x"`;
  assert.deepEqual(await read("poetry.lock", poetry), [
    `pypi:six@1.16.0 ${HEX256}`,
    "pypi:mirrored@2",
    "g: comes from git",
  ]);
  const old = `[[package]]\nname = "six"\nversion = "1.16.0"\n[metadata.files]\nsix = [{file = "six.whl", hash = "${HEX256}"}]`;
  assert.deepEqual(await read("poetry.lock", old), [`pypi:six@1.16.0 ${HEX256}`]);
  const pdm = `[[package]]\nname = "six"\nversion = "1.16.0"\nfiles = [{file = "six.whl", hash = "${HEX256}"}]
[[package]]\nname = "g"\nversion = "1"\ngit = "https://h.example/g.git"`;
  assert.deepEqual(await read("pdm.lock", pdm), [`pypi:six@1.16.0 ${HEX256}`, "g: comes from git"]);
  const uv = `[[package]]\nname = "app"\nversion = "0"\nsource = { virtual = "." }
[[package]]\nname = "six"\nversion = "1.16.0"\nsource = { registry = "x" }\nsdist = { url = "x", hash = "${HEX256}" }
wheels = [{ url = "y", hash = "sha256:00" }]`;
  assert.deepEqual(await read("uv.lock", uv), [`pypi:six@1.16.0 sha256:00 ${HEX256}`]);
  const pylock = `[[packages]]\nname = "six"\nversion = "1.16.0"\nwheels = [{ name = "six.whl", hashes = { sha256 = "${"ab".repeat(32)}" } }]
[[packages]]\nname = "g"\nvcs = { type = "git" }`;
  assert.deepEqual(await read("pylock.toml", pylock), [`pypi:six@1.16.0 ${HEX256}`, "g: comes from git"]);
});

test("Pipfile.lock", async () => {
  const source = JSON.stringify({
    _meta: {},
    default: { six: { version: "==1.16.0", hashes: [HEX256] }, g: { git: "x", ref: "0a" } },
    develop: { six: { version: "==1.16.0" }, own: { path: ".", editable: true } },
  });
  assert.deepEqual(await read("Pipfile.lock", source), [`pypi:six@1.16.0 ${HEX256}`, "g: comes from git"]);
});

test("requirements.txt: exact pins with hashes; ranges, addresses and other files are told", async () => {
  const source = `# comment
--index-url https://h.example/simple
six==1.16.0 ; python_version > "3" \\
    --hash=${HEX256} \\
    --hash=sha256:00   # end
extra[a,b] == 2.0
-r other.txt
wide>=1
every==1.*
variable==\${V}
at @ https://h.example/x.whl
-e ./own
-e git+https://h.example/x.git
`;
  assert.deepEqual(await read("requirements-dev.txt", source), [
    `pypi:six@1.16.0 ${HEX256} sha256:00`,
    "pypi:extra@2.0",
    "other.txt: is another file",
    "wide: has no exact version",
    "every: has no exact version",
    "variable: has no exact version",
    "at: comes from an address of its own",
    "git+https://h.example/x.git: comes from an address of its own",
  ]);
});

test("packages.lock.json, project.assets.json and packages.config", async () => {
  const lock = {
    version: 2,
    dependencies: {
      "net8.0": { A: { type: "Direct", resolved: "1.0.0", contentHash: "x" }, own: { type: "Project" } },
    },
  };
  assert.deepEqual(await read("packages.lock.json", JSON.stringify(lock)), ["nuget:A@1.0.0"]);
  const assets = { libraries: { "A/1.0.0": { type: "package" }, "own/1.0.0": { type: "project" } } };
  assert.deepEqual(await read("project.assets.json", JSON.stringify(assets)), ["nuget:A@1.0.0"]);
  const config = '\ufeff<?xml version="1.0"?><packages><package id="A" version="1.0.0" /><package id="B" /></packages>';
  assert.deepEqual(await read("packages.config", config), ["nuget:A@1.0.0", "B: has no version"]);
});

test("a lock file that is none says so, whatever it is instead", async () => {
  const names = [
    "package-lock.json",
    "pnpm-lock.yaml",
    "bun.lock",
    "uv.lock",
    "Pipfile.lock",
    "packages.lock.json",
    "packages.config",
  ];
  for (const name of names) await assert.rejects(read(name, "{ [ not a lock file"), SyntaxError, name);
  for (const name of names.slice(0, 1)) assert.deepEqual(await read(name, '{"packages":[1,null,"x"]}'), []);
  assert.equal(isLockfileName("README.md"), false);
});

test("YAML that expands without bound is refused", async () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `a${level}: &a${level} [${Array(9).fill(level === 0 ? "x" : `*a${level - 1}`)}]`,
  );
  await assert.rejects(read("pnpm-lock.yaml", `${levels.join("\n")}\npackages: {a@1.0.0: {x: *a11}}`));
});

test("more entries than allowed are refused", async () => {
  const source = Array.from({ length: 11 }, (_, index) => `p${index}==1`).join("\n");
  await assert.rejects(readLockfile("requirements.txt", source, 10), RangeError);
});

test("the line of a package is where its name and version stand together", async () => {
  const lockfile = await readLockfile("requirements.txt", "a==2\nb==1\na==1\n", 10);
  assert.equal(lockfile.lineOf("a", "1"), 1);
  assert.equal(lockfile.lineOf("b", "1"), 2);
  assert.equal(lockfile.lineOf("c", "1"), undefined);
});
