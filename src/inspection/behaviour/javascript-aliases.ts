import { idAt, isName, known, knownSet, type Words } from "../languages/interned.ts";
import type { Tokens } from "../model.ts";
import {
  bundledModule,
  type Code,
  calleeBefore,
  callPart,
  closing,
  DOT,
  GLOBALS,
  HANDLES,
  IMPORT,
  KEYWORDS,
  MOST_TOKENS,
  OPEN_BRACKET,
  OPEN_PAREN,
  OPTIONAL_DOT,
  REQUIRE,
  WRAPPERS,
} from "./javascript-callees.ts";

const EQUALS = known("=");
const OPEN_BRACE = known("{");
const CLOSE_BRACE = known("}");
const COLON = known(":");
const COMMA = known(",");
const STAR = known("*");
const FROM = known("from");
const AS = known("as");
const TYPE = known("type");
/** They do not change what the expression behind them stands for. */
const TRANSPARENT = knownSet(["await", "new", "("]);
/** What an expression that is worth an alias begins with, unless that is an alias itself. */
const ROOTS = knownSet([
  ..."require import eval Function process".split(" "),
  ...GLOBALS,
  ...[...WRAPPERS, ...HANDLES].map((name) => name.split(".", 1)[0]!),
]);

interface Growing extends Code {
  readonly aliases: Map<string, string>;
  /** Per number: the name is an alias. */
  readonly isAlias: Uint8Array;
}

/** Reads the aliases of a JavaScript file: one pass over its tokens. What a name is given last counts everywhere. */
export function readAliases(tokens: Tokens, words: Words): Growing {
  const { ids, word, limit } = words;
  const code: Growing = {
    tokens,
    ids,
    word,
    aliases: new Map(),
    isAlias: new Uint8Array(limit),
    bundled: readBundled(tokens, ids),
  };
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!;
    if (id === EQUALS) readAssignment(code, at);
    else if (id === IMPORT && idAt(ids, at - 1) !== DOT) readImport(code, at);
  }
  return code;
}

const EXPORTS = known("exports");
/** Tokens between the key of a bundle's part and what it exports. */
const MOST_HEAD = 16;

/** `317(e){e.exports=require("fs")}` and `"fs":e=>{"use strict";e.exports=require("fs")}`: the parts of a bundle that are modules from outside. */
function readBundled(tokens: Tokens, ids: Int32Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = ids.indexOf(REQUIRE); at !== -1; at = ids.indexOf(REQUIRE, at + 1)) {
    if (idAt(ids, at - 1) !== EQUALS || idAt(ids, at - 2) !== EXPORTS || idAt(ids, at + 1) !== OPEN_PAREN) continue;
    if (at + 2 >= ids.length || tokens.kind(at + 2) !== "string") continue;
    const key = keyBefore(tokens, ids, at - 2);
    if (key !== undefined) found.set(key, tokens.value(at + 2).replace(/^node:/, ""));
  }
  return found;
}

function keyBefore(tokens: Tokens, ids: Int32Array, from: number): string | undefined {
  for (let at = from - 1; at > 0 && at > from - MOST_HEAD; at--) {
    const kind = tokens.kind(at);
    if (kind !== "number" && kind !== "string") continue;
    const before = ids[at - 1]!;
    const after = idAt(ids, at + 1);
    if ((before === OPEN_BRACE || before === COMMA) && (after === COLON || after === OPEN_PAREN))
      return tokens.value(at);
  }
  return undefined;
}

function note(code: Growing, id: number, value: string): void {
  code.aliases.set(code.word(id), value);
  code.isAlias[id] = 1;
}

function readImport(code: Growing, at: number): void {
  const { tokens, ids, word } = code;
  let from = at + 1;
  while (from < ids.length && from < at + MOST_TOKENS && ids[from] !== FROM) from++;
  if (idAt(ids, from) !== FROM || from + 1 >= ids.length || tokens.kind(from + 1) !== "string") return;
  const module = tokens.value(from + 1).replace(/^node:/, "");
  let inBraces = false;
  for (let i = at + 1; i < from; i++) {
    const id = ids[i]!;
    if (id === OPEN_BRACE || id === CLOSE_BRACE) inBraces = id === OPEN_BRACE;
    if (!isName(id) || id === AS || id === TYPE) continue;
    if (idAt(ids, i + 1) === AS) note(code, idAt(ids, i + 2), `${module}.${word(id)}`);
    else if (ids[i - 1] === AS) {
      if (idAt(ids, i - 2) === STAR) note(code, id, module);
    } else note(code, id, inBraces ? `${module}.${word(id)}` : module);
  }
}

/** `x = require("m")`, `{ a: b } = require("m")`, `x = cp.exec`, `x = https.request(…)`. */
function readAssignment(code: Growing, at: number): void {
  const { ids, word } = code;
  const target = idAt(ids, at - 1);
  const takesApart = target === CLOSE_BRACE;
  if (!takesApart && (!isName(target) || idAt(ids, at - 2) === DOT)) return;
  const value = valueAfter(code, at + 1);
  if (value === undefined) return;
  if (!takesApart) {
    if (value !== word(target)) note(code, target, value);
    return;
  }
  for (let i = at - 2; i > 0 && at - i < MOST_TOKENS && ids[i] !== OPEN_BRACE; i--) {
    const id = ids[i]!;
    if (!isName(id) || ids[i + 1] === COLON) continue;
    const member = ids[i - 1] === COLON ? idAt(ids, i - 2) : id;
    note(code, id, `${value}.${word(member)}`);
  }
}

const ENDS_VALUE = knownSet([";", ",", ")", "}", "||", "??"]);

/** What an expression of names, members and a call that matters stands for; undefined for everything else. */
function valueAfter(code: Growing, from: number): string | undefined {
  const { tokens, ids } = code;
  let at = from;
  while (TRANSPARENT[idAt(ids, at)] === 1) at++;
  const root = idAt(ids, at);
  if (!isName(root) || (KEYWORDS[root] === 1 && root !== IMPORT)) return undefined;
  if (code.isAlias[root] !== 1 && ROOTS[root] !== 1 && !requires(ids, at) && !loads(code, at)) return undefined;
  let end = at + 1;
  let call = -1;
  for (; end < ids.length && end < at + MOST_TOKENS; end++) {
    const id = ids[end]!;
    if (isName(id) && (ids[end - 1] === DOT || ids[end - 1] === OPTIONAL_DOT)) continue;
    if (id === DOT || id === OPTIONAL_DOT) continue;
    if (id !== OPEN_PAREN && id !== OPEN_BRACKET) break;
    if (id === OPEN_PAREN) call = end;
    end = closing(ids, end);
  }
  if (call !== -1) {
    if (closing(ids, call) === end - 1) return callPart(code, call, end - 1, 1).text || undefined;
  } else if (!endsValue(tokens, ids, end)) return undefined;
  const name = calleeBefore(code, end)?.name ?? "";
  if (!/^(?:eval|Function|[\w$]+\.)|^require$/.test(name)) return undefined;
  return isKnown(code, name, root) ? name : undefined;
}

/** `load(317)` of a bundle */
function loads(code: Growing, at: number): boolean {
  return bundledModule(code, at + 1, at + 3) !== undefined && idAt(code.ids, at + 1) === OPEN_PAREN;
}

/** `any.name.require(…)` */
function requires(ids: Int32Array, from: number): boolean {
  let at = from;
  while (idAt(ids, at + 1) === DOT && isName(idAt(ids, at + 2)) && at - from < MOST_TOKENS) at += 2;
  return at > from && ids[at] === REQUIRE;
}

function endsValue(tokens: Tokens, ids: Int32Array, at: number): boolean {
  if (at >= ids.length || ENDS_VALUE[ids[at]!] === 1) return true;
  return isName(ids[at]!) || tokens.kind(at) === "newline";
}

/** Only what begins with a module or a handle is worth a name of its own. */
function isKnown(code: Growing, name: string, root: number): boolean {
  return (
    code.isAlias[root] === 1 ||
    name === "eval" ||
    name === "Function" ||
    root === REQUIRE ||
    code.word(root) === "process"
  );
}
