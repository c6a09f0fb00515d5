import assert from "node:assert/strict";
import { test } from "node:test";
import { argumentText, calls } from "./calls.ts";
import { lex } from "./lex.ts";

function called(text: string): readonly string[] {
  return calls({ kind: "python", text, tokens: lex("python", text) })
    .filter(({ name }) => /^(?:exec|eval|os\.system)$/.test(name))
    .map((call) => `${call.name} ${argumentText(call, 0) ?? ""}`.trimEnd());
}

test("a function that is handed to one that calls it counts as called, with the arguments that go along", () => {
  assert.deepEqual(called("import os, threading\nthreading.Thread(target=os.system, args=('a b',)).start()\n"), [
    "os.system",
  ]);
  assert.deepEqual(called("import atexit, os\natexit.register(os.system, 'a b')\n"), ["os.system a b"]);
  assert.deepEqual(called("import os\npool.submit(os.system, 'a b')\n"), ["os.system a b"]);
});

test("what tables of names give by name is what is called", () => {
  assert.deepEqual(called("vars(__builtins__).get('exec')('a = 1')\n"), ["exec a = 1"]);
  assert.deepEqual(called("import sys\nsys.modules.get('os').system('a b')\n"), ["os.system a b"]);
  assert.deepEqual(called("import os\nos.__getattribute__('system')('a b')\n"), ["os.system a b"]);
});

test("of several values that may be meant the dangerous one is called", () => {
  assert.deepEqual(called("import os\n(os.system if x else print)('a b')\n"), ["os.system a b"]);
  assert.deepEqual(called("(__builtins__ if c else other)['exec']('a = 1')\n"), ["exec a = 1"]);
});

test("parsers that choose how far to trust a text, and lists of numbers that are read, are no calls of eval by another name", () => {
  assert.deepEqual(called("import ast\nparse = eval if trusted else ast.literal_eval\nparse(text)\n"), []);
  assert.deepEqual(called("numbers = list(map(eval, line.split()))\n"), []);
});

test("getters of the operator module give what they name, and call it where they say so", () => {
  assert.deepEqual(called("import operator as o, os\no.methodcaller('sys' + 'tem', 'a b')(os)\n"), ["os.system a b"]);
  assert.deepEqual(called("import operator, os\noperator.attrgetter('system')(os)('a b')\n"), ["os.system a b"]);
  assert.deepEqual(called("from operator import itemgetter\nitemgetter('exec')(vars(__builtins__))('a = 1')\n"), [
    "exec a = 1",
  ]);
});

test("a function that is taken out of a list or table is called, whichever is taken", () => {
  for (const text of [
    "for f in [os.system]:\n    f('a b')\n",
    "for f, a in [(os.system, 'a b')]:\n    f('a b')\n",
    "[f('a b') for f in (print, os.system)]\n",
    "any(f('a b') for f in {os.system})\n",
    "d = {'a': os.system, 'b': print}\nd[k]('a b')\n",
    "d = {}\nd['a'] = os.system\nd['a']('a b')\n",
    "d = dict(a=os.system)\nd['a']('a b')\n",
    "next(iter([os.system]))('a b')\n",
    "for n in ('system',):\n    getattr(os, n)('a b')\n",
    "getattr(os, 'open' if x else 'system')('a b')\n",
  ])
    assert.deepEqual(called(`import os\n${text}`), ["os.system a b"], text);
});

test("decorators are calls, one around the other", () => {
  assert.deepEqual(called("@exec\n@(lambda f: 'a = 1')\ndef f():\n    pass\n"), ["exec a = 1"]);
  assert.deepEqual(called("def text(f):\n    return 'a = 1'\n@exec\n@text\nclass A:\n    pass\n"), ["exec a = 1"]);
  assert.deepEqual(called("@functools.cache\ndef f():\n    pass\n"), []);
});

test("what goes over lists calls for each item, and a function that gets all arguments hands them on", () => {
  for (const text of [
    "sorted(['a b'], key=os.system)\n",
    "max(['a b'], key=os.system)\n",
    "names = ['a b']\nnames.sort(key=os.system)\n",
    "list(map(os.system, ['a b']))\n",
  ])
    assert.deepEqual(called(`import os\n${text}`), ["os.system a b"], text);
  assert.ok(called("import os\n(lambda *a: os.system(*a))('a b')\n").includes("os.system a b"));
  assert.ok(
    called("import os\ndef run(*words):\n    os.system(' '.join(words))\nrun('a', 'b')\n").includes("os.system a b"),
  );
});

test("modules are reached through themselves, through modules that import them, and through functions", () => {
  for (const text of [
    "import sys\nrun = os.system\nsys.modules[__name__].run('a b')\n",
    "run = os.system\ngetattr(__import__(__name__), 'run')('a b')\n",
    "import shutil\nshutil.os.system('a b')\n",
    "from shutil import os as o\no.system('a b')\n",
    "import posix\nposix.system('a b')\n",
    "f.__globals__['os'].system('a b')\n",
    "eval('os.system')('a b')\n",
    "import builtins\nbuiltins.go = os.system\ngo('a b')\n",
  ])
    assert.ok(called(`import os\n${text}`).includes("os.system a b"), text);
  assert.ok(called("print.__self__.exec('a = 1')\n").includes("exec a = 1"));
  const sockets = "import socket\nsocket.socket()\n";
  assert.equal(calls({ kind: "python", text: sockets, tokens: lex("python", sockets) })[0]?.name, "socket.socket");
});

test("a function that gives back a dangerous one on some way through it gives that", () => {
  assert.deepEqual(called("def f():\n    if x:\n        return exec\n    return None\nf()('a = 1')\n"), ["exec a = 1"]);
  assert.deepEqual(called("def f():\n    yield exec\nnext(f())('a = 1')\n"), ["exec a = 1"]);
});

test("a function under the name of a member is called, of a class, an object or a table of names", () => {
  for (const text of [
    "class A:\n    run = os.system\n    def go(self):\n        self.run('a b')\n",
    "class A:\n    run = staticmethod(os.system)\nA.run('a b')\n",
    "class A:\n    run = staticmethod(os.system)\nA().run('a b')\n",
    "class N:\n    pass\nn = N()\nn.go = os.system\nn.go('a b')\n",
    "class N:\n    pass\nsetattr(N, 'go', os.system)\nN.go('a b')\n",
    "from types import SimpleNamespace as S\nS(go=os.system).go('a b')\n",
    "type('X', (), {'r': os.system}).r('a b')\n",
    "object.__getattribute__(os, 'system')('a b')\n",
    "globals()['run'] = os.system\nrun('a b')\n",
    "globals().update(run=os.system)\nrun('a b')\n",
    "try:\n    f = os.system\nexcept Exception:\n    f = None\nf('a b')\n",
    "if (f := os.system):\n    f('a b')\n",
    "from os import *\nsystem('a b')\n",
  ])
    assert.deepEqual(called(`import os\n${text}`), ["os.system a b"], text);
  assert.deepEqual(
    called("class A:\n    def a(self):\n        self.x('a = 1')\n    def b(self):\n        self.x = exec\n"),
    ["exec a = 1"],
  );
});

test("a function of the file that is handed a dangerous one is taken to call it; one that is handed eval may read numbers", () => {
  assert.deepEqual(called("import os\ndef g(f, x):\n    return f(x)\ng(os.system, 'a b')\n"), ["os.system a b"]);
  assert.deepEqual(called("(lambda f, x: f(x))(exec, 'a = 1')\n"), ["exec a = 1"]);
  assert.deepEqual(called("def read(parse, x):\n    return parse(x)\nread(eval, line)\n"), []);
});

test("names of the language come out of whichever form its table has", () => {
  const text = "o = (__builtins__ if isinstance(__builtins__, dict) else __builtins__.__dict__)['op' + 'en']\no('a')\n";
  const names = calls({ kind: "python", text, tokens: lex("python", text) }).map(({ name }) => name);
  assert.ok(names.includes("open"), names.join(" "));
});

function calledByScript(text: string): readonly string[] {
  return calls({ kind: "javascript", text, tokens: lex("javascript", text) })
    .filter(({ name }) => /^(?:eval|Function|child_process\.\w+)$/.test(name))
    .map((call) => `${call.name} ${argumentText(call, 0) ?? ""}`.trimEnd());
}

test("scripts that call by Reflect, prototypes, members, copies and patterns call what they name", () => {
  for (const text of [
    "Reflect.apply(cp.exec, null, ['a b'])",
    "Function.prototype.call.call(cp.exec, null, 'a b')",
    "Function.prototype.apply.call(cp.exec, null, ['a b'])",
    "class A { run = cp.exec; go() { this.run('a b') } }",
    "class A { static run = cp.exec }\nA.run('a b')",
    "const o = {}; o.e = cp.exec; o.e('a b')",
    "const { ['ex' + 'ec']: e } = cp; e('a b')",
    "const { exec = 0 } = cp; exec('a b')",
    "const { spawn, ...rest } = cp; rest.exec('a b')",
    "const copy = { ...cp }; copy.exec('a b')",
    "Object.assign({}, cp).exec('a b')",
    "import('child_' + 'process').then((m) => m.exec('a b'))",
    "process.nextTick(cp.exec, 'a b')",
    "['a b'].forEach(cp.exec)",
  ]) {
    const found = calledByScript(`const cp = require('child_process');\n${text}`);
    assert.ok(found.includes("child_process.exec a b"), `${text}: ${found.join("; ")}`);
  }
  assert.ok(calledByScript("const g = Function('return this')(); g['ev' + 'al']('a = 1')").includes("eval a = 1"));
  assert.ok(calledByScript("Reflect.construct(Function, ['a = 1'])()").includes("Function a = 1"));
});

test("scripts that call by tables, maps, loops, getters, own functions and patterns of parameters call what they name", () => {
  for (const text of [
    "new Map([['e', cp.exec]]).get('e')('a b')",
    "const m = new Map(); m.set('e', cp.exec); m.get('e')('a b')",
    "const o = {}; o['e'] = cp.exec; o.e('a b')",
    "const o = []; o[0] = cp.exec; o[0]('a b')",
    "for (const f of new Set([cp.exec])) f('a b')",
    "for (const [k, f] of new Map([['e', cp.exec]])) f('a b')",
    "[cp.exec].forEach((f) => f('a b'))",
    "Object.values({ e: cp.exec })[0]('a b')",
    "const o = { get e() { return cp.exec; } }; o.e('a b')",
    "class A { static get e() { return cp.exec; } }\nA.e('a b')",
    "Object.defineProperty(o, 'e', { value: cp.exec }); o.e('a b')",
    "((f, x) => f(x))(cp.exec, 'a b')",
    "const f = x ? cp.exec : y; f('a b')",
    "function g() { if (x) return cp.exec; return null; }\ng()('a b')",
    "import('child_process').then(({ exec: e }) => e('a b'))",
    "Promise.resolve(cp).then((c) => c.exec('a b'))",
  ]) {
    const found = calledByScript(`const cp = require('child_process');\n${text}`);
    assert.ok(found.includes("child_process.exec a b"), `${text}: ${found.join("; ")}`);
  }
  assert.ok(calledByScript("globalThis.run = eval; run('a = 1')").includes("eval a = 1"));
  assert.ok(calledByScript("answer.then(eval)").includes("eval"));
  assert.deepEqual(calledByScript("const cp = require('child_process');\nconst run = util.promisify(cp.exec);"), []);
});

test("imports inside functions bind where `global` says, and functions that import are followed", () => {
  const inside = "def a():\n    global run\n    from os import system as run\na()\nrun('a b')\n";
  assert.deepEqual(called(inside), ["os.system a b"]);
  const decoder =
    "def d(s):\n    import base64 as b\n    return b.b64decode(s).decode()\nimport os\nos.system(d('YSBi'))\n";
  assert.deepEqual(called(decoder), ["os.system a b"]);
});
