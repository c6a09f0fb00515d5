import type { SourceFile, Tokens } from "../model.ts";

/** One simple statement or the head of a compound one, as a range of tokens. */
export interface Statement {
  /** Index of the first token, and of the token after the last. */
  readonly first: number;
  readonly end: number;
  /** Function that it belongs to; empty for what runs when the file is loaded. Anonymous functions belong to where they stand. */
  readonly scope: string;
  /** Names that it reads or calls, `self.x` and `this.x` as one. */
  readonly uses: readonly string[];
  /** Names that it gives a value to: assignment targets, loop variables, `with … as name`, the receiver of a call such as `list.append(x)`. */
  readonly gives: readonly string[];
  /** It is the head of a function with this name and these parameters. */
  readonly declares?: Declared;
  /** It calls something. */
  readonly calls: boolean;
  /** It hands a value back to whoever called the function. */
  readonly returns: boolean;
}

/** A function by its name, `@` and a number when it has none; or a Python class as `#` and its name. */
export interface Declared {
  readonly name: string;
  readonly parameters: readonly string[];
  /** The statement is nothing but its head. */
  readonly whole: boolean;
}

/** Statements read from one file: a bound on work, far above what people write. */
const MOST_STATEMENTS = 50_000;
/** Names kept of one statement; a table of constants has more and none of them matters. */
const MOST_NAMES = 400;

/** The statements of a lexed file in order; empty for files that were not lexed. */
export function readStatements(file: SourceFile): readonly Statement[] {
  const { tokens } = file;
  if (tokens.length === 0) return [];
  return file.kind === "python" || file.kind === "pth" ? readPython(tokens) : readBraces(tokens, file.text);
}

function readPython(tokens: Tokens): Statement[] {
  const found: Statement[] = [];
  const scopes: { readonly name: string; readonly depth: number }[] = [];
  let depth = 0;
  let brackets = 0;
  let first = 0;
  for (let at = 0; at <= tokens.length && found.length < MOST_STATEMENTS; at++) {
    const kind = at < tokens.length ? tokens.kind(at) : "newline";
    const text = kind === "operator" ? tokens.text(at) : "";
    if (kind === "operator") brackets += opens(text) - closes(text);
    const ends = kind === "newline" || kind === "indent" || kind === "dedent" || (text === ";" && brackets <= 0);
    if (!ends) continue;
    if (at > first) {
      const scope = scopes.map((one) => one.name).join(".");
      const statement = readStatement(tokens, first, at, scope, "def");
      found.push(statement);
      if (statement.declares !== undefined) scopes.push({ name: statement.declares.name, depth });
    }
    if (kind === "newline") {
      brackets = 0;
      const next = at + 1 < tokens.length ? tokens.kind(at + 1) : "newline";
      if (next !== "indent" && scopes.at(-1)?.depth === depth) scopes.pop();
    }
    if (kind === "indent") depth++;
    if (kind === "dedent") {
      depth--;
      while (scopes.length > 0 && (scopes.at(-1)?.depth ?? 0) >= depth) scopes.pop();
    }
    first = at + 1;
  }
  return found;
}

function readBraces(tokens: Tokens, source: string): Statement[] {
  const found: Statement[] = [];
  const scopes: { readonly name: string; readonly depth: number }[] = [];
  /** Open brackets: `b` a block, `o` an object literal, `(` and `[`. */
  const open: string[] = [];
  let blocks = 0;
  let first = 0;
  const end = (at: number): Statement | undefined => {
    if (at <= first) return undefined;
    const statement = readStatement(tokens, first, at, scopes.map((one) => one.name).join("."), "function");
    found.push(statement);
    return statement;
  };
  for (let at = 0; at < tokens.length && found.length < MOST_STATEMENTS; at++) {
    if (at > first && breaksLine(tokens, at, source, open)) {
      end(at);
      first = at;
    }
    if (tokens.kind(at) !== "operator") continue;
    const text = tokens.text(at);
    if (text === "(" || text === "[") open.push(text);
    else if (text === ")" || text === "]") open.pop();
    else if (text === ";" && open.at(-1) !== "(") {
      end(at);
      first = at + 1;
    } else if (text === "{") {
      if (!startsBlock(tokens, at, first)) {
        open.push("o");
        continue;
      }
      const statement = end(at);
      if (statement?.declares !== undefined) scopes.push({ name: statement.declares.name, depth: blocks });
      open.push("b");
      blocks++;
      first = at + 1;
    } else if (text === "}" && open.pop() === "b") {
      end(at);
      blocks--;
      while (scopes.length > 0 && (scopes.at(-1)?.depth ?? 0) >= blocks) scopes.pop();
      first = at + 1;
    }
  }
  end(tokens.length);
  return found;
}

/** A brace after these opens a block; after `=`, `(`, `,`, `:` or `return` it opens an object. */
function startsBlock(tokens: Tokens, at: number, first: number): boolean {
  if (at === first) return true;
  const before = tokens.text(at - 1);
  if (before === ")" || before === "=>") return true;
  if (tokens.kind(at - 1) !== "name") return false;
  return (
    /^(?:else|do|try|finally|static)$/.test(before) || /^(?:class|interface|namespace|module)$/.test(tokens.text(first))
  );
}

/** A line end that ends a statement although no semicolon stands there. */
function breaksLine(tokens: Tokens, at: number, source: string, open: readonly string[]): boolean {
  const inside = open.at(-1);
  if (inside !== undefined && inside !== "b") return false;
  if (tokens.kind(at) === "operator") return false;
  const before = tokens.text(at - 1);
  if (tokens.kind(at - 1) === "operator" && before !== ")" && before !== "]" && before !== "}") return false;
  const gap = tokens.start(at) - tokens.end(at - 1);
  return gap > 0 && source.slice(tokens.end(at - 1), tokens.end(at - 1) + Math.min(gap, 500)).includes("\n");
}

function readStatement(tokens: Tokens, first: number, end: number, scope: string, word: "def" | "function"): Statement {
  const declares = word === "def" ? pythonFunction(tokens, first, end) : bracesFunction(tokens, first, end);
  const uses = new Set<string>();
  const gives = new Set<string>();
  const head = tokens.text(first);
  let calls = false;
  let target = head === "for" || head === "async" || head === "import" || head === "from" ? "" : undefined;
  const assignment = head === "import" || head === "from" ? -1 : findAssignment(tokens, first, end);
  for (let at = first; at < end && uses.size < MOST_NAMES; at++) {
    if (tokens.kind(at) !== "name") continue;
    const before = at > first ? tokens.text(at - 1) : "";
    const name = tokens.text(at);
    if (KEYWORDS.has(name)) {
      if (name === "in" || name === "of") target = undefined;
      continue;
    }
    if (tokens.text(at + 1) === "(") calls = true;
    const dotted = before === "." || before === "?.";
    const own = dotted && /^(?:self|this|cls)$/.test(tokens.text(at - 2)) ? `self.${name}` : undefined;
    const key = own ?? name;
    // A method's name says which function of this file is called, unless every object has one of that name.
    if (dotted && own === undefined && (tokens.text(at + 1) !== "(" || COMMON_METHODS.has(name))) continue;
    if (at < assignment || before === "as" || (target === "" && (head === "for" || head === "async"))) gives.add(key);
    else uses.add(key);
  }
  const receiver = assignment === -1 ? receiverOf(tokens, first, end) : undefined;
  if (receiver !== undefined) gives.add(receiver);
  return {
    first,
    end,
    scope,
    uses: [...uses],
    gives: [...gives],
    calls,
    returns: head === "return" || head === "yield",
    ...(declares === undefined ? {} : { declares }),
  };
}

const KEYWORDS = new Set(
  `and as assert async await break class const continue def del elif else except export finally for from function global if import in is
lambda let new nonlocal not of or pass raise return self this throw try typeof var while with yield None True False null undefined true
false cls`.split(/\s/),
);

const COMMON_METHODS = new Set(
  `get set read write run send open post put close start stop call update append extend join format items keys values pop copy execute load
loads dump dumps encode decode strip split replace find match search sub group add remove insert index count exists create connect request
next add_argument info debug warning error exception log print main then catch push map filter forEach reduce slice apply bind toString
test exec on emit end pipe resolve reject concat indexOf includes trim stringify parse`.split(/\s+/),
);

/** Index of the `=` that assigns, outside brackets; -1 when there is none. Augmented assignments count, comparisons do not. */
function findAssignment(tokens: Tokens, first: number, end: number): number {
  let brackets = 0;
  for (let at = first; at < end; at++) {
    if (tokens.kind(at) !== "operator") continue;
    const text = tokens.text(at);
    brackets += opens(text) - closes(text);
    if (brackets === 0 && (text === "=" || text === "+=" || text === ":=" || text === "|=")) return at;
  }
  return -1;
}

/** `name` of a statement `name.method(…)`, which may put what it is given into `name`. */
function receiverOf(tokens: Tokens, first: number, end: number): string | undefined {
  const start = tokens.text(first) === "await" ? first + 1 : first;
  if (end - start < 4 || tokens.kind(start) !== "name" || tokens.text(start + 1) !== ".") return undefined;
  const name = tokens.text(start);
  if (name === "self" || name === "this") {
    return tokens.text(start + 3) === "." && tokens.text(start + 5) === "("
      ? `self.${tokens.text(start + 2)}`
      : undefined;
  }
  return tokens.text(start + 3) === "(" ? name : undefined;
}

function pythonFunction(tokens: Tokens, first: number, end: number): Declared | undefined {
  // What stands under `if __name__ == "__main__"` does not run when the module is imported.
  if (tokens.text(first) === "if" && mentions(tokens, first, end, "__name__"))
    return { name: "__main__", parameters: [], whole: true };
  if (tokens.text(first) === "class") return { name: `#${tokens.text(first + 1)}`, parameters: [], whole: true };
  const at = tokens.text(first) === "async" ? first + 1 : first;
  if (tokens.text(at) !== "def" || at + 1 >= end) return undefined;
  return { name: tokens.text(at + 1), parameters: namesBetween(tokens, at + 2, end), whole: true };
}

/**
 * The function whose body the brace after `end` opens: `function name(…)`, `name = function (…)`, `name = (…) =>`, a method
 * `name(…)`, or one without a name, which is called after the place where it stands.
 */
function bracesFunction(tokens: Tokens, first: number, end: number): Declared | undefined {
  const arrow = tokens.text(end - 1) === "=>";
  const close = arrow ? end - 2 : end - 1;
  if (close < first) return undefined;
  const open = tokens.text(close) === ")" ? matchingOpen(tokens, close, first) : close;
  if (open === undefined || (!arrow && tokens.text(close) !== ")")) return undefined;
  const parameters = namesBetween(tokens, open, end);
  const async = tokens.text(open - 1) === "async" ? 1 : 0;
  const before = open - 1 - async;
  if (arrow) return { name: nameBefore(tokens, open - async, first) ?? `@${open}`, parameters, whole: false };
  const word = tokens.text(before);
  if (word === "function") return { name: nameBefore(tokens, before, first) ?? `@${open}`, parameters, whole: false };
  if (before < first || tokens.kind(before) !== "name" || CONTROL.has(word)) return undefined;
  return { name: word, parameters, whole: tokens.text(before - 1) === "function" || before - first <= 2 };
}

const CONTROL = new Set(["if", "for", "while", "switch", "catch", "with", "await"]);

function mentions(tokens: Tokens, first: number, end: number, name: string): boolean {
  for (let at = first; at < Math.min(end, first + 40); at++) if (tokens.text(at) === name) return true;
  return false;
}

function matchingOpen(tokens: Tokens, close: number, first: number): number | undefined {
  let depth = 0;
  for (let at = close; at >= first; at--) {
    if (tokens.kind(at) !== "operator") continue;
    const text = tokens.text(at);
    depth += closes(text) - opens(text);
    if (depth === 0) return at;
  }
  return undefined;
}

function nameBefore(tokens: Tokens, at: number, first: number): string | undefined {
  const sign = tokens.text(at - 1);
  const named = at - 2 >= first && (sign === "=" || sign === ":") && tokens.kind(at - 2) === "name";
  return named ? tokens.text(at - 2) : undefined;
}

function namesBetween(tokens: Tokens, from: number, end: number): string[] {
  const names: string[] = [];
  for (let at = from; at < end && names.length < 40; at++) {
    if (tokens.kind(at) === "name" && !KEYWORDS.has(tokens.text(at)) && tokens.text(at - 1) !== ".")
      names.push(tokens.text(at));
  }
  return names;
}

function opens(text: string): number {
  return text === "(" || text === "[" || text === "{" ? 1 : 0;
}

function closes(text: string): number {
  return text === ")" || text === "]" || text === "}" ? 1 : 0;
}
