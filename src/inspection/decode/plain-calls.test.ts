import assert from "node:assert/strict";
import { test } from "node:test";
import { lex } from "../languages/lex.ts";
import { disguisesNames, plainCalls } from "./plain-calls.ts";

function plain(text: string): string | undefined {
  return plainCalls({ kind: "python", text, tokens: lex("python", text) })?.text;
}

test("members that are got by a name in pieces are written as members, and the aliases beside them by their names", () => {
  for (const [disguised, written] of [
    ["import os as o\ngetattr(o, 'sys' + 'tem')('x')\n", "import os as o\nos.system('x')\n"],
    ["import os\ngetattr(os, 'metsys'[::-1])('x')\n", "import os\nos.system('x')\n"],
    ["import os\ngetattr(os, ''.join(['sys', 'tem']))('x')\n", "import os\nos.system('x')\n"],
    ["import os\ngetattr(os, bytes.fromhex('73797374656d').decode())('x')\n", "import os\nos.system('x')\n"],
    ["f = open('a')\ngetattr(f, 'wr' + 'ite')(b)\n", "f = open('a')\nf.write(b)\n"],
    ["e = getattr(__import__('builtins'), 'ex' + 'ec')\ne(t)\n", "e = __import__('builtins').exec\nexec(t)\n"],
    [
      "e = vars(__import__('builtins'))['ex' + 'ec']\ne(t)\n",
      "e = vars(__import__('builtins'))['ex' + 'ec']\nexec(t)\n",
    ],
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

test("arguments that do not end leave the text as it is", () => {
  assert.equal(plain("getattr(os, 'a' + 'b'"), undefined);
});
