import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { evaluateScript } from "./evaluate-script.ts";
import { evaluationOf } from "./scrambled.ts";

const INNER = "require('child_process').exec('echo example.invalid')";
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

function ran(text: string): readonly string[] {
  return (evaluateScript(text)?.ran ?? []).map((one) => one.text);
}

function plain(text: string): string {
  return evaluateScript(text)?.plain ?? "";
}

describe("a script of javascript-obfuscator", () => {
  for (const name of ["plain", "base64", "rc4", "flat", "mangled"]) {
    test(`says what it does, settings ${name}`, () => {
      const text = readFileSync(join(import.meta.dirname, "testdata", `${name}.txt`), "utf8");
      assert.notEqual(evaluationOf(text), undefined);
      const written = plain(text);
      assert.ok(written.includes('require("child_process")'), written);
      assert.ok(written.includes('"hello from example.invalid"'), written);
    });
  }
});

describe("text that a script runs", () => {
  const packed = `eval(function(p,a,c,k,e,d){e=function(c){return c};while(c--){if(k[c]){p=p.replace(new RegExp('\\\\b'+e(c)+'\\\\b','g'),k[c])}}return p}('0(\\'1\\').2(\\'3 4.5\\')',6,6,'require|child_process|exec|echo|example|invalid'.split('|'),0,{}))`;
  const xored = [...INNER].map((one) => one.charCodeAt(0) ^ 77).join(",");
  const ways: Readonly<Record<string, string>> = {
    "the packer of Dean Edwards": packed,
    "exclusive or in a loop": `var d=[${xored}],o='',i=0;while(i<d.length){o+=String.fromCharCode(d[i]^77);i++}eval(o)`,
    "base64 turned round": `const s='${base64(INNER).split("").reverse().join("")}';(0,eval)(atob(s.split('').reverse().join('')))`,
    "a constructor of a constructor": `[]['filter']['constr'+'uctor'](unescape('${[...INNER].map((one) => `%${one.charCodeAt(0).toString(16)}`).join("")}'))()`,
    "an alias of the module vm": `const r=require;r('v'+'m')['runIn'+'ThisContext'](Buffer.from('${Buffer.from(INNER).toString("hex")}','hex').toString())`,
    "a worker": `const {Worker}=require('worker_threads');new Worker(atob('${base64(INNER)}'),{eval:true})`,
    "compressed bytes": `eval(require('zlib').inflateSync(Buffer.from('${base64(deflateSync(INNER))}','base64'))+'')`,
    "letters moved": `eval('${INNER.replace(/[a-z]/g, (one) => String.fromCharCode(((one.charCodeAt(0) - 97 + 3) % 26) + 97)).replaceAll("'", "\\'")}'.replace(/[a-z]/g,function(c){return String.fromCharCode((c.charCodeAt(0)-97+23)%26+97)}))`,
  };
  for (const [name, text] of Object.entries(ways)) {
    test(`is found behind ${name}`, () => assert.deepEqual(ran(text), [INNER]));
  }

  test("is found when six characters or signs write it", () => {
    const six = "[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]+(![]+[])[+!+[]]+(!![]+[])[+[]]]";
    const maker = `${six}["constructor"]`;
    assert.deepEqual(ran(`${maker}("echo(example.invalid)")()`), ["echo(example.invalid)"]);
    const signs =
      '$=~[];$={___:++$,$$$$:(![]+"")[$],__$:++$};$.$=(0)["constructor"]["constructor"];$.$($.$$$$+"oo(example.invalid)")()';
    assert.deepEqual(ran(signs), ["foo(example.invalid)"]);
  });
});

test("modules that a bundle loads by number are named where they are used", () => {
  const bundle = `(()=>{var m={317(e){e.exports=require("child_process")}},c={};function r(n){var k=c[n];if(k!==undefined)return k.exports;var o=c[n]={exports:{}};return m[n](o,o.exports,r),o.exports}const {exec:x}=r(317);x("ls")})();`;
  assert.ok(plain(bundle).includes('{exec:x}=require("child_process")'));
});

test("members, calls and statements that tables hide are written as they are", () => {
  assert.equal(plain("globalThis['req'+'uire']('fs')"), 'require("fs")');
  for (const way of [
    "module.constructor._load('child_'+'process').exec('ls')",
    "const g=process['getBuiltin'+'Module'];g('child_process').exec('ls')",
    "import('child_'+'process').then(m=>m.exec('ls'))",
    "const cp=require('child_process');const o={go:cp.exec};o.go('ls')",
  ])
    assert.ok(plain(way).includes(`require("child_process").exec('ls')`), way);
  assert.ok(plain("const t={a:function(f,x){return f(x)}};t['a'](eval2,'b'+'c')").includes('eval2("bc")'));
  const flat =
    "function f(a){var o='1|0'.split('|'),i=0;while(!![]){switch(o[i++]){case'0':send(a);continue;case'1':a=read();continue}break}}";
  assert.match(plain(flat), /a=read\(\);\s*send\(a\);/);
});

test("what cannot be told is left alone, and both ways of a decision on it are gone", () => {
  assert.equal(plain("const a = process.env.X + 'b'; send(a)"), "");
  const both = `const k='${base64(INNER)}';if(process.platform==='x'){eval(atob(k))}else{log(atob('aGVsbG8='))}`;
  assert.deepEqual(ran(both), [INNER]);
  assert.ok(plain(both).includes('log("hello")'));
});

test("endless loops, growing texts, deep calls and patterns that never end stop at the bounds", () => {
  const budget = { steps: 300_000, characters: 1 << 20 };
  for (const text of [
    "for(;;){}",
    "let s='a';while(true)s+=s",
    "function f(){return f()+f()}f()",
    "const a=[];while(1)a.push(1)",
    "/(((.+)+)+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n');x",
    "'x'.repeat(1e9);'x'.padEnd(1e9)",
    `${"[".repeat(5_000)}`,
    `${"a(".repeat(3_000)}${")".repeat(3_000)}`,
    "eval('eval(\"'+'1'.repeat(100)+'\")')",
    "function g(){eval('g()')}g()",
  ]) {
    const before = process.cpuUsage();
    evaluateScript(text, budget);
    assert.ok(process.cpuUsage(before).user < 4_000_000, text.slice(0, 60));
  }
});

test("no text makes evaluation throw", () => {
  const pieces =
    "eval( Function( ) ' + [ ] { } => ; , a b var function return this . ` ${ if( while( 1 'x' \"y\" new class ? : ... /a/ \\n ++ = await import( try catch(e) switch( case typeof delete async".split(
      " ",
    );
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(" "));
  fc.assert(
    fc.property(text, (source) => {
      evaluateScript(source, { steps: 20_000, characters: 1 << 16 });
      evaluationOf(source);
    }),
    { numRuns: 400 },
  );
});
