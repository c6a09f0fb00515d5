import type { Tokens } from "../model.ts";
import { idAt, isName, known, knownSet, type Words } from "./interned.ts";
import { arraysOf, STRING } from "./tokens.ts";

/** Tokens from `from` up to `to` that are read. */
export interface Slice {
  from: number;
  to: number;
}

/** Tokens from which a script is read in slices: below, reading all of it costs less than it could miss. */
const WHOLE = 3_000;
/** Tokens around a place that are read with it; those whose names are looked up; tokens around a call of a function that it stands in. */
const AROUND = 150;
const NEAR = 40;
/** Steps over a value, from bracket to bracket. */
const LONGEST_VALUE = 200;
/** Times that values are looked up for what was found before. */
const ROUNDS = 2;
/** Values of one name that are read when more are given to it all over the file: those before the place that needs it. */
const MOST_SPREAD = 64;

/** Names whose calls make text of something else, or run one. */
const WORKS = knownSet(
  (
    "eval Function AsyncFunction GeneratorFunction execScript _compile runInThisContext runInNewContext runInContext compileFunction " +
    "atob unescape decodeURIComponent fromCharCode fromCodePoint inflateSync inflateRawSync gunzipSync unzipSync brotliDecompressSync " +
    "createDecipheriv createDecipher execSync spawnSync"
  ).split(" "),
);
const TIMERS = knownSet(["setTimeout", "setInterval"]);
const METHODS_OF_TEXT = knownSet("replace replaceAll split slice substr substring concat charAt at".split(" "));
const DOT = known(".");
const PLUS = known("+");
const EQUALS = known("=");
const PLUS_EQUALS = known("+=");
const OPEN_PAREN = known("(");
const CLOSE_PAREN = known(")");
const OPEN_BRACKET = known("[");
const CLOSE_BRACKET = known("]");
const OPEN_BRACE = known("{");
const SEMICOLON = known(";");
const COMMA = known(",");
const COLON = known(":");
const ARROW = known("=>");
const FUNCTION = known("function");
const FUNCTION_TYPE = known("Function");
const CONSTRUCTOR = known("constructor");
const JOIN = known("join");
const REVERSE = known("reverse");
const EXEC = known("exec");
/** Names that say nothing about values. */
const NO_VALUES = knownSet(
  "this super new typeof void delete in of instanceof return var let const if else for while do switch case break continue throw try catch finally async await yield class extends function null true false undefined".split(
    " ",
  ),
);

interface Script {
  readonly tokens: Tokens;
  readonly text: string;
  readonly words: Words;
  readonly mates: Int32Array;
}

/**
 * The parts of a script that say what it decodes and runs, in order: all of it, unless it is large. Of a large one the surroundings
 * of everything that makes or runs a text, of the values of names that stand there, and of the calls of functions that do so. No
 * place is left out for being late or one of many; what a place needs from elsewhere is looked up within bounds (see above), so that
 * a value given over several detours, or to a name that is given values all over the file, may be missed.
 */
export function slicesOf(script: Script): readonly Slice[] {
  const { length } = script.tokens;
  if (length <= WHOLE) return [{ from: 0, to: length }];
  const places = [...placesOf(script)];
  if (places.length === 0) return [];
  const calls = [...callsAround(script, places)];
  let found: readonly Slice[] = merge([...places.map((at) => slice(script, at, NEAR)), ...calls]);
  const slices = [...places.map((at) => slice(script, at, AROUND)), ...calls];
  for (let round = 0; round < ROUNDS; round++) {
    found = valuesFor(script, found);
    slices.push(...found);
    // What a short value is made of is looked up as well.
    found = merge(found.filter(({ from, to }) => to - from < NEAR));
  }
  return merge(slices);
}

function slice({ tokens }: Script, at: number, around: number): Slice {
  return { from: Math.max(0, at - around), to: Math.min(tokens.length, at + around) };
}

function merge(slices: readonly Slice[]): readonly Slice[] {
  const merged: Slice[] = [];
  for (const one of slices.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && one.from <= last.to) last.to = Math.max(last.to, one.to);
    else merged.push({ ...one });
  }
  return merged;
}

// ---- places

/** Tokens where a text is made or run. */
function* placesOf(script: Script): Iterable<number> {
  const { tokens, text, words } = script;
  const { ids } = words;
  const { codes } = arraysOf(tokens);
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!;
    if (id === 0) {
      if ((codes[at]! & 15) === STRING && isMadeText(script, at)) yield at;
    } else if (id === OPEN_PAREN) {
      if (at > 0 && isWork(script, at)) yield at;
    } else if (WORKS[id] === 1 && idAt(ids, at + 1) !== OPEN_PAREN) {
      // Types and `instanceof` name Function everywhere.
      if (id !== FUNCTION_TYPE || ids[at - 1] === EQUALS) yield at;
    }
  }
  if (text.includes("\\x") || text.includes("\\u00"))
    for (const match of text.matchAll(ESCAPED)) yield tokenAt(tokens, match.index);
}

/** Three characters or more that are written as escapes although they need none. */
const ESCAPED = /(?:\\x[2-7][0-9a-fA-F]|\\u00[2-7][0-9a-fA-F]){3}/g;

/** What stands before the parenthesis at `open` is called, and makes or runs a text. */
function isWork({ tokens, words: { ids } }: Script, open: number): boolean {
  const id = ids[open - 1]!;
  if (WORKS[id] === 1) return true;
  if (id === JOIN || id === REVERSE) {
    if (idAt(ids, open - 2) !== DOT || idAt(ids, open - 3) !== CLOSE_BRACKET)
      return id === REVERSE && isJoined(ids, open);
    return open >= 4 && tokens.kind(open - 4) === "string";
  }
  const next = open + 1 < ids.length ? tokens.kind(open + 1) : "newline";
  const isText = next === "string" || next === "template";
  if (TIMERS[id] === 1) return isText;
  if (id === EXEC) return isText || next === "operator";
  return id === CONSTRUCTOR && idAt(ids, open - 2) === DOT && idAt(ids, open - 3) === CONSTRUCTOR;
}

/** `.reverse().join(` */
function isJoined(ids: Int32Array, open: number): boolean {
  return idAt(ids, open + 2) === DOT && idAt(ids, open + 3) === JOIN;
}

/** A literal that other text is made from: an encoding, pieces that are put together, a method of a literal, the name of a method. */
function isMadeText(script: Script, at: number): boolean {
  const { tokens, text, words } = script;
  const { ids } = words;
  const next = idAt(ids, at + 1);
  const length = tokens.end(at) - tokens.start(at) - 2;
  if (next === PLUS) return at + 2 < ids.length && tokens.kind(at + 2) === "string" && splitsWord(script, at);
  if (next === DOT) return METHODS_OF_TEXT[idAt(ids, at + 2)] === 1 && length >= SHORTEST;
  if (next === CLOSE_BRACKET) return idAt(ids, at - 1) === OPEN_BRACKET && WORKS[words.idOf(tokens.value(at))] === 1;
  if (length !== 3 && length !== 6) return false;
  return ENCODINGS.test(text.slice(tokens.start(at) + 1, tokens.end(at) - 1));
}

/**
 * A literal ends, and the next one but one begins, in the middle of what may be one word, address or encoded text. Where messages are
 * broken between words, each word stands there as if the whole were one literal.
 */
function splitsWord({ tokens, text }: Script, at: number): boolean {
  const end = tokens.end(at) - 1;
  const start = tokens.start(at + 2) + 1;
  if (end - tokens.start(at) < 2 || tokens.end(at + 2) - start < 2) return true;
  return (
    IN_WORD[Math.min(text.charCodeAt(end - 1), 128)] === 1 &&
    IN_WORD[Math.min(text.charCodeAt(start), 128)] === 1 &&
    !isBlankEscape(text, end - 2) &&
    !BLANK_ESCAPE.test(text.slice(start, start + 2))
  );
}

/** Characters of names, addresses and encoded text, of escapes, and all beyond ASCII. */
const IN_WORD = new Uint8Array(129);
for (let code = 0; code <= 128; code++)
  IN_WORD[code] = /[\w:/.@%+=&?#$~\\\-\x80]/.test(String.fromCharCode(code)) ? 1 : 0;

/** `\n`, `\r` or `\t`, whose backslash would stand at `at`. */
function isBlankEscape(text: string, at: number): boolean {
  if (!BLANK_ESCAPE.test(text.slice(at, at + 2))) return false;
  let first = at;
  while (text.charCodeAt(first - 1) === 0x5c && at - first < MOST_BACKSLASHES) first--;
  return (at - first) % 2 === 0 && at - first < MOST_BACKSLASHES;
}

const BLANK_ESCAPE = /^\\[nrt]/;
const MOST_BACKSLASHES = 16;

const SHORTEST = 8;
const ENCODINGS = /^(?:hex|base64)$/;

// ---- functions and values

/** Calls with constants of the functions that `places` stand in: what they are given is what they make a text of. */
function* callsAround(script: Script, places: readonly number[]): Iterable<Slice> {
  const { tokens, words } = script;
  const { ids } = words;
  const scopes = functionsAround(script, places);
  if (scopes.size === 0) return;
  const isOne = new Uint8Array(words.limit);
  for (const id of scopes.keys()) isOne[id] = 1;
  for (let at = 0; at + 2 < ids.length; at++) {
    if (isOne[ids[at]!] !== 1 || ids[at + 1] !== OPEN_PAREN) continue;
    const scope = scopes.get(ids[at]!)!;
    if (at < scope.from || at > scope.to) continue;
    const kind = tokens.kind(at + 2);
    if (kind === "string" || kind === "template" || kind === "number" || ids[at + 2] === OPEN_BRACKET)
      yield slice(script, at, NEAR);
  }
}

/** By the name's number: functions whose bodies hold one of `places`, and the block in which the name is known. */
function functionsAround(script: Script, places: readonly number[]): ReadonlyMap<number, Slice> {
  const { mates, words } = script;
  const { ids } = words;
  const found = new Map<number, Slice>();
  let before = -1;
  for (const place of places.toSorted((a, b) => a - b)) {
    for (let at = place; at > Math.max(before, place - AROUND); at--) {
      if (ids[at] !== OPEN_BRACE || mates[at]! < place) continue;
      const name = nameOfFunction(script, at);
      if (name === 0) continue;
      const scope = blockAround(script, at);
      const known = found.get(name);
      if (known === undefined) found.set(name, scope);
      else {
        known.from = Math.min(known.from, scope.from);
        known.to = Math.max(known.to, scope.to);
      }
    }
    before = place;
  }
  return found;
}

/** The number of the name of the function whose body opens at `brace`; 0 when it has none. */
function nameOfFunction({ mates, words: { ids } }: Script, brace: number): number {
  const arrow = ids[brace - 1] === ARROW ? 1 : 0;
  const close = brace - 1 - arrow;
  const open = idAt(ids, close) === CLOSE_PAREN ? mates[close]! : close;
  if (arrow === 0 && open === close) return 0;
  const name = idAt(ids, open - 1);
  if (arrow === 1 || name === FUNCTION) {
    const equals = arrow === 1 ? open - 1 : open - 2;
    return idAt(ids, equals) === EQUALS && isName(idAt(ids, equals - 1)) ? ids[equals - 1]! : 0;
  }
  return isName(name) && NO_VALUES[name] !== 1 ? name : 0;
}

/** The block around a token, as far as it can be found soon; else the whole file. */
function blockAround({ mates, words: { ids } }: Script, at: number): Slice {
  for (let next = at - 1, steps = 0; next >= 0 && steps < MOST_STEPS; next--, steps++) {
    if (ids[next] === OPEN_BRACE && mates[next]! > at) return { from: next, to: mates[next]! };
    const mate = mates[next]!;
    if (mate > 0 && mate < next) next = mate;
  }
  return { from: 0, to: ids.length };
}

const MOST_STEPS = 1_000;

/** Where the names in `slices` are given their values or declared, in the rest of the script. */
function valuesFor(script: Script, slices: readonly Slice[]): readonly Slice[] {
  const { ids, limit } = script.words;
  const wanted = new Uint8Array(limit);
  const first = new Map<number, number[]>();
  for (const { from, to } of slices) {
    for (let at = from; at < to; at++) {
      const id = ids[at]!;
      if (!isName(id) || NO_VALUES[id] === 1 || idAt(ids, at - 1) === DOT || isKey(ids, at)) continue;
      wanted[id] = 1;
      const uses = first.get(id);
      if (uses === undefined) first.set(id, [from]);
      else if (uses.at(-1) !== from) uses.push(from);
    }
  }
  const values = new Map<number, number[]>();
  if (first.size === 0) return [];
  for (let at = 0; at + 1 < ids.length; at++) {
    const next = ids[at + 1]!;
    if (next !== EQUALS && next !== PLUS_EQUALS && ids[at] !== FUNCTION) continue;
    const name = ids[at] === FUNCTION ? at + 1 : at;
    const id = ids[name]!;
    if (wanted[id] !== 1 || idAt(ids, name - 1) === DOT) continue;
    const places = values.get(id);
    if (places === undefined) values.set(id, [name]);
    else places.push(name);
  }
  return [...values].flatMap(([id, places]) => nearest(places, first.get(id) ?? []).map((at) => valueAt(script, at)));
}

/** `name:` in a record. */
function isKey(ids: Int32Array, at: number): boolean {
  const before = idAt(ids, at - 1);
  return idAt(ids, at + 1) === COLON && (before === OPEN_BRACE || before === COMMA);
}

/** All places of a name with few; of one that is given values all over, the last ones before each use. */
function nearest(places: readonly number[], uses: readonly number[]): readonly number[] {
  if (places.length <= MOST_SPREAD) return places;
  const found = new Set<number>();
  let next = 0;
  for (const use of uses) {
    while (next < places.length && places[next]! < use) next++;
    for (let at = Math.max(0, next - 2); at < next; at++) found.add(places[at]!);
  }
  return [...found];
}

/** The declaration or value that begins with the name at `at`, to its end; of long functions only the head. */
function valueAt({ mates, words: { ids } }: Script, at: number): Slice {
  let end = at + 1;
  for (let steps = 0; end < ids.length && steps < LONGEST_VALUE; steps++) {
    const id = ids[end]!;
    const mate = mates[end]!;
    if (id === SEMICOLON || id === COMMA || (mate > 0 && mate < end)) break;
    if (mate - end > LONGEST_BODY && !isData(ids, end)) break;
    const isBody = id === OPEN_BRACE && (ids[end - 1] === CLOSE_PAREN || ids[end - 1] === ARROW);
    if (isBody && mate - end > SHORT_BODY && !tells(ids, end, mate)) break;
    end = mate > end ? mate + 1 : end + 1;
    if (isBody) break;
  }
  return { from: Math.max(0, at - 2), to: Math.min(ids.length, end + 1) };
}

/**
 * Tokens of a function that is read whatever it does. A longer one is followed, from its calls, only where it has a word of those that
 * make a text (see follow.ts); where it stands, reading it would tell nothing that its own places do not.
 */
const SHORT_BODY = 40;
const TELLS = knownSet(
  (
    "atob unescape decodeURIComponent Buffer join replace reverse fromCharCode fromCodePoint charCodeAt codePointAt charAt parseInt " +
    "concat split eval Function ^"
  ).split(" "),
);

function tells(ids: Int32Array, from: number, to: number): boolean {
  const end = Math.min(to, ids.length);
  for (let at = from; at < end; at++) if (TELLS[ids[at]!] === 1) return true;
  return false;
}

/** Tokens of a function that may make a text, and of the beginning that says whether more than that is a table of constants. */
const LONGEST_BODY = 400;
const TELLING = 64;
const PROGRAM = knownSet(["function", "=>", ";", "return"]);

function isData(ids: Int32Array, open: number): boolean {
  for (let at = open; at < open + TELLING; at++) if (PROGRAM[idAt(ids, at)] === 1) return false;
  return true;
}

function tokenAt(tokens: Tokens, offset: number): number {
  let low = 0;
  let high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (tokens.start(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
