import { isPlain, javascriptLiterals, type Literal, pythonLiterals, quoted } from "./literals.ts";
import type { Obfuscation } from "./obfuscation.ts";
import type { Random } from "./random.ts";
import { edited } from "./source.ts";

/** Literals become pieces that are put together when the program runs. */
export const split: Obfuscation = {
  name: "split",
  what: "literals as concatenations, joins, formats, reversed or thinned texts",
  python: ({ text, tokens }, random) =>
    edited(
      text,
      pythonLiterals(tokens).map((literal) => pieced(literal, random, PYTHON)),
    ),
  javascript: ({ text, tokens }, random) =>
    edited(
      text,
      javascriptLiterals(tokens).map((literal) => pieced(literal, random, JAVASCRIPT)),
    ),
};

type Form = (pieces: readonly string[], isBytes: boolean, random: Random) => string;

function pieced(
  { start, end, value, isBytes }: Literal,
  random: Random,
  forms: { readonly text: readonly Form[]; readonly bytes: readonly Form[] },
) {
  const form = random.pick(isBytes ? forms.bytes : forms.text);
  const written = isPlain(value) ? form(cut(value, random), isBytes, random) : undefined;
  return { start, end, text: written === undefined ? forms.text[0]!([value], isBytes, random) : ` ${written}` };
}

/** Two to eight pieces. */
function cut(value: string, random: Random): string[] {
  const count = Math.min(value.length, 2 + random.below(7));
  const places = new Set(Array.from({ length: count - 1 }, () => 1 + random.below(value.length - 1)));
  const sorted = [0, ...[...places].sort((a, b) => a - b), value.length];
  return sorted.slice(1).map((to, at) => value.slice(sorted[at], to));
}

const plus: Form = (pieces, isBytes) => `(${pieces.map((piece) => quoted(piece, isBytes)).join(" + ")})`;
const join: Form = (pieces, isBytes) =>
  `${isBytes ? "b" : ""}"".join([${pieces.map((piece) => quoted(piece, isBytes)).join(", ")}])`;
const percent: Form = (pieces) =>
  `("${"%s".repeat(pieces.length)}" % (${pieces.map((piece) => quoted(piece)).join(", ")},))`;
const format: Form = (pieces) =>
  `"${"{}".repeat(pieces.length)}".format(${pieces.map((piece) => quoted(piece)).join(", ")})`;
const reversed: Form = (pieces, isBytes) => `${quoted([...pieces.join("")].reverse().join(""), isBytes)}[::-1]`;
const replaced: Form = (pieces, _, random) => {
  const filler = `_${random.name()}_`;
  return `${quoted(pieces.join(filler))}.replace("${filler}", "")`;
};
const thinned: Form = (pieces, isBytes, random) => {
  const filled = [...pieces.join("")].map((character) => character + random.name().charAt(0)).join("");
  return `${quoted(filled, isBytes)}[::2]`;
};
const PYTHON = {
  text: [plus, join, percent, format, reversed, replaced, thinned],
  bytes: [plus, join, reversed, thinned],
};

const joinScript: Form = (pieces) => `[${pieces.map((piece) => quoted(piece)).join(", ")}].join("")`;
const reversedScript: Form = (pieces) =>
  `${quoted([...pieces.join("")].reverse().join(""))}.split("").reverse().join("")`;
const concat: Form = (pieces) => `"".concat(${pieces.map((piece) => quoted(piece)).join(", ")})`;
const JAVASCRIPT = { text: [plus, joinScript, reversedScript, concat], bytes: [plus] };
