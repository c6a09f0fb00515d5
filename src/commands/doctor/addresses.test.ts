import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesIn } from "./addresses.ts";
import { lockedAddresses } from "./locked-addresses.ts";

const U = "https://r.example.invalid/";
const env = { REG: U };

function settings(filename: string, source: string): string[] | undefined {
  return addressesIn(filename, source, env)?.map(({ kind, key, url }) => `${kind} ${key} ${url}`);
}

function locked(filename: string, source: string): string[] | undefined {
  return lockedAddresses(filename, source, 100)?.map(({ kind, name, url }) => `${kind} ${name} ${url}`);
}

test("settings of npm-like clients: registry and scopes, with variables and quotes", () => {
  const npmrc = `; c\nregistry = "\${REG}"\n@a:registry=https://a.example.invalid\n//r.example.invalid/:_authToken=x\nfoo=\${NONE}\n`;
  assert.deepEqual(settings(".npmrc", npmrc), [
    `registry registry ${U}`,
    "scope @a:registry https://a.example.invalid",
  ]);
  assert.deepEqual(settings(".yarnrc", `# c\nregistry "${U}"\n"@a:registry" "${U}a"\n`), [
    `registry registry ${U}`,
    `scope @a:registry ${U}a`,
  ]);
  assert.deepEqual(
    settings(".yarnrc.yml", `npmRegistryServer: "\${NO:-${U}}"\nnpmScopes:\n  a:\n    npmRegistryServer: ${U}a\n`),
    [`registry npmRegistryServer ${U}`, `scope npmScopes.a.npmRegistryServer ${U}a`],
  );
  assert.deepEqual(settings("pnpm-workspace.yaml", `registries:\n  default: ${U}\n  "@a": ${U}a\n`), [
    `registry registries.default ${U}`,
    `scope registries.@a ${U}a`,
  ]);
  assert.deepEqual(
    settings("bunfig.toml", `[install]\nregistry = { url = "${U}", token = "x" }\n[install.scopes]\na = "${U}a"\n`),
    [`registry install.registry ${U}`, `scope install.scopes.a ${U}a`],
  );
  assert.deepEqual(settings(".env.local", `A=1\nexport BUN_CONFIG_REGISTRY='${U}'\n`), [
    `registry BUN_CONFIG_REGISTRY ${U}`,
  ]);
});

test("dependencies that no registry gives are direct, whichever the manifest", () => {
  const manifest = {
    dependencies: {
      a: "^1",
      b: "git+ssh://x/b",
      c: "user/c#1",
      d: "https://x.example.invalid/d.tgz",
      e: "file:../e",
      f: "npm:g@1",
      h: "workspace:*",
    },
  };
  assert.deepEqual(settings("package.json", JSON.stringify(manifest)), [
    "direct b git+ssh://x/b",
    "direct c user/c#1",
    "direct d https://x.example.invalid/d.tgz",
  ]);
  assert.deepEqual(
    settings(
      "deno.json",
      '{ "imports": { "a": "npm:a@1", "b": "jsr:@s/b", /* c */ "c": "https://x.example.invalid/c.ts", } }',
    ),
    ["direct b jsr:@s/b", "direct c https://x.example.invalid/c.ts"],
  );
  const pyproject = `[project]\ndependencies = ["a>=1", "b[x] @ git+https://x.example.invalid/b", "c @ file:///c"]\n[tool.uv.sources]\nd = { git = "https://x.example.invalid/d" }\n[tool.poetry.group.dev.dependencies]\ne = { url = "https://x.example.invalid/e.whl" }\n`;
  assert.deepEqual(settings("pyproject.toml", pyproject), [
    "direct d https://x.example.invalid/d",
    "direct b git+https://x.example.invalid/b",
    "direct e https://x.example.invalid/e.whl",
  ]);
});

test("settings of Python's clients: which index replaces the default and which is asked beside it", () => {
  assert.deepEqual(
    settings("uv.toml", `index-url = "${U}"\nextra-index-url = ["${U}x"]\n[pip]\nfind-links = ["./w"]\n`),
    [`registry index-url ${U}`, `extra extra-index-url ${U}x`, "extra pip.find-links ./w"],
  );
  const poetry = (more: string) => `[[tool.poetry.source]]\nname = "p"\nurl = "${U}"\n${more}`;
  assert.deepEqual(settings("pyproject.toml", poetry("")), [`registry tool.poetry.source p ${U}`]);
  assert.deepEqual(settings("pyproject.toml", poetry('priority = "explicit"')), [`extra tool.poetry.source p ${U}`]);
  assert.deepEqual(
    settings(
      "Pipfile",
      `[[source]]\nname = "p"\nurl = "${U}"\n[packages]\na = { git = "https://x.example.invalid/a" }\nb = "*"\n`,
    ),
    [`registry source p ${U}`, "direct a https://x.example.invalid/a"],
  );
  assert.deepEqual(settings("pdm.toml", `[pypi]\nurl = "${U}"\n[pypi.lab]\nurl = "${U}lab"\n`), [
    `registry pypi.url ${U}`,
    `extra pypi.lab.url ${U}lab`,
  ]);
});

test("what is not of its format is told apart from what names nothing", () => {
  for (const name of ["uv.toml", "pyproject.toml", "bunfig.toml", "Pipfile", "package.json", "nuget.config"])
    assert.equal(settings(name, "{ ]"), undefined, name);
  assert.equal(settings(".yarnrc.yml", "a: [\n"), undefined);
  assert.deepEqual(settings("package.json", "7"), []);
});

test("lock files of the npm world: files, aliases, nested ones, and what comes from git", () => {
  const v1 = {
    dependencies: {
      a: {
        version: "1.0.0",
        resolved: `${U}a/-/a-1.0.0.tgz`,
        dependencies: { b: { version: "git+https://x.example.invalid/b#1" } },
      },
    },
  };
  assert.deepEqual(locked("npm-shrinkwrap.json", JSON.stringify(v1)), [
    `file a@1.0.0 ${U}a/-/a-1.0.0.tgz`,
    "direct b@git+https://x.example.invalid/b#1 git+https://x.example.invalid/b#1",
  ]);
  const pnpm = `packages:\n  a@1.0.0:\n    resolution: { integrity: sha512-x, tarball: ${U}a/-/a-1.0.0.tgz }\n  b@2.0.0:\n    resolution: { integrity: sha512-x }\n  c@https://codeload.example.invalid/c:\n    resolution: { type: git, repo: "https://x.example.invalid/c", commit: "1" }\n`;
  assert.deepEqual(locked("pnpm-lock.yaml", pnpm), [
    `file a@1.0.0 ${U}a/-/a-1.0.0.tgz`,
    "direct c@https://codeload.example.invalid/c https://x.example.invalid/c",
  ]);
  const bun = `{ "packages": { "a": ["a@1.0.0", "${U}a/-/a-1.0.0.tgz", {}, "sha512-x"], "b": ["b@1.0.0", "", {}, "sha512-x"], "c": ["c@github:x/c#1", {}, "x-c-1"], } }`;
  assert.deepEqual(locked("bun.lock", bun), [`file a@1.0.0 ${U}a/-/a-1.0.0.tgz`, "direct c@github:x/c#1 github:x/c#1"]);
  const berry = `"a@npm:1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0::__archiveUrl=${encodeURIComponent(`${U}a/-/a-1.0.0.tgz`)}"\n\n"b@npm:1":\n  resolution: "b@npm:1.0.0"\n\n"c@x":\n  resolution: "c@https://x.example.invalid/c.git#commit=1"\n`;
  assert.deepEqual(locked("yarn.lock", berry), [
    `file a@npm:1.0.0 ${U}a/-/a-1.0.0.tgz`,
    "direct c@x https://x.example.invalid/c.git#commit=1",
  ]);
  assert.deepEqual(
    locked(
      "deno.lock",
      JSON.stringify({
        npm: { "a@1.0.0": { tarball: `${U}a/-/a-1.0.0.tgz` } },
        jsr: { "@s/b@1": {} },
        remote: { "https://x.example.invalid/c.ts": "h" },
      }),
    ),
    [
      `file a@1.0.0 ${U}a/-/a-1.0.0.tgz`,
      "direct @s/b@1 jsr:@s/b@1",
      "direct https://x.example.invalid/c.ts https://x.example.invalid/c.ts",
    ],
  );
});

test("an address that JSON escapes is read as the client reads it", () => {
  const source =
    '{"packages":{"node_modules/a":{"version":"1.0.0","resolved":"\\u0068ttps:\\/\\/r.example.invalid\\/a/-/a-1.0.0.tgz"}}}';
  assert.deepEqual(locked("package-lock.json", source), [`file a@1.0.0 ${U}a/-/a-1.0.0.tgz`]);
});

test("lock files of Python: the index of each package, the address of each file, git and archives", () => {
  const poetry = `[[package]]\nname = "a"\nversion = "1"\n[package.source]\ntype = "legacy"\nurl = "${U}"\n[[package]]\nname = "b"\nversion = "1"\n[package.source]\ntype = "git"\nurl = "https://x.example.invalid/b"\n`;
  assert.deepEqual(locked("poetry.lock", poetry), [`index a@1 ${U}`, "direct b@1 https://x.example.invalid/b"]);
  const uv = `[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "${U}" }\nsdist = { url = "${U}a.tar.gz" }\nwheels = [{ url = "${U}a.whl" }]\n[[package]]\nname = "me"\nversion = "1"\nsource = { editable = "." }\n`;
  assert.deepEqual(locked("uv.lock", uv), [`index a@1 ${U}`, `file a@1 ${U}a.whl`, `file a@1 ${U}a.tar.gz`]);
  assert.deepEqual(
    locked(
      "pylock.dev.toml",
      `[[packages]]\nname = "a"\nversion = "1"\nindex = "${U}"\n[[packages]]\nname = "b"\n[packages.vcs]\ntype = "git"\nurl = "https://x.example.invalid/b"\n`,
    ),
    [`index a@1 ${U}`, "direct b@ https://x.example.invalid/b"],
  );
  assert.deepEqual(
    locked(
      "Pipfile.lock",
      JSON.stringify({
        _meta: { sources: [{ name: "p", url: U }] },
        default: { a: { git: "https://x.example.invalid/a" }, b: { version: "==1" } },
      }),
    ),
    [`index source p ${U}`, "direct a https://x.example.invalid/a"],
  );
  assert.deepEqual(
    locked(
      "requirements-dev.txt",
      `-i ${U} # c\n--find-links=./w\na==1 \\\n  --hash=sha256:00\nb @ https://x.example.invalid/b.whl\nhttps://x.example.invalid/c.whl\n`,
    ),
    [
      `index -i ${U}`,
      "direct b https://x.example.invalid/b.whl",
      "direct https://x.example.invalid/c.whl https://x.example.invalid/c.whl",
    ],
  );
});

test("a lock file that is none, or has too many entries, is not taken for one that names nothing", () => {
  assert.equal(locked("package-lock.json", "{"), undefined);
  assert.equal(lockedAddresses("requirements.txt", "a @ https://x.example.invalid/a\n".repeat(3), 2), undefined);
});
