import assert from "node:assert/strict";
import { test } from "node:test";
import { verdictOf } from "../../test/support/verdict-of.ts";
import type { Phase } from "./model.ts";
import { PREFILTER } from "./searched.ts";
import { treeOfFiles } from "./unpack.ts";

/** When the file at `path` of a source release of these files runs. */
function phaseOf(path: string, files: Readonly<Record<string, string>>): Phase | undefined {
  const entries = Object.entries(files).map(([place, text]) => [`demo-1.0/${place}`, Buffer.from(text)] as const);
  const tree = treeOfFiles(entries, { filename: "demo-1.0.tar.gz", ecosystem: "pypi", form: "sdist" }, PREFILTER);
  return tree.files.find((file) => file.path.endsWith(path))?.phase;
}

const MODULES = { "demo.py": "A = 1\n", "tool.py": "B = 2\n" };
const backend = (name: string, more = "") => ({
  "pyproject.toml": `[build-system]\nrequires = []\nbuild-backend = "${name}"\n[project]\nname = "demo"\n${more}`,
});

for (const name of ["flit_core.buildapi", "hatchling.build"]) {
  test(`of modules at the top ${name} packs the one of the project's name, and what it is told to`, () => {
    assert.equal(phaseOf("demo.py", { ...MODULES, ...backend(name) }), "import");
    assert.equal(phaseOf("tool.py", { ...MODULES, ...backend(name) }), "call");
    const told = '[tool.hatch.build.targets.wheel]\ninclude = ["tool.py"]\n';
    assert.equal(phaseOf("tool.py", { ...MODULES, ...backend(name, told) }), "import");
    assert.equal(phaseOf("tool.py", { ...MODULES, ...backend(name, 'include = ["*.py"]\n') }), "import");
  });
}

test("other backends may pack every module at the top", () => {
  assert.equal(phaseOf("tool.py", { ...MODULES, ...backend("setuptools.build_meta") }), "import");
});

test("a script that setup.py only installs does not run then; one that it names otherwise does", () => {
  const installs = "from setuptools import setup\nsetup(name='demo', scripts=['bin/demo.py'])\n";
  const files = { "bin/demo.py": "A = 1\n" };
  assert.notEqual(phaseOf("bin/demo.py", { ...files, "setup.py": installs }), "install");
  const runs = `${installs}exec(open('bin/demo.py').read())\n`;
  assert.equal(phaseOf("bin/demo.py", { ...files, "setup.py": runs }), "install");
});

test("a file that setup.py copies does not run then, unless it is started as well", () => {
  const files = { "data/a.py": "A = 1\n" };
  const copies = "import shutil\nfrom setuptools import setup\nshutil.copy('data/a.py', 'demo/a.py')\nsetup()\n";
  assert.notEqual(phaseOf("data/a.py", { ...files, "setup.py": copies }), "install");
  const starts = `${copies}import subprocess\nsubprocess.run(['python', 'data/a.py'])\n`;
  assert.equal(phaseOf("data/a.py", { ...files, "setup.py": starts }), "install");
});

test("what came with the command line or the input is decoded by whoever started the program; what the program puts there is not", () => {
  const head = "import base64, sys\n";
  const runs = "exec(base64.b64decode(sys.argv[1]))\n";
  const read = "exec(base64.b64decode(sys.stdin.read()))\n";
  const verdict = (text: string) => verdictOf("pypi", { "demo/__init__.py": head + text });
  assert.equal(verdict(runs), "clean");
  assert.equal(verdict(read), "clean");
  assert.notEqual(verdict(`sys.argv[1:] = [TEXT]\n${runs}`), "clean");
  assert.notEqual(verdict(`sys.stdin = io.StringIO(TEXT)\n${read}`), "clean");
});
