import type { Tokens } from "../model.ts";

/** A callee: what it is called, and where it begins. */
export interface Callee {
  /** Resolved through imports, aliases, computed members and handles: `child_process.exec`, `https.request().write`. */
  readonly name: string;
  readonly first: number;
}

/** Tokens that one callee, one `require` argument or one list of names may span. */
const MOST_TOKENS = 80;
const MOST_PARTS = 12;
const MOST_CHAINED = 6;
/** Calls that hand their module or function through. */
const WRAPPERS =
  /^(?:__importDefault|__importStar|__toESM|__toCommonJS|_interopRequireDefault|_interopRequireWildcard|_interopDefault|promisify|util\.promisify)$/;
const GLOBALS: ReadonlySet<string> = new Set(["globalThis", "global", "window", "self", "top", "module", "mainModule"]);
/** Whatever these make is used through a name of its own. */
const HANDLES =
  /^(?:https?\.(?:request|get)|net\.(?:connect|createConnection|Socket)|tls\.connect|axios\.create|XMLHttpRequest|WebSocket|ws|dns\.(?:promises\.)?Resolver|dgram\.createSocket|nodemailer\.createTransport|http2\.connect)$/;

/** Names of a JavaScript file that stand for modules, their members, or handles that they made. */
export function readJavascriptAliases(t: Tokens): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (let at = 0; at < t.length; at++) {
    const kind = t.kind(at);
    if (kind === "name" && t.text(at) === "import" && t.text(at - 1) !== ".") readImport(t, at, aliases);
    else if (kind === "operator" && t.text(at) === "=") readAssignment(t, at, aliases);
  }
  return aliases;
}

/** The callee whose argument list opens at token `open`; undefined when that is no call. */
export function calleeBefore(
  t: Tokens,
  open: number,
  aliases: ReadonlyMap<string, string>,
  depth = 0,
): Callee | undefined {
  // In a chain of many calls, what began it no longer says what the last one does.
  if (depth > MOST_CHAINED) return undefined;
  const parts: string[] = [];
  let at = open - 1;
  for (let steps = 0; steps < MOST_PARTS && at >= 0; steps++) {
    const part = partBefore(t, at, aliases, depth);
    if (part === undefined) return undefined;
    parts.unshift(part.text);
    if (!part.member) return { name: resolve(parts, aliases), first: part.first };
    at = part.first - 1;
  }
  return { name: resolve(["", ...parts], aliases), first: at + 1 };
}

interface Part {
  readonly text: string;
  readonly first: number;
  /** It is a member of what stands before `first`. */
  readonly member: boolean;
}

function partBefore(t: Tokens, at: number, aliases: ReadonlyMap<string, string>, depth: number): Part | undefined {
  const text = t.text(at);
  if (t.kind(at) === "name") {
    if (KEYWORDS.has(text) && t.text(at - 1) !== ".") return undefined;
    const dot = t.text(at - 1) === "." || t.text(at - 1) === "?.";
    return { text, first: dot ? at - 1 : at, member: dot };
  }
  if (text === "]") {
    const open = opening(t, at, "[", "]");
    const name = open === undefined ? undefined : constantText(t, open + 1, at);
    if (open === undefined || !isOperandEnd(t, open - 1)) return undefined;
    return { text: name ?? "", first: t.text(open - 1) === "?." ? open - 1 : open, member: true };
  }
  if (text !== ")") return undefined;
  const open = opening(t, at, "(", ")");
  if (open === undefined) return undefined;
  return callPart(t, open, at, aliases, depth + 1);
}

/** A call or a bracketed expression in the middle of a callee. */
function callPart(t: Tokens, open: number, close: number, aliases: ReadonlyMap<string, string>, depth: number): Part {
  if (!isOperandEnd(t, open - 1)) {
    // `(0, eval)(x)`, `(await import("fs"))`
    const inner =
      t.text(close - 1) === ")" ? moduleCall(t, opening(t, close - 1, "(", ")") ?? -1, close - 1) : undefined;
    const last = t.kind(close - 1) === "name" ? (calleeBefore(t, close, aliases, depth)?.name ?? "") : "";
    return { text: inner ?? last, first: open, member: false };
  }
  const module = moduleCall(t, open, close);
  if (module !== undefined)
    return { text: module, first: calleeBefore(t, open, aliases, depth)?.first ?? open - 1, member: false };
  const callee = calleeBefore(t, open, aliases, depth);
  const first = callee?.first ?? open;
  const name = callee?.name ?? "";
  if (WRAPPERS.test(name)) return { text: wrapped(t, close, aliases, depth), first, member: false };
  return { text: HANDLES.test(name) ? `${name}()` : "", first, member: false };
}

/** The module that `require("m")` or `import("m")` names, when that is one constant. */
function moduleCall(t: Tokens, open: number, close: number): string | undefined {
  const name = t.text(open - 1);
  if (open < 1 || (name !== "require" && name !== "import")) return undefined;
  return constantText(t, open + 1, close)?.replace(/^node:/, "");
}

/** What a wrapper hands through: the module or function in its first argument. */
function wrapped(t: Tokens, close: number, aliases: ReadonlyMap<string, string>, depth: number): string {
  if (t.text(close - 1) === ")") {
    const inner = opening(t, close - 1, "(", ")");
    return (inner !== undefined && moduleCall(t, inner, close - 1)) || "";
  }
  return t.kind(close - 1) === "name" ? (calleeBefore(t, close, aliases, depth)?.name ?? "") : "";
}

function resolve(parts: readonly string[], aliases: ReadonlyMap<string, string>): string {
  let rest = parts;
  while (rest.length > 1 && GLOBALS.has(rest[0] ?? "") && !aliases.has(rest[0] ?? "")) rest = rest.slice(1);
  const [root = "", ...members] = rest;
  const name = [aliases.get(root) ?? root, ...members]
    .join(".")
    .replace(/\.default(?=\.|$)/g, "")
    .replace(/^node:/, "");
  if (/(?:^|\.)constructor\.constructor$/.test(name)) return "Function";
  return name.replace(/\.(?:call|apply|bind)$/, "");
}

function readImport(t: Tokens, at: number, aliases: Map<string, string>): void {
  let from = at + 1;
  while (from < t.length && from < at + MOST_TOKENS && t.text(from) !== "from") from++;
  if (t.text(from) !== "from" || t.kind(from + 1) !== "string") return;
  const module = t.value(from + 1).replace(/^node:/, "");
  let inBraces = false;
  for (let i = at + 1; i < from; i++) {
    const text = t.text(i);
    if (text === "{" || text === "}") inBraces = text === "{";
    if (t.kind(i) !== "name" || text === "as" || text === "type") continue;
    if (t.text(i + 1) === "as") aliases.set(t.text(i + 2), `${module}.${text}`);
    else if (t.text(i - 1) === "as") {
      if (t.text(i - 2) === "*") aliases.set(text, module);
    } else aliases.set(text, inBraces ? `${module}.${text}` : module);
  }
}

/** `x = require("m")`, `{ a: b } = require("m")`, `x = cp.exec`, `x = https.request(…)`. */
function readAssignment(t: Tokens, at: number, aliases: Map<string, string>): void {
  const value = valueAfter(t, at + 1, aliases);
  if (value === undefined) return;
  if (t.kind(at - 1) === "name" && t.text(at - 2) !== ".") {
    if (value !== t.text(at - 1)) aliases.set(t.text(at - 1), value);
    return;
  }
  if (t.text(at - 1) !== "}") return;
  for (let i = at - 2; i > 0 && at - i < MOST_TOKENS && t.text(i) !== "{"; i--) {
    if (t.kind(i) !== "name" || t.text(i + 1) === ":") continue;
    const member = t.text(i - 1) === ":" ? t.text(i - 2) : t.text(i);
    aliases.set(t.text(i), `${value}.${member}`);
  }
}

/** What an expression of names, members and a call that matters stands for; undefined for everything else. */
function valueAfter(t: Tokens, from: number, aliases: ReadonlyMap<string, string>): string | undefined {
  let at = from;
  while (t.text(at) === "await" || t.text(at) === "new" || t.text(at) === "(") at++;
  if (t.kind(at) !== "name" || (KEYWORDS.has(t.text(at)) && t.text(at) !== "import")) return undefined;
  let end = at + 1;
  let call = -1;
  for (; end < t.length && end < at + MOST_TOKENS; end++) {
    const text = t.text(end);
    if (t.kind(end) === "name" && (t.text(end - 1) === "." || t.text(end - 1) === "?.")) continue;
    if (text === "." || text === "?.") continue;
    if (text !== "(" && text !== "[") break;
    if (text === "(") call = end;
    end = closing(t, end);
  }
  const ends =
    t.kind(end) === "newline" || /^[;,)}]?$/.test(t.text(end)) || t.start(end) >= t.length || t.kind(end) === "name";
  if (!ends && call === -1) return undefined;
  if (call !== -1 && closing(t, call) === end - 1) {
    const part = callPart(t, call, end - 1, aliases, 1);
    return part.text === "" ? undefined : part.text;
  }
  const known = calleeBefore(t, end, aliases);
  return known !== undefined &&
    known.name !== "" &&
    /^(?:eval|Function|[\w$]+\.)|^require$/.test(known.name) &&
    isKnown(known.name, t, at, aliases)
    ? known.name
    : undefined;
}

/** Only what begins with a module or a handle is worth a name of its own. */
function isKnown(name: string, t: Tokens, at: number, aliases: ReadonlyMap<string, string>): boolean {
  return (
    aliases.has(t.text(at)) ||
    name === "eval" ||
    name === "Function" ||
    t.text(at) === "require" ||
    t.text(at) === "process"
  );
}

/** `"ex" + "ec"`: constant text from `from` to `end`, when nothing else is there. */
function constantText(t: Tokens, from: number, end: number): string | undefined {
  let text = "";
  for (let at = from; at < end && at < from + MOST_TOKENS; at++) {
    if (t.kind(at) === "string") text += t.value(at);
    else if (t.text(at) !== "+") return undefined;
  }
  return text === "" ? undefined : text;
}

/** Whether the token can be the end of something that is called or indexed. */
function isOperandEnd(t: Tokens, at: number): boolean {
  const text = t.text(at);
  return (
    (t.kind(at) === "name" && !KEYWORDS.has(text)) || text === ")" || text === "]" || text === "?." || text === "import"
  );
}

function opening(t: Tokens, close: number, left: string, right: string): number | undefined {
  let depth = 0;
  for (let at = close; at >= 0 && at > close - 400; at--) {
    const text = t.text(at);
    if (text === right) depth++;
    if (text === left && --depth === 0) return at;
  }
  return undefined;
}

function closing(t: Tokens, open: number): number {
  let depth = 0;
  for (let at = open; at < t.length && at < open + 400; at++) {
    const text = t.text(at);
    if (text === "(" || text === "[" || text === "{") depth++;
    if ((text === ")" || text === "]" || text === "}") && --depth === 0) return at;
  }
  return open;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "if for while switch catch function return typeof instanceof in of new delete void throw case do else await yield async const let var class extends".split(
    " ",
  ),
);
