import assert from "node:assert/strict";
import { test } from "node:test";
import { PREFILTER } from "../searched.ts";
import { sourceFile } from "../source-file.ts";
import { mayDo } from "./marks.ts";

function script(text: string) {
  return sourceFile("a.js", { bytes: Buffer.from(text) }, "javascript", { prefilter: PREFILTER, lexedBytes: 1 << 20 });
}

/** As large as a bundle. */
function bundle(text: string) {
  return script(`${text}\n${"var padding = 1;\n".repeat(5_000)}`);
}

const LIST = 'var all = ["buffer", "child_process", "cluster", "vm", "zlib"];';

test("a script that only lists the modules of Node.js starts nothing", () => {
  assert.equal(mayDo(script(LIST), ["start"]), false);
  assert.equal(mayDo(bundle(LIST), ["start", "run-code"]), false);
});

test("a script that lists the modules and uses a name of what starts programs may start one", () => {
  assert.equal(mayDo(bundle(`${LIST} require(all[1]).spawn("x")`), ["start"]), true);
  assert.equal(mayDo(bundle(`${LIST} require(all[1]).exec("x")`), ["start"]), true);
  assert.equal(mayDo(bundle(`${LIST} require(all[1])["exec"](x)`), ["start"]), true);
});

test("a module that is asked for may be used, however it is written", () => {
  for (const text of [
    'require("child_process")',
    "import a from 'node:child_process'",
    'f("child_process", g)',
    '"child_" + "process"',
    'require("execa")',
    "Bun.spawn([a])",
  ])
    assert.equal(mayDo(bundle(text), ["start"]), true, text);
});

test("words that only begin like a module's name start nothing", () => {
  assert.equal(mayDo(script('span.kind = "child_of"; await execAsync()'), ["start"]), false);
  assert.equal(mayDo(script("const curly = rowGet(needles)"), ["http", "upload"]), false);
  assert.equal(mayDo(script('run("/usr/bin/curl", a); sh(`wget ${b}`)'), ["http"]), true);
});

test("a name that a decoded text has counts as the file's own", () => {
  const file = script(LIST);
  file.alsoSays(PREFILTER.scan(Buffer.from("require('child_process')")));
  assert.equal(mayDo(file, ["start"]), true);
});

test("a bundle runs code when more than a constant is run", () => {
  assert.equal(mayDo(bundle('var g = Function("return this")(); // Function (x)'), ["run-code"]), true);
  assert.equal(mayDo(bundle('var g = Function("return this")()'), ["run-code"]), false);
  assert.equal(mayDo(script('var g = Function("return this")()'), ["run-code"]), true);
  for (const text of ["eval(a)", "new Function('a', b)", 'Function("return " + a)', "var r = eval; r(a)", 'm("vm")'])
    assert.equal(mayDo(bundle(text), ["run-code"]), true, text);
});

test("a script that asks for single variables, or whether there are any, does not take the environment", () => {
  for (const text of [
    "process.env.A",
    "process.env && process.env['A']",
    'if ("env" in process) a()',
    "this.env = env",
  ])
    assert.equal(mayDo(script(`${text}; process.env.B`), ["environment"]), false, text);
});

test("whatever hands the environment on may take it", () => {
  for (const text of [
    "send(process.env)",
    "const e = process.env; process.env.A",
    "const { env } = process",
    'import { env } from "process"; env',
    'process["env"]',
    'Reflect.get(process, "env")',
    "const p = process; p.env",
    'sh("printenv")',
    "process.env[k]; f('NPM_TOKEN')",
  ])
    assert.equal(mayDo(script(text), ["environment"]), true, text);
});

test("only a word of its own is a command", () => {
  assert.equal(mayDo(script('node("mapping to a prodig x")'), ["dns"]), false);
  assert.equal(mayDo(script("run('ping -c 1 ' + a)"), ["dns"]), true);
  assert.equal(mayDo(script("run(`a && dig ${b}`)"), ["dns"]), true);
});
