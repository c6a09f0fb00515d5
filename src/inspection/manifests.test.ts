import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReleaseTree } from "./model.ts";
import { treeOfFiles } from "./unpack.ts";

function treeOf(form: ReleaseTree["form"], files: Readonly<Record<string, string>>, filename = "demo"): ReleaseTree {
  const pairs = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return treeOfFiles(pairs, { form, filename }, []);
}

test("METADATA gives name, version, requirements, links and people", () => {
  const metadata = `Metadata-Version: 2.1\r
Name: Demo\r
Version: 1.0\r
Summary: does\r
        things\r
Home-page: https://example.invalid/\r
Project-URL: Source Code, https://example.invalid/src\r
Author: Ada\r
Author-email: ada@example.invalid\r
Requires-Dist: requests (>=2)\r
Requires-Dist: tomli ; python_version < "3.11"\r
\r
Name: not-a-header`;
  const { manifest } = treeOf("wheel", { "demo-1.0.dist-info/METADATA": metadata });
  assert.deepEqual(
    { ...manifest, raw: undefined },
    {
      path: "demo-1.0.dist-info/METADATA",
      name: "Demo",
      version: "1.0",
      hooks: {},
      dependencies: { requests: "(>=2)", tomli: '; python_version < "3.11"' },
      homepage: "https://example.invalid/",
      repository: "https://example.invalid/src",
      authors: ["Ada", "ada@example.invalid"],
      description: "does\nthings",
      raw: undefined,
    },
  );
});

test("an sdist's PKG-INFO of every level is read, the outer one first", () => {
  const tree = treeOf("sdist", {
    "demo-1/demo.egg-info/PKG-INFO": "Name: inner\nVersion: 2",
    "demo-1/PKG-INFO": "Name: outer\nVersion: 1",
    "demo-1/setup.py": "",
  });
  assert.deepEqual(
    tree.manifests.map(({ name, hooks }) => [name, hooks]),
    [
      ["outer", { "setup.py": "python setup.py" }],
      ["inner", { "setup.py": "python setup.py" }],
    ],
  );
});

test("an sdist without PKG-INFO is known by its name and pyproject.toml", () => {
  const bare = treeOf("sdist", { "setup.py": "" }, "my-demo-1.2.3.tar.gz").manifest!;
  assert.deepEqual(
    [bare.path, bare.name, bare.version, bare.hooks],
    ["setup.py", "my-demo", "1.2.3", { "setup.py": "python setup.py" }],
  );
  const pyproject =
    '[build-system]\nrequires=["hatchling"]\nbuild-backend="hatchling.build"\n[project]\nname="p"\nversion="3"\n';
  const declared = treeOf("sdist", { "pyproject.toml": pyproject }).manifest!;
  assert.deepEqual(
    [declared.name, declared.version, declared.hooks, declared.dependencies],
    ["p", "3", {}, { hatchling: "" }],
  );
});

test("package.json gives hooks, dependencies, links and people; shrinkwrap and bundled packages are manifests too", () => {
  const tree = treeOf("npm", {
    "package/node_modules/@s/b/package.json": '{"name":"@s/b","version":"1","scripts":{"install":"x"}}',
    "package/npm-shrinkwrap.json": '{"name":"demo","version":"2"}',
    "package/package.json": `\ufeff${JSON.stringify({
      name: "demo",
      version: "1.0.0",
      scripts: { preinstall: "a", prepare: "b", test: "c" },
      dependencies: { x: "^1" },
      optionalDependencies: { y: "git+ssh://example.invalid/y" },
      repository: { url: "git+https://example.invalid/r" },
      author: { name: "Ada", email: "ada@example.invalid" },
      contributors: ["Bob"],
    })}`,
  });
  const { manifest, manifests } = tree;
  assert.deepEqual(
    manifests.map(({ name, version }) => `${name}@${version}`),
    ["demo@1.0.0", "demo@2", "@s/b@1"],
  );
  assert.deepEqual(manifest!.hooks, { preinstall: "a", prepare: "b" });
  assert.deepEqual(manifest!.dependencies, { y: "git+ssh://example.invalid/y", x: "^1" });
  assert.deepEqual(
    [manifest!.repository, manifest!.authors],
    ["git+https://example.invalid/r", ["Ada <ada@example.invalid>", "Bob"]],
  );
});

test("a package.json with surprising types and names is read without harm", () => {
  const text = '{"name":1,"scripts":["x"],"dependencies":{"__proto__":"1","a":2},"author":null,"repository":[]}';
  const { manifest } = treeOf("npm", { "package.json": text });
  assert.deepEqual([manifest!.name, manifest!.hooks, Object.keys(manifest!.dependencies)], ["", {}, ["__proto__"]]);
});

test("a nuspec gives id, version, dependencies of all groups and scripts that run", () => {
  const nuspec = `<?xml version="1.0" encoding="utf-8"?>
<n:package xmlns:n="x"><n:metadata><n:id>Demo</n:id><n:version>1.0</n:version><n:authors>Ada, Bob</n:authors>
<n:repository type="git" url="https://example.invalid/r"/><n:description><![CDATA[a <b>]]></n:description>
<n:dependencies><dependency id="A" version="[1,2)"/><n:group targetFramework="x"><dependency id="B"/></n:group></n:dependencies>
</n:metadata></n:package>`;
  const { manifest } = treeOf("nupkg", { "Demo.nuspec": nuspec, "buildTransitive/Demo.props": "<Project/>" });
  assert.deepEqual([manifest!.name, manifest!.version, manifest!.authors], ["Demo", "1.0", ["Ada", "Bob"]]);
  assert.deepEqual(manifest!.dependencies, { A: "[1,2)", B: "" });
  assert.deepEqual(manifest!.hooks, { "buildTransitive/Demo.props": "buildTransitive/Demo.props" });
  assert.deepEqual([manifest!.repository, manifest!.description], ["https://example.invalid/r", "a <b>"]);
});

for (const [what, form, path, text] of [
  ["JSON that is cut off", "npm", "package.json", '{"name":'],
  ["JSON that is no object", "npm", "package.json", "[]"],
  ["XML with a document type", "nupkg", "a.nuspec", '<!DOCTYPE x [<!ENTITY a "b">]><package><metadata/></package>'],
  ["XML that is deeper than anything honest", "nupkg", "a.nuspec", "<a>".repeat(100)],
  ["XML that is malformed", "nupkg", "a.nuspec", "<a></b>"],
  ["headers that are none", "wheel", "a.dist-info/METADATA", "hello"],
] as const) {
  test(`a manifest of ${what} is a remark, not a manifest`, () => {
    const tree = treeOf(form, { [path]: text });
    assert.equal(tree.manifest, undefined);
    assert.match(tree.remarks[0]!.says, /cannot be read/);
  });
}
