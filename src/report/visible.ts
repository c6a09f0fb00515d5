import { escapeHtml, Html } from "../lib/html.ts";

/** Controls, directions, marks that join others, fillers that have no ink; tabs are left to the style. */
const UNSEEN = /[&<>"']|[\p{C}\p{M}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u2800\u3000\u3164\uffa0]/gu;

/** Text of a package as element content, where what cannot be seen is spelled out: `\u{202e}`. */
export function visible(text: string): Html {
  return new Html(text.replace(UNSEEN, spelled));
}

function spelled(character: string): string {
  if (character === "\t") return character;
  if (/[&<>"']/.test(character)) return escapeHtml(character);
  return `<i class="unseen">\\u{${character.codePointAt(0)!.toString(16)}}</i>`;
}

/** `visible`, on one line of at most `length` characters. */
export function short(text: string, length = 300): Html {
  return visible(text.length > length ? `${text.slice(0, length)}…` : text);
}

/** A number of bytes for people. */
export function bytesOf(size: number): string {
  if (size < 1_000) return `${size} B`;
  const [unit, per] = size < 1_000_000 ? ["kB", 1_000] : size < 1e9 ? ["MB", 1_000_000] : ["GB", 1e9];
  return `${(size / (per as number)).toFixed(size < 10 * (per as number) ? 1 : 0)} ${unit}`;
}

/** `3 files`, `1 file`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Log-odds with their sign. */
export function signed(points: number): string {
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
}
