import { calls as callsOf, constantText } from "../languages/calls.ts";
import { idAt, isName, known, knownSet, wordsOf } from "../languages/interned.ts";
import { GAP } from "../languages/value.ts";
import type { SourceFile } from "../model.ts";
import { type Act, actsOf, JAVASCRIPT_NAMES } from "./acts.ts";
import { isLargeScript, isMinified } from "./bundles.ts";
import { readAliases } from "./javascript-aliases.ts";
import {
  CLOSE_BRACKET,
  CLOSE_PAREN,
  calleeBefore,
  DOT,
  GLOBALS,
  OPEN_PAREN,
  OPTIONAL_DOT,
} from "./javascript-callees.ts";
import { mayDo } from "./marks.ts";
import { tokenAt } from "./places.ts";
import { textOfRounds } from "./rounds.ts";

/** A call of a JavaScript file that is an act. */
export interface JavascriptCall {
  /** Resolved through imports, aliases, computed members and handles: `child_process.exec`, `https.request().write`. */
  readonly name: string;
  readonly acts: readonly Act[];
  /** Index of the callee's first token, and of the parenthesis that opens the arguments. */
  readonly token: number;
  readonly open: number;
  /** What is constant in the arguments where they are not written in these parentheses. */
  readonly text?: string;
}

/** Last parts of names that are acts, and of what is called through: `fetch`, `exec`, `exec.call`. */
const LAST = knownSet([
  ...JAVASCRIPT_NAMES.map((name) => name.slice(name.lastIndexOf(".") + 1)),
  ..."call apply bind default constructor".split(" "),
]);
/** Methods that are acts of whatever has them: `.send`; and those that are called through. */
const OF_ANYTHING = knownSet([
  ...JAVASCRIPT_NAMES.filter((name) => name.startsWith(".")).map((name) => name.slice(1)),
  ..."call apply bind default constructor".split(" "),
]);
/** First parts of names that are acts, and objects that may stand before them. */
const FIRST = knownSet([...JAVASCRIPT_NAMES.map((name) => name.split(/[./]/, 1)[0]!), ...GLOBALS]);
const FUNCTION = known("function");
/** Calls that send only when they are given something to send. */
const SENDS_ARGUMENT = /\(\)\.(?:end|write|send)$/;

/**
 * The calls that are acts, in the order of the text: two passes over the tokens, in which only what may be called by such a name
 * is looked at closely. However many there are, none is left out.
 */
export function javascriptCalls(file: SourceFile): readonly JavascriptCall[] {
  const code = readAliases(file.tokens, wordsOf(file));
  const { ids, isAlias } = code;
  const calls: JavascriptCall[] = [];
  for (let at = 1; at < ids.length; at++) {
    if (ids[at] !== OPEN_PAREN || !mayAct(ids, at, isAlias) || idAt(ids, at - 2) === FUNCTION) continue;
    const callee = calleeBefore(code, at);
    if (callee === undefined || callee.name === "") continue;
    const acts = actsOf("javascript", callee.name);
    if (acts.length === 0 || (SENDS_ARGUMENT.test(callee.name) && idAt(ids, at + 1) === CLOSE_PAREN)) continue;
    calls.push({ name: callee.name, acts, token: callee.first, open: at });
  }
  return followed(file, calls).toSorted((one, other) => one.token - other.token);
}

/** Whether what stands before the parenthesis at `open` may be the callee of an act. */
function mayAct(ids: Int32Array, open: number, isAlias: Uint8Array): boolean {
  const last = ids[open - 1]!;
  if (!isName(last)) return last === CLOSE_BRACKET || (last === CLOSE_PAREN && mayHand(ids, open - 1, isAlias));
  const dot = idAt(ids, open - 2);
  if (dot !== DOT && dot !== OPTIONAL_DOT) return LAST[last] === 1 || isAlias[last] === 1;
  if (LAST[last] !== 1) return false;
  const root = idAt(ids, open - 3);
  const before = idAt(ids, open - 4);
  if (OF_ANYTHING[last] === 1 || !isName(root) || before === DOT || before === OPTIONAL_DOT) return true;
  return FIRST[root] === 1 || isAlias[root] === 1;
}

/** `(0, eval)(…)` and `promisify(exec)(…)`: what stands before the closing parenthesis is a name that matters, or a call. */
function mayHand(ids: Int32Array, close: number, isAlias: Uint8Array): boolean {
  const last = idAt(ids, close - 1);
  return last === CLOSE_PAREN || LAST[last] === 1 || isAlias[last] === 1;
}

/**
 * Calls that only following the values of a file shows, as tables, loops, getters and functions of the file make them, and what loops over
 * commands give those that are known.
 */
function followed(file: SourceFile, known: readonly JavascriptCall[]): readonly JavascriptCall[] {
  if (!mayDo(file, ["run-code", "start"]) || isLargeScript(file) || isMinified(file)) return known;
  const byKey = new Map(known.map((call) => [`${call.open} ${call.name}`, call]));
  for (const call of callsOf(file)) {
    if (!RUNS.test(call.name) || call.written.length >= LONGEST_WRITTEN) continue;
    const open = tokenAt(file, call.offset + call.written.length);
    const key = `${open} ${call.name}`;
    const own = byKey.get(key);
    const [first] = call.args;
    const rounds = call.args.length === 1 && first !== undefined ? textOfRounds(first.value) : GAP;
    const text = rounds === GAP ? constantText(call) : rounds;
    if (own !== undefined && rounds !== GAP) byKey.set(key, { ...own, text });
    if (own !== undefined || open <= call.token) continue;
    byKey.set(key, { name: call.name, acts: actsOf("javascript", call.name), token: call.token, open, text });
  }
  return [...byKey.values()];
}

const RUNS =
  /^(?:eval|Function|child_process\.(?:exec|spawn|execFile|fork|execSync|spawnSync|execFileSync)|vm\.(?:runIn(?:This|New)?Context|Script|compileFunction))$/;
/** Callees of that length were cut. */
const LONGEST_WRITTEN = 200;
