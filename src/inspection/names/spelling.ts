/** How two spellings differ, and how easily one is taken for the other. Pure; names are compared in the form that `squash` gives. */

/** A way in which a name imitates another. */
export type Imitation =
  | "look-alike letters"
  | "separators"
  | "swapped letters"
  | "repeated letter"
  | "neighbouring key"
  | "missing letter"
  | "added letter"
  | "other letter"
  | "plural"
  | "number"
  | "order of words"
  | "two edits";

/** One difference with its likeness, 0 to 1: how probable it is that a person or a model means the other name. */
export interface Difference {
  readonly how: Imitation;
  readonly likeness: number;
}

/** Letters and digits of a name in lower case, letters of other alphabets that look Latin replaced by what they look like. */
export function squash(name: string): string {
  return foldLetters(name.toLowerCase()).replace(/[^a-z0-9]/g, "");
}

/** The name with letters of other alphabets and widths replaced by the Latin ones that they look like. */
export function foldLetters(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name;
  return name
    .normalize("NFKD")
    .replace(/\p{M}|\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/[^\x20-\x7e]/gu, (letter) => LOOKS_LIKE[letter] ?? letter);
}

/** What is left of a squashed name when everything that looks alike is written alike and no letter stands twice in a row. */
export function skeleton(squashed: string): string {
  return squashed
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
    .replaceAll("cl", "d")
    .replace(/[01i5]/g, (letter) => ALIKE[letter]!)
    .replace(/([a-z0-9])\1+/g, "$1");
}

/** The one edit between two squashed names that are not equal; undefined when they are further apart, or differ in a number only. */
export function oneEdit(name: string, popular: string): Difference | undefined {
  if (name === popular) return undefined;
  if (name.length === popular.length) return replacedOrSwapped(name, popular);
  if (name.length === popular.length + 1) return added(name, popular);
  if (name.length + 1 === popular.length) return missing(name, popular);
  return undefined;
}

/** Whether two squashed names are at most `most` edits apart, a swap of neighbours counting as one. */
export function withinEdits(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
      if (cost < least) least = cost;
    }
    if (least > most) return false;
    before = row;
    row = next;
  }
  return row[b.length]! <= most;
}

function replacedOrSwapped(name: string, popular: string): Difference | undefined {
  const at = firstDifference(name, popular);
  if (name.slice(at + 1) === popular.slice(at + 1)) return replaced(name[at]!, popular[at]!, at);
  const swapped = name[at] === popular[at + 1] && name[at + 1] === popular[at];
  return swapped && name.slice(at + 2) === popular.slice(at + 2)
    ? { how: "swapped letters", likeness: at === 0 ? 0.8 : 0.95 }
    : undefined;
}

function replaced(letter: string, meant: string, at: number): Difference | undefined {
  if (isDigit(letter) && isDigit(meant)) return undefined;
  if ((ALIKE[letter] ?? letter) === (ALIKE[meant] ?? meant)) return { how: "look-alike letters", likeness: 0.95 };
  if (isDigit(letter) || isDigit(meant)) return { how: "number", likeness: 0.3 };
  if (KEYS[meant]?.includes(letter)) return { how: "neighbouring key", likeness: at === 0 ? 0.6 : 0.8 };
  if (isVowel(letter) && isVowel(meant)) return { how: "other letter", likeness: 0.7 };
  return { how: "other letter", likeness: at === 0 ? 0.3 : 0.45 };
}

function added(name: string, popular: string): Difference | undefined {
  const at = firstDifference(name, popular);
  if (name.slice(at + 1) !== popular.slice(at)) return undefined;
  const letter = name[at]!;
  if (letter === name[at - 1]) return isDigit(letter) ? undefined : { how: "repeated letter", likeness: 0.95 };
  if (isDigit(letter)) return { how: "number", likeness: 0.3 };
  const atEnd = at === popular.length;
  if (atEnd && letter === "s") return { how: "plural", likeness: 0.6 };
  if (at === 0) return { how: "added letter", likeness: 0.4 };
  const beside = KEYS[name[at - 1]!]?.includes(letter) || KEYS[name[at + 1] ?? ""]?.includes(letter);
  return { how: "added letter", likeness: atEnd ? 0.5 : beside ? 0.75 : 0.6 };
}

function missing(name: string, popular: string): Difference | undefined {
  const at = firstDifference(name, popular);
  if (name.slice(at) !== popular.slice(at + 1)) return undefined;
  const letter = popular[at]!;
  if (letter === popular[at - 1]) return isDigit(letter) ? undefined : { how: "repeated letter", likeness: 0.95 };
  if (isDigit(letter)) return { how: "number", likeness: 0.4 };
  const atEnd = at === name.length;
  if (atEnd) return { how: letter === "s" ? "plural" : "missing letter", likeness: 0.6 };
  return { how: "missing letter", likeness: at === 0 ? 0.5 : 0.85 };
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function isDigit(letter: string): boolean {
  return letter >= "0" && letter <= "9";
}

function isVowel(letter: string): boolean {
  return "aeiouy".includes(letter);
}

/** Characters that fonts make alike; `l` stands for the strokes. */
const ALIKE: Readonly<Record<string, string>> = { 0: "o", 1: "l", i: "l", 5: "s" };

/** Keys beside each letter on the usual keyboard. */
const KEYS: Readonly<Record<string, string>> = {
  q: "wa", w: "qeas", e: "wrsd", r: "etdf", t: "ryfg", y: "tugh", u: "yihj", i: "uojk", o: "ipkl", p: "ol",
  a: "qwsz", s: "awedxz", d: "serfcx", f: "drtgvc", g: "ftyhbv", h: "gyujnb", j: "huikmn", k: "jiolm", l: "kop",
  z: "asx", x: "zsdc", c: "xdfv", v: "cfgb", b: "vghn", n: "bhjm", m: "njk",
}; // biome-ignore format: rows of the keyboard

/** Letters of other alphabets that look like Latin ones and that Unicode does not decompose. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  а: "a", е: "e", о: "o", р: "p", с: "c", у: "y", х: "x", і: "i", ј: "j", ѕ: "s", ԁ: "d", һ: "h", ӏ: "l", в: "b", к: "k", м: "m",
  н: "h", т: "t", ո: "n", օ: "o", α: "a", ο: "o", ν: "v", ρ: "p", τ: "t", ι: "i", κ: "k", υ: "u", ı: "i", ł: "l", ø: "o", đ: "d",
}; // biome-ignore format: a table of letters
