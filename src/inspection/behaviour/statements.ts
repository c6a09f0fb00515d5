import { idAt, isName, known, knownSet, type Words, wordsOf } from "../languages/interned.ts";
import type { SourceFile, Tokens } from "../model.ts";
import { readBraces } from "./braces.ts";
import { readIndented } from "./indented.ts";
import { KEYWORDS } from "./names.ts";

/** One simple statement or the head of a compound one, as a range of tokens. */
export interface Statement {
  /** Index of the first token, and of the token after the last. */
  readonly first: number;
  readonly end: number;
  /** Function that it belongs to; empty for what runs when the file is loaded. Anonymous functions belong to where they stand. */
  readonly scope: string;
  /** It is the head of a function with this name and these parameters. */
  readonly declares?: Declared;
}

/** A function by its name, `@` and a number when it has none; or a Python class as `#` and its name. */
export interface Declared {
  readonly name: string;
  readonly parameters: readonly string[];
  /** The statement is nothing but its head. */
  readonly whole: boolean;
}

/** The names in one statement. */
export interface Names {
  /** Names that it reads or calls, `self.x` and `this.x` as one. */
  readonly uses: readonly string[];
  /** Names that it gives a value to: assignment targets, loop variables, `with … as name`, the receiver of a call such as `list.append(x)`. */
  readonly gives: readonly string[];
  /** It calls something; the head of a function does not call that function. */
  readonly calls: boolean;
  /** It hands a value back to whoever called the function. */
  readonly returns: boolean;
}

/** The statements of one file in order. */
export interface Statements {
  readonly all: readonly Statement[];
  /** The names of the statement at an index of `all`, read when first asked for. */
  names(index: number): Names;
  /** Index of the statement that token `at` stands in; the last one's for what comes after all. */
  around(at: number): number;
}

/** Names kept of one statement; a table of constants has more and none of them matters. */
const MOST_NAMES = 400;
const statementsByTokens = new WeakMap<Tokens, Statements>();

/** The statements of a lexed file, kept as long as its tokens; none for files that were not lexed. */
export function statementsOf(file: SourceFile): Statements {
  const { tokens } = file;
  let statements = statementsByTokens.get(tokens);
  if (statements === undefined) {
    statements = readStatements(file);
    statementsByTokens.set(tokens, statements);
  }
  return statements;
}

function readStatements(file: SourceFile): Statements {
  const { tokens } = file;
  const words = wordsOf(file);
  const isPython = file.kind === "python" || file.kind === "pth";
  const all = tokens.length === 0 ? [] : isPython ? readIndented(tokens, words) : readBraces(tokens, words, file.text);
  const names: Names[] = [];
  return {
    all,
    names: (index) => {
      names[index] ??= readNames(words, all[index]!);
      return names[index];
    },
    around: (at) => indexAround(all, at),
  };
}

function indexAround(all: readonly Statement[], at: number): number {
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (all[middle]!.end <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const DOT = known(".");
const SEMICOLON = known(";");
const OPTIONAL_DOT = known("?.");
const OPEN_PAREN = known("(");
const AS = known("as");
const AWAIT = known("await");
const LOOPS = knownSet(["for", "async"]);
const IMPORTS = knownSet(["import", "from"]);
const MEMBERSHIP = knownSet(["in", "of"]);
const RETURNS = knownSet(["return", "yield"]);
const OWNERS = knownSet(["self", "this", "cls"]);
const ASSIGNS = knownSet(["=", "+=", ":=", "|="]);
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");

const COMMON_METHODS = knownSet(
  `get set read write run send open post put close start stop call update append extend join format items keys values pop copy execute load
loads dump dumps encode decode strip split replace find match search sub group add remove insert index count exists create connect request
next add_argument info debug warning error exception log print main then catch push map filter forEach reduce slice apply bind toString
test exec on emit end pipe resolve reject concat indexOf includes trim stringify parse`.split(/\s+/),
);

function readNames({ ids, word }: Words, { first, end, declares }: Statement): Names {
  const uses = new Set<string>();
  const gives = new Set<string>();
  const head = idAt(ids, first);
  let calls = false;
  let inTargets = LOOPS[head] === 1;
  const assignment = IMPORTS[head] === 1 ? -1 : findAssignment(ids, first, end);
  for (let at = first; at < end && uses.size < MOST_NAMES; at++) {
    const id = ids[at]!;
    // `for (let at = 0; at < n; at++) text += …` gives a value to its counter only.
    if (id === SEMICOLON) inTargets = false;
    if (!isName(id)) continue;
    if (KEYWORDS[id] === 1) {
      if (MEMBERSHIP[id] === 1) inTargets = false;
      continue;
    }
    const isCalled = idAt(ids, at + 1) === OPEN_PAREN;
    if (isCalled && word(id) !== declares?.name) calls = true;
    const before = at > first ? ids[at - 1]! : 0;
    const dotted = before === DOT || before === OPTIONAL_DOT;
    const owned = dotted && OWNERS[idAt(ids, at - 2)] === 1;
    // A method's name says which function of this file is called, unless every object has one of that name.
    if (dotted && !owned && (!isCalled || COMMON_METHODS[id] === 1)) continue;
    const key = owned ? `self.${word(id)}` : word(id);
    if (at < assignment || before === AS || inTargets) gives.add(key);
    else uses.add(key);
  }
  const receiver = assignment === -1 ? receiverOf({ ids, word }, first, end) : undefined;
  if (receiver !== undefined) gives.add(receiver);
  return { uses: [...uses], gives: [...gives], calls, returns: RETURNS[head] === 1 };
}

/** Index of the `=` that assigns, outside brackets; -1 when there is none. Augmented assignments count, comparisons do not. */
function findAssignment(ids: Int32Array, first: number, end: number): number {
  let brackets = 0;
  for (let at = first; at < end; at++) {
    const id = ids[at]!;
    if (OPENING[id] === 1) brackets++;
    else if (CLOSING[id] === 1) brackets--;
    else if (brackets === 0 && ASSIGNS[id] === 1) return at;
  }
  return -1;
}

/** `name` of a statement `name.method(…)`, which may put what it is given into `name`. */
function receiverOf({ ids, word }: Pick<Words, "ids" | "word">, first: number, end: number): string | undefined {
  const start = idAt(ids, first) === AWAIT ? first + 1 : first;
  const name = idAt(ids, start);
  if (end - start < 4 || !isName(name) || idAt(ids, start + 1) !== DOT) return undefined;
  if (OWNERS[name] === 1 && word(name) !== "cls") {
    return idAt(ids, start + 3) === DOT && idAt(ids, start + 5) === OPEN_PAREN
      ? `self.${word(idAt(ids, start + 2))}`
      : undefined;
  }
  return idAt(ids, start + 3) === OPEN_PAREN ? word(name) : undefined;
}
