import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { lex } from "../../src/inspection/languages/lex.ts";

/** Every regular expression literal of a TypeScript source file. */
export function regexesOf(path: string): RegExp[] {
  const tokens = lex("typescript", readFileSync(path, "utf8"));
  const regexes: RegExp[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens.kind(at) !== "regex") continue;
    const text = tokens.text(at);
    const end = text.lastIndexOf("/");
    regexes.push(new RegExp(text.slice(1, end), text.slice(end + 1)));
  }
  return regexes;
}

/**
 * The expressions that a source file makes with `new RegExp`: those made when it is loaded, as they are, and those that functions make of a
 * template, with a name in place of each hole. The file must do nothing else when it is loaded.
 */
export async function regexesMadeBy(path: string): Promise<RegExp[]> {
  const source = readFileSync(path, "utf8");
  if (!source.includes("new RegExp(")) return [];
  const made = [...source.matchAll(TEMPLATE)].map(
    ([, pattern = "", flags = ""]) => new RegExp(pattern.replace(HOLE, "name").replace(/\\([\\`$])/g, "$1"), flags),
  );
  const own = globalThis.RegExp;
  globalThis.RegExp = new Proxy(own, {
    construct(target, given: [string, string]) {
      const regex = new target(...given);
      made.push(regex);
      return regex;
    },
  });
  try {
    // Under an address of its own, so that it is loaded again.
    await import(`${pathToFileURL(path)}?made`);
  } finally {
    globalThis.RegExp = own;
  }
  return made;
}

const TEMPLATE = /new RegExp\(\s{0,20}`((?:[^`\\]|\\.)*)`(?:,\s{0,20}"([a-z]{1,8})")?/g;
const HOLE = /\$\{[^{}]{0,200}\}/g;

/**
 * Texts of `length` characters that make a backtracking expression slow, derived from its own source: each character and class of it
 * repeated, alone and after what stands before it.
 */
export function adversarialTexts(regex: RegExp, length: number): string[] {
  const samples = [
    ...regex.source.matchAll(/\\[dDwWsS]|\\u\{?[0-9a-f]{4,6}\}?|\\.|\[\^?(?:\\.|[^\]\\])*\]|[^()|?*+{}\\[\]^$]/gi),
  ].map((match) => sampleOf(match[0]));
  const texts = new Set<string>();
  let before = "";
  for (const sample of samples.slice(0, 120)) {
    before = (before + sample).slice(-200);
    texts.add(sample.repeat(length).slice(0, length));
    texts.add(before + sample.repeat(length).slice(0, length));
    texts.add(before.repeat(Math.ceil(length / before.length)).slice(0, length));
  }
  for (const filler of ["a", " ", "\\", "'", "(", "\n", "0", "a=", "a.", "a("])
    texts.add(filler.repeat(length).slice(0, length));
  return [...texts];
}

function sampleOf(atom: string): string {
  if (atom.startsWith("[^")) return ["a", " ", "0", "-", "\n"].find((one) => new RegExp(atom, "u").test(one)) ?? "a";
  if (atom.startsWith("[")) return ["a", "0", " ", "A", "-", "."].find((one) => safeTest(atom, one)) ?? atom[1] ?? "a";
  if (atom === "\\d" || atom === "\\w") return "0";
  if (atom === "\\s") return " ";
  if (atom.startsWith("\\")) return atom.length === 2 ? (atom[1] ?? "") : "\u202e";
  return atom === "." ? "a" : atom;
}

function safeTest(atom: string, text: string): boolean {
  try {
    return new RegExp(atom).test(text);
  } catch {
    return false;
  }
}
