import assert from "node:assert/strict";
import { test } from "node:test";
import { argumentText, calls } from "../../src/inspection/languages/calls.ts";
import { lex } from "../../src/inspection/languages/lex.ts";
import { archiveBounds } from "../../src/inspection/unpack.ts";
import { openBudget } from "../../src/lib/archives/budget.ts";
import { readArchive } from "../../src/lib/archives/read.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { sdist, wheel } from "../../test/support/archives.ts";
import { readArguments } from "../arguments.ts";
import { alias } from "./alias.ts";
import { obfuscated } from "./archive.ts";
import { bait } from "./bait.ts";
import { encode } from "./encode.ts";
import { flood } from "./flood.ts";
import { OBFUSCATIONS } from "./index.ts";
import type { Obfuscation } from "./obfuscation.ts";
import { openRandom } from "./random.ts";
import { rename } from "./rename.ts";
import { reorder } from "./reorder.ts";
import { tokensOf } from "./source.ts";
import { split } from "./split.ts";
import { wrap } from "./wrap.ts";

const PROGRAM = `"""What it is."""
import os
from setuptools import setup


def loud(word):
    return word.upper()


def calm(word):
    return os.path.join(word, "x")


def show(word, times=2):
    line = "say " + word
    os.system(line * times)


class Thing:
    size = 3

    def grow(self, by):
        self.size += by
        return self.size


show("hello there")
setup(name="demo", version="1.0")
`;

function python(obfuscation: Obfuscation, text: string, seed = "1"): string {
  const tokens = tokensOf("python", text)!;
  return obfuscation.python({ text, tokens, foreign: new Set() }, openRandom(seed));
}

test("every obfuscation is the same for the same seed, another for another, and leaves a program that lexes", () => {
  for (const obfuscation of OBFUSCATIONS) {
    const one = python(obfuscation, PROGRAM);
    assert.equal(one, python(obfuscation, PROGRAM), obfuscation.name);
    assert.ok(
      ["2", "3", "4", "5", "6", "7"].some((seed) => python(obfuscation, PROGRAM, seed) !== one),
      obfuscation.name,
    );
    assert.notEqual(tokensOf("python", one), undefined, obfuscation.name);
    assert.notEqual(one, PROGRAM, obfuscation.name);
  }
});

test("renaming leaves attributes, members of classes, arguments by name and defaults, and renames the rest everywhere", () => {
  const text = python(rename, PROGRAM);
  assert.doesNotMatch(text, /\b(?:word|line|show|Thing|by)\b/);
  assert.match(text, /import os as \w{10}\n/);
  for (const kept of [/\.system\(/, /def grow\(self/, /times=2/, /\(name="demo", version="1\.0"\)/, /self\.size/]) {
    assert.match(text, kept);
  }
});

test("split and encoded literals fold to what they were, and docstrings stay", () => {
  for (const obfuscation of [split, encode]) {
    for (let seed = 0; seed < 40; seed++) {
      const text = python(obfuscation, '"""Doc."""\nprint("some longer text")\n', String(seed));
      assert.doesNotMatch(text, /some longer text/);
      assert.ok(text.startsWith('"""Doc."""'));
      const printed = calls({ kind: "python", text, tokens: lex("python", text) }).find(
        ({ name }) => name === "print",
      )!;
      assert.equal(argumentText(printed, 0), "some longer text", text);
    }
  }
});

test("aliases reach functions of the language and members of modules by detours", () => {
  const text = python(alias, PROGRAM);
  assert.match(text, /import os as \w{10}\n/);
  assert.match(text, /getattr\(\w{10}, "sys" \+ "tem"\)\(/);
  assert.match(python(alias, "exec(text)\n"), /^\w{10} = [^\n]{1,100}\n\w{10}\(text\)\n$/);
});

test("wrapped statements say which names are the module's, and lines inside literals stay", () => {
  const text = Array.from({ length: 20 }, (_, seed) => python(wrap, 'x = """a\nb"""\ny: int = 3\n', String(seed)));
  assert.ok(text.some((one) => /global x\n {4}x = """a\nb"""/.test(one)));
  assert.ok(text.every((one) => !/global [^\n]*\by\b/.test(one)));
});

test("floods and bait add without taking anything away, and name files around", () => {
  for (const obfuscation of [flood, bait]) {
    const text = python(obfuscation, PROGRAM);
    const lines = new Set(text.split("\n").map((line) => line.replace(/^.*;\s{600}/, "").trim()));
    for (const line of PROGRAM.split("\n")) assert.ok(lines.has(line.trim()), line);
    assert.ok(obfuscation.around!(openRandom("1")).length > 3);
  }
  assert.ok(python(flood, PROGRAM).length > 5 * PROGRAM.length);
});

test("reordering moves imports into functions and what setup does not need behind it", () => {
  const text = python(reorder, PROGRAM);
  assert.match(text, /def calm\(word\):\n {4}import os\n/);
  assert.ok(text.indexOf('setup(name="demo"') < text.indexOf('show("hello there")'), text);
});

test("JavaScript literals are split and encoded where an expression may stand", () => {
  const text = '"use strict";\nimport x from "module";\nconst a = { "key": "value one" };\nrequire("node:fs");\n';
  const tokens = tokensOf("javascript", text)!;
  for (const obfuscation of [split, encode]) {
    const written = obfuscation.javascript!({ text, tokens, foreign: new Set() }, openRandom("1"));
    for (const kept of ['"use strict";', 'from "module"', '{ "key": ']) assert.ok(written.includes(kept), written);
    assert.doesNotMatch(written, /value one|node:fs/);
  }
});

test("an archive is rebuilt in memory with the files that are no programs as they were", () => {
  const bytes = sdist({
    name: "demo",
    version: "1",
    files: { "setup.py": PROGRAM, "data.bin": Buffer.from([0, 1, 255]) },
  });
  const before = entriesOf(bytes);
  const after = entriesOf(obfuscated(bytes, rename, "1"));
  assert.deepEqual([...after.keys()], [...before.keys()]);
  assert.deepEqual(after.get("demo-1/data.bin"), before.get("demo-1/data.bin"));
  assert.notDeepEqual(after.get("demo-1/setup.py"), before.get("demo-1/setup.py"));
  const flooded = entriesOf(obfuscated(bytes, flood, "1"));
  assert.ok(flooded.size > 100 && [...flooded.keys()].every((path) => path.startsWith("demo-1/")));
});

test("the record of a rewritten wheel says what its files became", () => {
  const bytes = wheel({ name: "demo", version: "1", files: { "demo/__init__.py": PROGRAM } });
  const record = entriesOf(obfuscated(bytes, bait, "1"))
    .get("demo-1.dist-info/RECORD")!
    .toString();
  assert.match(record, /^demo\/__init__\.py,sha256=/m);
  assert.match(record, /^SECURITY\.md,sha256=/m);
  assert.notEqual(record, entriesOf(bytes).get("demo-1.dist-info/RECORD")!.toString());
});

test("what is no archive, and a program that does not lex, stay as they are", () => {
  assert.equal(obfuscated(Buffer.from("nothing"), rename, "1").toString(), "nothing");
  assert.equal(tokensOf("python", 'x = "unclosed\n'), undefined);
});

test("--obfuscate alone asks for all, and unknown ones are refused", () => {
  assert.deepEqual(readArguments(["--obfuscate", "--json"]).values.obfuscate, ["all"]);
  assert.deepEqual(readArguments(["--obfuscate", "split", "--obfuscate", "wrap"]).values.obfuscate, ["split", "wrap"]);
  assert.throws(() => readArguments(["--obfuscate=other"]), /no obfuscation other/);
});

function entriesOf(bytes: Buffer): Map<string, Buffer> {
  const { entries } = readArchive(bytes, openBudget(archiveBounds(DEFAULT_LIMITS), bytes.length));
  return new Map(entries.map((entry) => [entry.path, entry.bytes]));
}
