import assert from "node:assert/strict";
import { test } from "node:test";
import { lex } from "../languages/lex.ts";
import { decodedLayers } from "./layers.ts";
import { disguisesNames, plainCalls } from "./plain-calls.ts";

function plain(text: string, kind: "python" | "javascript" = "python"): string | undefined {
  return plainCalls({ kind, text, tokens: lex(kind, text) }).at(-1)?.text;
}

test("members that are got by a name in pieces are written as members, and the aliases beside them by their names", () => {
  for (const [disguised, written] of [
    ["import os as o\ngetattr(o, 'sys' + 'tem')('x')\n", "import os as o\nos.system('x')\n"],
    ["import os\ngetattr(os, 'metsys'[::-1])('x')\n", "import os\nos.system('x')\n"],
    ["import os\ngetattr(os, ''.join(['sys', 'tem']))('x')\n", "import os\nos.system('x')\n"],
    ["import os\ngetattr(os, bytes.fromhex('73797374656d').decode())('x')\n", "import os\nos.system('x')\n"],
    ["f = open('a')\ngetattr(f, 'wr' + 'ite')(b)\n", "f = open('a')\nf.write(b)\n"],
    ["e = getattr(__import__('builtins'), 'ex' + 'ec')\ne(t)\n", "e = __import__('builtins').exec\nexec(t)\n"],
    ["e = vars(__import__('builtins'))['ex' + 'ec']\ne(t)\n", `e = vars(__import__('builtins'))["exec"]\nexec(t)\n`],
    ["__import__('o' + 's').system('x')\n", "os.system('x')\n"],
  ] as const) {
    assert.equal(plain(disguised), written);
  }
});

test("programs that dispatch by name, or name what they get, have nothing in disguise", () => {
  for (const text of [
    "getattr(self, 'visit_' + name)(node)\n",
    "getattr(self, 'do_%s' % name)(node)\n",
    "getattr(self, 'do_{}'.format(name))()\n",
    "getattr(os, 'getuid', None)\n",
    "import numpy as np\nnp.array(getattr(x, 'shape'))\n",
    "__import__('os').system('x')\n",
    "globals()['main']()\n",
  ]) {
    assert.equal(disguisesNames(text), false, text);
    assert.equal(plain(text), undefined);
  }
});

test("arguments that do not end leave the call as it is", () => {
  assert.equal(plain("getattr(os, 'a' + 'b'"), 'getattr(os, "ab"');
});

test("texts that a program puts together are written as the literals that they are", () => {
  for (const [disguised, written] of [
    ["u = 'moc.elpmaxe'[::-1]\n", 'u = "example.com"\n'],
    ["u = 'e1x2a3m4p'[::2]\n", 'u = "examp"\n'],
    ["u = 'exXXampXXle'.replace('XX', '')\n", 'u = "example"\n'],
    ["u = ''.join(['exa', 'mple'])\nf(u)\n", 'u = "example"\nf(u)\n'],
    ["u = '%s%s' % ('exa', 'mple')\n", 'u = "example"\n'],
    ["u = '{}{}'.format('exa', 'mple')\n", 'u = "example"\n'],
    ["u = t + 'exa' + 'mple' + f()\n", 'u = t + "example" + f()\n'],
    ["u = 'exa' + 'mple' + f()\n", 'u = "example" + f()\n'],
    ["if a == ('exa' + 'mple'): pass\n", 'if a == ("example"): pass\n'],
    [
      "h = 'example'\nu = f'https://{h}/{'x' + 'y'}' 'exa' + 'mple'\n",
      "h = 'example'\nu = \"https://example/xyexample\"\n",
    ],
    ["f(**{'exa' + 'mple': b'\\x00a' + b'\"'}, k='a' + 'b')\n", 'f(**{"example": b"\\x00a\\""}, k="ab")\n'],
    ["u = b'\\x65\\x78\\x61\\x6d\\x70\\x6c\\x65\\x2e\\x63\\x6f\\x6d'\n", 'u = b"example.com"\n'],
    [
      "def d(s): return bytes.fromhex(s).decode()\nu = d('78') + bytes.fromhex('65786162').decode()\n",
      'def d(s): return bytes.fromhex(s).decode()\nu = "xexab"\n',
    ],
    ["x['exa' + 'mple'] = 'a' + 'b'\n", 'x["example"] = "ab"\n'],
  ] as const) {
    assert.equal(plain(disguised), written);
  }
});

test("pieces inside an f-string that is not known stay, as do programs that write their texts plainly", () => {
  assert.equal(plain("u = 'exa' + 'mple'\nf(f'{g()}{'a' + 'b'}')\n"), "u = \"example\"\nf(f'{g()}{'a' + 'b'}')\n");
  for (const text of [
    "u = 'a long message ' + 'that goes on'\n",
    "s = text[::-1]\n",
    "s = ', '.join(['a', 'b'])\n",
    "s = '%s%s' % (a, b)\n",
    "s = ''.join(['first line\\n', 'second line\\n'])\n",
  ])
    assert.equal(plain(text), undefined, text);
});

test("scripts are written plainly too, and their calls by the names that they resolve to", () => {
  for (const [disguised, written] of [
    ["const h = 'moc.elpmaxe'.split('').reverse().join('');\n", 'const h = "example.com";\n'],
    ["const c = require(['child_', 'process'].join(''));\n", 'const c = require("child_process");\n'],
    ["globalThis['ev' + 'al'](t);\n", "eval(t);\n"],
    [
      "const c = require('child_' + 'process');\nc['ex' + 'ec'](`a${x}`);\n",
      'const c = require("child_process");\nchild_process.exec(`a${x}`);\n',
    ],
    ["process['mainModule']['req' + 'uire']('fs').rmSync(p);\n", "fs.rmSync(p);\n"],
    ["f(''.concat('exa', 'mple'), String.fromCharCode(101, 120));\n", 'f("example", "ex");\n'],
    ["f(atob('ZXhhbXBsZQ=='), x + 'exa' + 'mple');\n", 'f("example", x + "example");\n'],
  ] as const) {
    assert.equal(plain(disguised, "javascript"), written);
  }
});

test("imports under names that have nothing of theirs are undone, usual short names stay", () => {
  assert.equal(plain("import subprocess as q7x\nq7x.run(c)\n"), "import subprocess as q7x\nsubprocess.run(c)\n");
  assert.equal(
    plain("from subprocess import Popen as zebra\nzebra(c)\n"),
    "from subprocess import Popen as zebra\nsubprocess.Popen(c)\n",
  );
  for (const text of [
    "import subprocess as sp\nsp.run(c)\n",
    "import os as _os\n_os.getcwd()\n",
    "import numpy as np\nnp.array(x)\n",
  ])
    assert.equal(plain(text), undefined, text);
});

test("where names and texts are in disguise the program is written with its decoders too", () => {
  const text = "import base64\ne = getattr(__import__('builtins'), 'ex' + 'ec')\ne(f(base64.b64decode('YWJjZGVm')))\n";
  const [names = "", texts = ""] = plainCalls({ kind: "python", text, tokens: lex("python", text) }).map(
    (one) => one.text,
  );
  assert.ok(names.includes("exec(f(base64.b64decode('YWJjZGVm')))"), names);
  assert.ok(texts.includes('exec(f(b"abcdef"))'), texts);
});

test("a program that was written plainly is not written so again, whatever its names stand for", () => {
  const text = "from urllib import request as urllib\nu = 'exa' + 'mple'\nurllib.urlopen(u)\n";
  const layers = [...decodedLayers({ kind: "python", text, tokens: lex("python", text) })];
  assert.deepEqual(
    layers.map(({ isPlain, depth }) => [isPlain, depth]),
    [
      [true, 1],
      [true, 1],
    ],
  );
});
