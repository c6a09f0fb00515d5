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
