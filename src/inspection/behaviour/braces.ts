import { idAt, isName, known, knownSet, type Words } from "../languages/interned.ts";
import type { Tokens } from "../model.ts";
import { inside, namesBetween } from "./names.ts";
import type { Declared, Statement } from "./statements.ts";

const OPEN_PAREN = known("(");
const CLOSE_PAREN = known(")");
const OPEN_BRACKET = known("[");
const CLOSE_BRACKET = known("]");
const OPEN_BRACE = known("{");
const CLOSE_BRACE = known("}");
const SEMICOLON = known(";");
const ARROW = known("=>");
const EQUALS = known("=");
const COLON = known(":");
const ASYNC = known("async");
const FUNCTION = known("function");
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");
/** Words behind which a brace opens a block, and words that make it one from the head of the statement. */
const BEFORE_BLOCK = knownSet(["else", "do", "try", "finally", "static"]);
const HEADS_BLOCK = knownSet(["class", "interface", "namespace", "module"]);
const CONTROL = knownSet(["if", "for", "while", "switch", "catch", "with", "await"]);

/** What a bracket that is open belongs to: a block, an object literal, parentheses or brackets. */
const BLOCK = 1;
const OBJECT = 2;
const OTHER = 3;
const PARENTHESES = 4;

interface Reading {
  readonly tokens: Tokens;
  readonly words: Words;
  readonly source: string;
  readonly found: Statement[];
  readonly scopes: { readonly path: string; readonly depth: number }[];
  readonly open: number[];
  blocks: number;
  first: number;
}

/** The statements of a JavaScript or TypeScript file. */
export function readBraces(tokens: Tokens, words: Words, source: string): Statement[] {
  const { ids } = words;
  const reading: Reading = { tokens, words, source, found: [], scopes: [], open: [], blocks: 0, first: 0 };
  const { open } = reading;
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!;
    const isOperator = id !== 0 && !isName(id);
    if (!isOperator) {
      if (at > reading.first && breaksLine(reading, at)) {
        end(reading, at);
        reading.first = at;
      }
    } else if (id === OPEN_PAREN) open.push(PARENTHESES);
    else if (id === OPEN_BRACKET) open.push(OTHER);
    else if (id === CLOSE_PAREN || id === CLOSE_BRACKET) open.pop();
    else if (id === SEMICOLON && open.at(-1) !== PARENTHESES) {
      end(reading, at);
      reading.first = at + 1;
    } else if (id === OPEN_BRACE) openBrace(reading, at);
    else if (id === CLOSE_BRACE && open.pop() === BLOCK) closeBlock(reading, at);
  }
  end(reading, ids.length);
  return reading.found;
}

function openBrace(reading: Reading, at: number): void {
  const { open, scopes } = reading;
  if (!startsBlock(reading, at)) {
    open.push(OBJECT);
    return;
  }
  const statement = end(reading, at, true);
  if (statement?.declares !== undefined)
    scopes.push({ path: inside(statement.scope, statement.declares.name), depth: reading.blocks });
  open.push(BLOCK);
  reading.blocks++;
  reading.first = at + 1;
}

function closeBlock(reading: Reading, at: number): void {
  const { scopes } = reading;
  end(reading, at);
  reading.blocks--;
  while (scopes.length > 0 && scopes.at(-1)!.depth >= reading.blocks) scopes.pop();
  reading.first = at + 1;
}

/** Only before a brace may what looks like a call be the head of a function: `send(body);` declares nothing. */
function end({ words, found, scopes, first }: Reading, at: number, isHead = false): Statement | undefined {
  if (at <= first) return undefined;
  const declares = isHead ? readFunction(words, first, at) : undefined;
  const statement = { first, end: at, scope: scopes.at(-1)?.path ?? "", ...(declares && { declares }) };
  found.push(statement);
  return statement;
}

/** A brace after these opens a block; after `=`, `(`, `,`, `:` or `return` it opens an object. */
function startsBlock({ words: { ids }, first }: Reading, at: number): boolean {
  if (at === first) return true;
  const before = idAt(ids, at - 1);
  if (before === CLOSE_PAREN || before === ARROW) return true;
  if (!isName(before)) return false;
  return BEFORE_BLOCK[before] === 1 || HEADS_BLOCK[idAt(ids, first)] === 1;
}

/** A line end that ends a statement although no semicolon stands there. */
function breaksLine({ tokens, words: { ids }, source, open }: Reading, at: number): boolean {
  const gap = tokens.end(at - 1);
  const to = Math.min(tokens.start(at), gap + 500);
  if (to <= gap) return false;
  const around = open.at(-1);
  if (around !== undefined && around !== BLOCK) return false;
  const before = ids[at - 1]!;
  if (before !== 0 && !isName(before) && CLOSING[before] !== 1) return false;
  for (let next = gap; next < to; next++) if (source.charCodeAt(next) === 0x0a) return true;
  return false;
}

/**
 * The function whose body the brace at `end` opens: `function name(…)`, `name = function (…)`, `name = (…) =>`, a method
 * `name(…)`, or one without a name, which is called after the place where it stands.
 */
function readFunction(words: Words, first: number, end: number): Declared | undefined {
  const { ids, word } = words;
  const arrow = idAt(ids, end - 1) === ARROW;
  const close = arrow ? end - 2 : end - 1;
  if (close < first || (!arrow && ids[close] !== CLOSE_PAREN)) return undefined;
  const open = ids[close] === CLOSE_PAREN ? matchingOpen(ids, close, first) : close;
  if (open === undefined) return undefined;
  const parameters = namesBetween(words, open, end);
  const async = idAt(ids, open - 1) === ASYNC ? 1 : 0;
  const before = open - 1 - async;
  if (arrow) return { name: nameBefore(words, open - async, first) ?? `@${open}`, parameters, whole: false };
  const id = idAt(ids, before);
  if (id === FUNCTION) return { name: nameBefore(words, before, first) ?? `@${open}`, parameters, whole: false };
  if (before < first || !isName(id) || CONTROL[id] === 1) return undefined;
  const whole = idAt(ids, before - 1) === FUNCTION || before - first <= 2;
  return { name: word(id), parameters, whole };
}

function matchingOpen(ids: Int32Array, close: number, first: number): number | undefined {
  let depth = 0;
  for (let at = close; at >= first; at--) {
    const id = ids[at]!;
    if (CLOSING[id] === 1) depth++;
    else if (OPENING[id] === 1 && --depth === 0) return at;
  }
  return undefined;
}

function nameBefore({ ids, word }: Words, at: number, first: number): string | undefined {
  const sign = idAt(ids, at - 1);
  const name = idAt(ids, at - 2);
  return at - 2 >= first && (sign === EQUALS || sign === COLON) && isName(name) ? word(name) : undefined;
}
