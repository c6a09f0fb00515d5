/** Searches a text from an offset on; undefined when nothing matches. Throws `TooLong` when the steps are used up. */
export type Matcher = (
  text: string,
  from: number,
  budget: Budget,
) => { readonly index: number; readonly groups: readonly (string | undefined)[] } | undefined;

interface Budget {
  steps: number;
}

/** A search takes more steps than allowed, or the expression is not one of those that are understood. */
export class TooLong extends Error {}

interface State {
  readonly text: string;
  readonly budget: Budget;
  readonly starts: number[];
  readonly ends: number[];
}
/** Gives the end of the match when everything from here on matches, else -1. */
type Next = (s: State, at: number) => number;

interface Reader {
  readonly source: string;
  readonly ignoresCase: boolean;
  readonly isMultiline: boolean;
  readonly matchesLines: boolean;
  at: number;
  groups: number;
  depth: number;
}

const MOST_DEPTH = 40;
const MOST_REPEATS = 20_000;

/**
 * A regular expression of the script, carried out step by step and within a budget: patterns from packages can make the engine of
 * the language run for ever. Characters, classes, groups, alternatives, repetitions, anchors and lookahead; others throw `TooLong`.
 */
export function compileRegex(source: string, flags: string): Matcher {
  const r: Reader = {
    source,
    ignoresCase: flags.includes("i"),
    isMultiline: flags.includes("m"),
    matchesLines: flags.includes("s"),
    at: 0,
    groups: 0,
    depth: 0,
  };
  const pattern = readAlternatives(r);
  if (r.at < source.length) throw new TooLong("unread");
  const first = pattern((_, at) => at);
  const count = r.groups + 1;
  return (text, from, budget) => {
    for (let index = from; index <= text.length; index++) {
      const s: State = {
        text,
        budget,
        starts: new Array<number>(count).fill(-1),
        ends: new Array<number>(count).fill(-1),
      };
      const end = first(s, index);
      if (end < 0) continue;
      const groups = s.starts.map((start, at) =>
        at === 0 ? text.slice(index, end) : start < 0 ? undefined : text.slice(start, s.ends[at]),
      );
      return { index, groups };
    }
    return undefined;
  };
}

/** A part of a pattern: given what follows, what matches it and that. */
type Part = (next: Next) => Next;

function readAlternatives(r: Reader): Part {
  if (++r.depth > MOST_DEPTH) throw new TooLong("depth");
  const options = [readSequence(r)];
  while (r.source[r.at] === "|") {
    r.at++;
    options.push(readSequence(r));
  }
  r.depth--;
  if (options.length === 1) return options[0]!;
  return (next) => {
    const all = options.map((option) => option(next));
    return (s, at) => {
      for (const one of all) {
        spendStep(s);
        const end = one(s, at);
        if (end >= 0) return end;
      }
      return -1;
    };
  };
}

function spendStep(s: State): void {
  if (--s.budget.steps < 0) throw new TooLong("steps");
}

function readSequence(r: Reader): Part {
  const parts: Part[] = [];
  while (r.at < r.source.length && r.source[r.at] !== "|" && r.source[r.at] !== ")") parts.push(readRepeated(r));
  return (next) => parts.reduceRight((rest, part) => part(rest), next);
}

function readRepeated(r: Reader): Part {
  const part = readAtom(r);
  const match = /^(?:([*+?])|\{(\d{1,5})(,(\d{0,5}))?\})(\??)/.exec(r.source.slice(r.at, r.at + 16));
  if (match === null) return part;
  r.at += match[0].length;
  const [, sign, least, comma, most, lazy] = match;
  const min = sign === undefined ? Number(least) : sign === "+" ? 1 : 0;
  const max =
    sign === undefined
      ? comma === undefined
        ? min
        : most === ""
          ? MOST_REPEATS
          : Number(most)
      : sign === "?"
        ? 1
        : MOST_REPEATS;
  return repeat(part, min, max, lazy === "?");
}

function repeat(part: Part, min: number, max: number, isLazy: boolean): Part {
  return (next) => {
    const attempt = (s: State, at: number, count: number, deep: number): number => {
      spendStep(s);
      if (deep > MOST_NESTED) throw new TooLong("nested");
      if (count < min) return part((inner, end) => attempt(inner, end, count + 1, deep + 1))(s, at);
      const again = () =>
        count >= max ? -1 : part((inner, end) => (end === at ? -1 : attempt(inner, end, count + 1, deep + 1)))(s, at);
      if (isLazy) {
        const end = next(s, at);
        return end >= 0 ? end : again();
      }
      const end = again();
      return end >= 0 ? end : next(s, at);
    };
    return (s, at) => attempt(s, at, 0, 0);
  };
}

/** Repetitions that the stack holds. */
const MOST_NESTED = 1_200;

function readAtom(r: Reader): Part {
  const character = r.source[r.at++] ?? "";
  switch (character) {
    case "(":
      return readGroup(r);
    case "[":
      return one(readClass(r));
    case ".":
      return one((code) => r.matchesLines || (code !== 10 && code !== 13));
    case "^":
      return anchor((s, at) => at === 0 || (r.isMultiline && s.text.charCodeAt(at - 1) === 10));
    case "$":
      return anchor((s, at) => at === s.text.length || (r.isMultiline && s.text.charCodeAt(at) === 10));
    case "\\":
      return readEscaped(r);
    default:
      return literal(r, character.charCodeAt(0));
  }
}

function anchor(holds: (s: State, at: number) => boolean): Part {
  return (next) => (s, at) => (holds(s, at) ? next(s, at) : -1);
}

function one(matches: (code: number) => boolean): Part {
  return (next) => (s, at) => {
    spendStep(s);
    return at < s.text.length && matches(s.text.charCodeAt(at)) ? next(s, at + 1) : -1;
  };
}

function literal(r: Reader, code: number): Part {
  const same = sameAs(r, code);
  return one(same);
}

function sameAs(r: Reader, code: number): (other: number) => boolean {
  if (!r.ignoresCase) return (other) => other === code;
  const lower = String.fromCharCode(code).toLowerCase();
  return (other) => String.fromCharCode(other).toLowerCase() === lower;
}

function readGroup(r: Reader): Part {
  const special = /^\?(?:(:)|([=!])|<(\w{1,64})>)/.exec(r.source.slice(r.at, r.at + 70));
  if (special === null && r.source[r.at] === "?") throw new TooLong("group");
  r.at += special?.[0].length ?? 0;
  const isCapture = special === null || special[3] !== undefined;
  const number = isCapture ? ++r.groups : 0;
  const inner = readAlternatives(r);
  if (r.source[r.at++] !== ")") throw new TooLong("group");
  const look = special?.[2];
  if (look !== undefined) {
    const ahead = inner((_, at) => at);
    return anchor((s, at) => ahead(s, at) >= 0 === (look === "="));
  }
  if (!isCapture) return inner;
  return (next) => (s, at) =>
    inner((state, end) => {
      const { [number]: start = -1 } = state.starts;
      const { [number]: last = -1 } = state.ends;
      state.starts[number] = at;
      state.ends[number] = end;
      const result = next(state, end);
      if (result < 0) {
        state.starts[number] = start;
        state.ends[number] = last;
      }
      return result;
    })(s, at);
}

const isDigit = (code: number) => code >= 48 && code <= 57;
const isWordCode = (code: number) => isDigit(code) || code === 95 || ((code | 32) >= 97 && (code | 32) <= 122);
const isBlank = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0xfeff;
const SETS: Readonly<Record<string, (code: number) => boolean>> = {
  d: isDigit,
  D: (code) => !isDigit(code),
  w: isWordCode,
  W: (code) => !isWordCode(code),
  s: isBlank,
  S: (code) => !isBlank(code),
};

function readEscaped(r: Reader): Part {
  const letter = r.source[r.at] ?? "";
  if (letter === "b" || letter === "B") {
    r.at++;
    return anchor((s, at) => {
      const before = at > 0 && isWordCode(s.text.charCodeAt(at - 1));
      const after = at < s.text.length && isWordCode(s.text.charCodeAt(at));
      return (before !== after) === (letter === "b");
    });
  }
  const set = SETS[letter];
  if (set !== undefined) {
    r.at++;
    return one(set);
  }
  if (/[1-9k]/.test(letter)) throw new TooLong("reference");
  return literal(r, escapedCode(r));
}

const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, "0": 0, b: 8 };

/** The character behind a backslash. */
function escapedCode(r: Reader): number {
  const letter = r.source[r.at++] ?? "\\";
  const digits = letter === "x" ? 2 : letter === "u" ? 4 : 0;
  const hex = r.source.slice(r.at, r.at + digits);
  if (digits > 0 && /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits) {
    r.at += digits;
    return Number.parseInt(hex, 16);
  }
  return CONTROLS[letter] ?? letter.charCodeAt(0);
}

function readClass(r: Reader): (code: number) => boolean {
  const isNot = r.source[r.at] === "^";
  if (isNot) r.at++;
  const options: ((code: number) => boolean)[] = [];
  while (r.at < r.source.length && r.source[r.at] !== "]") {
    const set = r.source[r.at] === "\\" ? SETS[r.source[r.at + 1] ?? ""] : undefined;
    if (set !== undefined) {
      r.at += 2;
      options.push(set);
      continue;
    }
    const from = classCode(r);
    if (r.source[r.at] === "-" && r.source[r.at + 1] !== "]" && r.source[r.at + 1] !== undefined) {
      r.at++;
      const to = classCode(r);
      options.push((code) => code >= from && code <= to);
      if (r.ignoresCase) options.push((code) => isBetween(String.fromCharCode(code), from, to));
    } else options.push(sameAs(r, from));
  }
  r.at++;
  return (code) => options.some((option) => option(code)) !== isNot;
}

function isBetween(character: string, from: number, to: number): boolean {
  const lower = character.toLowerCase().charCodeAt(0);
  const upper = character.toUpperCase().charCodeAt(0);
  return (lower >= from && lower <= to) || (upper >= from && upper <= to);
}

function classCode(r: Reader): number {
  const character = r.source[r.at++] ?? "";
  return character === "\\" ? escapedCode(r) : character.charCodeAt(0);
}
