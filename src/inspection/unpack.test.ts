import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { npmTarball, nupkg, sdist, tar, tarGz, tarOf, wheel, zip, zipOf } from "../../test/support/archives.ts";
import type { ArchiveProblem } from "../lib/archives/archive.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { InspectionRequest, ReleaseTree } from "./model.ts";
import { buildPrefilter } from "./prefilter.ts";
import { treeOfFiles, unpack } from "./unpack.ts";

const LIMITS = {
  ...DEFAULT_LIMITS,
  unpackedBytes: 1 << 20,
  archiveEntries: 200,
  archiveRatioFrom: 1 << 18,
  archiveDepth: 2,
};
const DEMO = { name: "demo", version: "1.0" };

function treeOf(bytes: Buffer, about: Partial<InspectionRequest> = {}): ReleaseTree {
  return unpack({ bytes, filename: "demo-1.0", ...about }, LIMITS, buildPrefilter(["eval(", "powershell"]));
}

function refused(problem: ArchiveProblem, bytes: Buffer): void {
  assert.throws(() => treeOf(bytes), { name: "ArchiveRefused", problem });
}

function phases(tree: ReleaseTree): Record<string, string> {
  return Object.fromEntries(tree.files.map(({ path, phase }) => [path, phase]));
}

describe("the form of an artifact", () => {
  const formOf = (bytes: Buffer, about?: Partial<InspectionRequest>) => {
    const { form, ecosystem } = treeOf(bytes, about);
    return `${form} ${ecosystem}`;
  };
  test("is told from what it holds", () => {
    assert.equal(formOf(wheel(DEMO)), "wheel pypi");
    assert.equal(formOf(sdist(DEMO)), "sdist pypi");
    assert.equal(formOf(npmTarball(DEMO)), "npm npm");
    assert.equal(formOf(npmTarball({ ...DEMO, folder: "demo-master" })), "npm npm");
    assert.equal(formOf(nupkg(DEMO)), "nupkg nuget");
    assert.equal(formOf(tarGz({ "notes.txt": "hello" })), "other unknown");
  });
  test("does not depend on the file's name: a zip called .tar.gz is a zip", () => {
    assert.equal(formOf(wheel(DEMO), { filename: "demo-1.0.tar.gz" }), "wheel pypi");
    assert.equal(formOf(zip({ "demo-1.0/setup.py": "" }), { filename: "demo-1.0.tar.gz" }), "sdist pypi");
  });
  test("follows the feed where the content would do for two", () => {
    const both = tarGz({ "demo-1.0/PKG-INFO": "Name: demo\n", "demo-1.0/package.json": "{}" });
    assert.equal(formOf(both), "sdist pypi");
    assert.equal(formOf(both, { ecosystem: "npm" }), "npm npm");
  });
});

describe("a file of the tree", () => {
  test("is found by its stored path and by its path once installed", () => {
    const tree = treeOf(npmTarball({ ...DEMO, folder: "anything", files: { "lib/a.js": "" } }));
    assert.equal(tree.file("anything/lib/a.js"), tree.file("lib/a.js"));
    assert.ok(tree.file("package.json"));
    assert.ok(treeOf(sdist({ ...DEMO, files: { "setup.py": "" } })).file("setup.py"));
    assert.ok(treeOf(wheel({ ...DEMO, files: { "demo-1.0.data/purelib/x.pth": "" } })).file("x.pth"));
    assert.ok(treeOf(nupkg({ ...DEMO, files: { "tools/init%2Eps1": "" } })).file("tools/init.ps1"));
    assert.equal(tree.file("missing"), undefined);
  });
  test("knows its text, lines, tokens and which literals it has", () => {
    const tree = treeOf(npmTarball({ ...DEMO, files: { "a.js": "let a;\n\nEVAL('x');\n" } }));
    const file = tree.file("a.js")!;
    assert.equal(file.kind, "javascript");
    assert.deepEqual([0, 6, 7, 8, 10].map(file.lineAt), [1, 1, 2, 3, 3]);
    assert.equal(file.tokens.text(3), "EVAL");
    assert.deepEqual([file.has("eval("), file.has("powershell")], [true, false]);
  });
  test("is decoded by byte order mark, as UTF-8, or byte by byte", () => {
    const files = {
      "utf8.txt": "\ufeffé",
      "latin1.txt": Buffer.from([0xe9]),
      "utf16le.ps1": Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("powershell é", "utf16le")]),
      "utf16be.ps1": Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from("é", "utf16le").swap16()]),
    };
    const tree = treeOf(npmTarball({ ...DEMO, files }));
    assert.deepEqual(
      Object.keys(files).map((path) => tree.file(path)!.text),
      ["é", "é", "powershell é", "é"],
    );
    assert.ok(tree.file("utf16le.ps1")!.has("powershell"));
  });
  test("that is larger than what lexers read has no tokens and a remark", () => {
    const limits = { ...LIMITS, lexedBytes: 10 };
    const bytes = npmTarball({ ...DEMO, files: { "a.js": "let abc = 1234567;" } });
    const tree = unpack({ bytes, filename: "x" }, limits, []);
    assert.equal(tree.file("a.js")!.tokens.length, 0);
    assert.ok(tree.remarks.some(({ path }) => path === "package/a.js"));
  });
  test("that declares an encoding in which code hides has a remark", () => {
    const { remarks } = treeOf(
      sdist({ ...DEMO, files: { "a.py": "#!/bin/x\n# -*- coding: utf_7 -*-\n", "b.py": "# coding: latin-1\n" } }),
    );
    assert.deepEqual(remarks, [{ path: "demo-1.0/a.py", says: "It declares the source encoding utf_7" }]);
  });
});

describe("archives inside the artifact", () => {
  test("are opened, whatever their names, and their members are files of the tree", () => {
    const files = {
      "data.txt": zip({ "evil.py": "eval('1')" }),
      "x.bin": tar({ "y.js": "1" }),
      "d.csv.gz": gzipSync("a,b"),
    };
    const tree = treeOf(npmTarball({ ...DEMO, files }));
    assert.equal(tree.file("package/data.txt!/evil.py")!.kind, "python");
    assert.equal(tree.file("package/data.txt")!.kind, "archive");
    assert.ok(tree.file("package/x.bin!/y.js"));
    assert.equal(tree.file("package/d.csv.gz!/d.csv")!.text, "a,b");
  });
  test("that are damaged or odd stay files, with a remark", () => {
    const odd = zipOf([{ path: "../x", bytes: "x" }]);
    const tree = treeOf(npmTarball({ ...DEMO, files: { "odd.zip": odd, "cut.zip": odd.subarray(0, 40) } }));
    assert.deepEqual(
      tree.remarks.map(({ path, says }) => `${path} ${/\((.*?)\)/.exec(says)?.[1]}`),
      ["package/odd.zip unsafe-path", "package/cut.zip truncated"],
    );
  });
  test("behind other content are told in a remark", () => {
    const { remarks } = treeOf(
      npmTarball({ ...DEMO, files: { "x.png": Buffer.concat([Buffer.from("\x89PNG\r\n"), zip({ a: "b" })]) } }),
    );
    assert.deepEqual(remarks, [{ path: "package/x.png", says: "A zip follows its content" }]);
  });
  test("deeper than the limit refuse the artifact", () => {
    const nest = (depth: number): Buffer => (depth === 0 ? Buffer.from("x") : zip({ "inner.zip": nest(depth - 1) }));
    assert.equal(treeOf(npmTarball({ ...DEMO, files: { "a.zip": nest(2) } })).files.length, 4);
    refused("bomb", npmTarball({ ...DEMO, files: { "a.zip": nest(3) } }));
  });
  test("share one budget with it: bombs and crowds inside refuse the artifact", () => {
    const zeros = zip({ zeros: Buffer.alloc(300_000) });
    refused("bomb", npmTarball({ ...DEMO, files: { "a.zip": zeros } }));
    const crowd = zip(Array.from({ length: 150 }, (_, i) => [`${i}`, ""] as const));
    refused("too-many", npmTarball({ ...DEMO, files: { "a.zip": crowd, "b.zip": Buffer.concat([crowd]) } }));
  });
});

describe("an artifact is refused when", () => {
  test("it is no archive", () => refused("unsupported", Buffer.from("print(1)")));
  test("it is a gzip stream without a tar", () => refused("corrupt", gzipSync("print(1)")));
  test("two of its members are installed to one place", () => {
    refused("ambiguous", tarGz({ "package/package.json": "{}", "other/package.json": '{"scripts":{}}' }));
    refused("ambiguous", wheel({ ...DEMO, files: { "a.py": "1", "demo-1.0.data/purelib/a.py": "2" } }));
  });
});

test("links are listed as remarks", () => {
  const bytes = gzipSync(
    tarOf([
      { path: "demo-1.0/PKG-INFO", bytes: "Name: demo\n" },
      { path: "demo-1.0/setup.py", type: "2", linkName: "hidden.txt" },
      { path: "demo-1.0/hidden.txt", bytes: "import os\n" },
    ]),
  );
  const tree = treeOf(bytes);
  assert.deepEqual(tree.remarks, [{ path: "demo-1.0/setup.py", says: "It is a symbolic link to hidden.txt" }]);
  assert.deepEqual([tree.file("setup.py")!.text, tree.file("setup.py")!.phase], ["import os\n", "install"]);
});

describe("the phase of a file", () => {
  test("of an sdist: what setup.py runs is install, what a .pth file imports is start, packages are import, the rest waits", () => {
    const tree = treeOf(
      sdist({
        ...DEMO,
        files: {
          "setup.py": "from setuptools import setup\nimport helper\nexec(open('demo/_version.py').read())\n",
          "helper.py": "",
          "demo/__init__.py": "",
          "demo/_version.py": "",
          "demo/core.py": "",
          "early/__init__.py": "",
          "demo/logo.png": Buffer.from("\x89PNG\r\n\x1a\n0000", "latin1"),
          "x.pth": "import early",
          "README.md": "# demo",
          "tests/__init__.py": "",
        },
      }),
    );
    const found = Object.fromEntries(Object.entries(phases(tree)).map(([path, phase]) => [path.slice(9), phase]));
    assert.deepEqual(found, {
      "PKG-INFO": "none",
      "setup.py": "install",
      "helper.py": "install",
      "demo/__init__.py": "import",
      "demo/_version.py": "install",
      "demo/core.py": "call",
      "early/__init__.py": "start",
      "demo/logo.png": "none",
      "x.pth": "start",
      "README.md": "none",
      "tests/__init__.py": "call",
    });
  });
  test("of an sdist's own builder is install", () => {
    const pyproject = '[build-system]\nrequires = ["x"]\nbuild-backend = "own.api:build"\nbackend-path = ["tools"]\n';
    const tree = treeOf(sdist({ ...DEMO, files: { "pyproject.toml": pyproject, "tools/own/api.py": "" } }));
    assert.equal(tree.file("tools/own/api.py")!.phase, "install");
    assert.deepEqual(tree.manifest!.hooks, { "build-backend": "own.api:build" });
  });
  test("of an npm package follows the install hooks through scripts and requires, and the entry points", () => {
    const tree = treeOf(
      npmTarball({
        ...DEMO,
        manifest: {
          main: "lib",
          exports: { ".": { import: "./esm.mjs" } },
          scripts: { postinstall: "npm run -s go && sh ./x.sh", go: "node scripts/go", test: "node t.js" },
        },
        files: {
          "scripts/go.js": "require('./deep/more')",
          "scripts/deep/more.js": "import '../../data.json'",
          "data.json": "{}",
          "x.sh": "#!/bin/sh\n",
          "lib/index.js": "",
          "esm.mjs": "",
          "t.js": "",
          ".vscode/tasks.json": "{}",
        },
      }),
    );
    const found = Object.fromEntries(Object.entries(phases(tree)).map(([path, phase]) => [path.slice(8), phase]));
    assert.deepEqual(found, {
      "package.json": "none",
      "scripts/go.js": "install",
      "scripts/deep/more.js": "install",
      "data.json": "none",
      "x.sh": "install",
      "lib/index.js": "import",
      "esm.mjs": "import",
      "t.js": "call",
      ".vscode/tasks.json": "start",
    });
  });
  test("of an npm add-on's build files is install, and the build is a hook", () => {
    const tree = treeOf(npmTarball({ ...DEMO, files: { "binding.gyp": "{}", "deps/x.gypi": "{}" } }));
    assert.deepEqual(tree.manifest!.hooks, { install: "node-gyp rebuild" });
    assert.deepEqual([tree.file("binding.gyp")!.phase, tree.file("deps/x.gypi")!.phase], ["install", "install"]);
  });
  test("of a nupkg's scripts and build files is install", () => {
    const files = {
      "tools/init.ps1": "",
      "tools/helper.ps1": "",
      "build/demo.targets": "<Project/>",
      "lib/readme.txt": "",
    };
    const tree = treeOf(nupkg({ ...DEMO, files }));
    assert.deepEqual(
      Object.keys(files).map((path) => tree.file(path)!.phase),
      ["install", "install", "install", "none"],
    );
    assert.deepEqual(Object.keys(tree.manifest!.hooks), ["tools/init.ps1", "build/demo.targets"]);
  });
});

describe("loose files", () => {
  test("make a tree like an archive of them, with or without the top folder", () => {
    for (const top of ["", "package/"]) {
      const files = new Map([
        [`${top}package.json`, Buffer.from('{"name":"demo","version":"1.0","scripts":{"install":"node a"}}')],
        [`${top}a.js`, Buffer.from("")],
      ]);
      const tree = treeOfFiles(files, { filename: "demo" }, [{ literals: ["abc"] }]);
      assert.deepEqual([tree.form, tree.manifest?.name, tree.file("a.js")?.phase], ["npm", "demo", "install"]);
    }
  });
  test("may be a single script", () => {
    const tree = treeOfFiles([["evil.py", Buffer.from("import os\n")]], { filename: "evil.py" }, []);
    assert.deepEqual([tree.form, tree.files[0]!.kind, tree.files[0]!.phase], ["other", "python", "call"]);
  });
});

test("any damaged manifest, script or archive becomes a tree, every part of which can be read", () => {
  const files: Readonly<Record<string, Buffer>> = {
    "package/package.json": Buffer.from('{"name":"demo","scripts":{"install":"node a && sh b"},"main":"./x"}'),
    "demo-1.0/PKG-INFO": Buffer.from("Name: demo\nVersion: 1.0\nRequires-Dist: x (>1)\n\ntext"),
    "demo.nuspec": Buffer.from("<?xml version='1.0'?><package><metadata><id>a</id></metadata></package>"),
    "setup.py": Buffer.from("# coding: latin-1\nfrom a.b import c\nexec(open('x.py').read())\n"),
    "pyproject.toml": Buffer.from('[build-system]\nbuild-backend="own"\nbackend-path=["."]\n'),
    "a.js": Buffer.from("require('./b'); import './c'"),
    "inner.zip": zip({ "a.py": "import os" }),
  };
  const paths = Object.keys(files);
  const damage = fc.array(fc.tuple(fc.constantFrom(...paths), fc.nat(200), fc.nat(255)), { maxLength: 5 });
  const forms = fc.constantFrom("npm", "sdist", "wheel", "nupkg", "other" as const);
  fc.assert(
    fc.property(damage, forms, (strokes, form) => {
      const copies = new Map(paths.map((path) => [path, Buffer.from(files[path]!)]));
      for (const [path, at, byte] of strokes) copies.get(path)![at % copies.get(path)!.length] = byte;
      const tree = treeOfFiles(copies, { form, filename: "demo-1.0.zip" }, [{ literals: ["import"] }]);
      for (const file of tree.files) assert.ok(file.tokens.length >= 0 && file.lineAt(file.text.length) > 0);
      for (const file of tree.files) assert.equal(typeof file.has("import"), "boolean");
    }),
    { numRuns: 300 },
  );
});
