import { idAt, isName, known, knownSet, type Words } from "../languages/interned.ts";
import type { Tokens } from "../model.ts";

/** A JavaScript file whose callees are resolved. */
export interface Code extends Pick<Words, "ids" | "word"> {
  readonly tokens: Tokens;
  /** Names of the file that stand for modules, their members, or handles that they made. */
  readonly aliases: ReadonlyMap<string, string>;
  /** What the file's own loader gives for its keys, in bundles: `317` → `child_process`. */
  readonly bundled: ReadonlyMap<string, string>;
}

/** A callee: what it is called, and where it begins. */
export interface Callee {
  /** Resolved through imports, aliases, computed members and handles: `child_process.exec`, `https.request().write`. */
  readonly name: string;
  readonly first: number;
}

/** Tokens that one callee, one `require` argument or one list of names may span. */
export const MOST_TOKENS = 80;
const MOST_PARTS = 12;
const MOST_CHAINED = 6;
/** Tokens between two brackets that belong together. */
const MOST_BETWEEN = 400;

/** Calls that hand their module or function through. */
export const WRAPPERS: readonly string[] = [
  ..."__importDefault __importStar __toESM __toCommonJS _interopRequireDefault _interopRequireWildcard".split(" "),
  ..."_interopDefault promisify util.promisify".split(" "),
];
/** What these make is used through a name of its own. */
export const HANDLES: readonly string[] = [
  ..."http.request https.request http.get https.get net.connect net.createConnection net.Socket tls.connect".split(" "),
  ..."axios.create XMLHttpRequest WebSocket ws dns.Resolver dns.promises.Resolver dgram.createSocket".split(" "),
  ..."nodemailer.createTransport http2.connect http2.connect().request form-data".split(" "),
];
/** Objects whose members are global, or modules of their own. */
export const GLOBALS: readonly string[] = "globalThis global window self top module mainModule".split(" ");

const isWrapper: ReadonlySet<string> = new Set(WRAPPERS);
const isHandle: ReadonlySet<string> = new Set(HANDLES);
const isGlobal: ReadonlySet<string> = new Set(GLOBALS);

/** Words that are never the name of what is called. */
export const KEYWORDS: Uint8Array = knownSet(
  "if for while switch catch function return typeof instanceof in of new delete void throw case do else await yield async const let var class extends".split(
    " ",
  ),
);

export const DOT = known(".");
export const OPTIONAL_DOT = known("?.");
export const OPEN_PAREN = known("(");
export const CLOSE_PAREN = known(")");
export const OPEN_BRACKET = known("[");
export const CLOSE_BRACKET = known("]");
export const IMPORT = known("import");
export const REQUIRE = known("require");
const PLUS = known("+");
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");

/** The callee whose argument list opens at token `open`; undefined when that is no call. */
export function calleeBefore(code: Code, open: number, depth = 0): Callee | undefined {
  // In a chain of many calls, what began it no longer says what the last one does.
  if (depth > MOST_CHAINED) return undefined;
  const parts: string[] = [];
  let at = open - 1;
  for (let steps = 0; steps < MOST_PARTS && at >= 0; steps++) {
    const part = partBefore(code, at, depth);
    if (part === undefined) return undefined;
    parts.unshift(part.text);
    if (!part.member) return { name: resolve(parts, code.aliases), first: part.first };
    at = part.first - 1;
  }
  return { name: resolve(["", ...parts], code.aliases), first: at + 1 };
}

interface Part {
  readonly text: string;
  readonly first: number;
  /** It is a member of what stands before `first`. */
  readonly member: boolean;
}

function partBefore(code: Code, at: number, depth: number): Part | undefined {
  const { ids, word } = code;
  const id = idAt(ids, at);
  if (isName(id)) {
    const before = idAt(ids, at - 1);
    if (KEYWORDS[id] === 1 && before !== DOT) return undefined;
    const member = before === DOT || before === OPTIONAL_DOT;
    return { text: word(id), first: member ? at - 1 : at, member };
  }
  if (id === CLOSE_BRACKET) {
    const open = opening(ids, at, OPEN_BRACKET, CLOSE_BRACKET);
    if (open === undefined || !isOperandEnd(ids, open - 1)) return undefined;
    const first = idAt(ids, open - 1) === OPTIONAL_DOT ? open - 1 : open;
    return { text: constantText(code, open + 1, at) ?? "", first, member: true };
  }
  if (id !== CLOSE_PAREN) return undefined;
  const open = opening(ids, at, OPEN_PAREN, CLOSE_PAREN);
  return open === undefined ? undefined : callPart(code, open, at, depth + 1);
}

/** A call or a bracketed expression in the middle of a callee, between its parentheses `open` and `close`. */
export function callPart(code: Code, open: number, close: number, depth: number): Part {
  const { ids } = code;
  if (!isOperandEnd(ids, open - 1)) {
    // `(0, eval)(x)`, `(await import("fs"))`
    const inner = idAt(ids, close - 1) === CLOSE_PAREN ? moduleCall(code, close - 1) : undefined;
    return { text: inner ?? lastName(code, close, depth), first: open, member: false };
  }
  const module = moduleCall(code, close);
  const callee = calleeBefore(code, open, depth);
  if (module !== undefined) return { text: module, first: callee?.first ?? open - 1, member: false };
  const first = callee?.first ?? open;
  const name = callee?.name ?? "";
  if (isWrapper.has(name)) return { text: wrapped(code, close, depth), first, member: false };
  return { text: isHandle.has(name) ? `${name}()` : "", first, member: false };
}

function lastName(code: Code, close: number, depth: number): string {
  return isName(idAt(code.ids, close - 1)) ? (calleeBefore(code, close, depth)?.name ?? "") : "";
}

/** The module that the `require("m")` or `import("m")` that ends at `close` names, when that is one constant. */
function moduleCall(code: Code, close: number): string | undefined {
  const open = opening(code.ids, close, OPEN_PAREN, CLOSE_PAREN);
  if (open === undefined || open < 1) return undefined;
  const name = code.ids[open - 1]!;
  if (name !== REQUIRE && name !== IMPORT) return bundledModule(code, open, close);
  return constantText(code, open + 1, close)?.replace(/^node:/, "");
}

/** The module that `load(317)` gives in a bundle whose part 317 is nothing but that module. */
export function bundledModule({ tokens, ids, bundled }: Code, open: number, close: number): string | undefined {
  if (bundled.size === 0 || close !== open + 2 || !isName(idAt(ids, open - 1)) || idAt(ids, open - 2) === DOT)
    return undefined;
  const kind = tokens.kind(open + 1);
  return kind === "number" || kind === "string" ? bundled.get(tokens.value(open + 1)) : undefined;
}

/** What a wrapper hands through: the module or function in its first argument. */
function wrapped(code: Code, close: number, depth: number): string {
  if (idAt(code.ids, close - 1) === CLOSE_PAREN) return moduleCall(code, close - 1) ?? "";
  return lastName(code, close, depth);
}

function resolve(parts: readonly string[], aliases: ReadonlyMap<string, string>): string {
  let rest = parts;
  while (rest.length > 1 && isGlobal.has(rest[0] ?? "") && !aliases.has(rest[0] ?? "")) rest = rest.slice(1);
  const [root = "", ...members] = rest;
  const name = [aliases.get(root) ?? root, ...members]
    .join(".")
    .replace(/\.default(?=\.|$)/g, "")
    .replace(/^node:/, "");
  if (/(?:^|\.)constructor\.constructor$/.test(name)) return "Function";
  return name.replace(/\.(?:call|apply|bind)$/, "");
}

/** `"ex" + "ec"`: constant text from `from` to `end`, when nothing else is there. */
export function constantText({ tokens, ids }: Code, from: number, end: number): string | undefined {
  let text = "";
  for (let at = from; at < end && at < from + MOST_TOKENS; at++) {
    if (tokens.kind(at) === "string") text += tokens.value(at);
    else if (ids[at] !== PLUS) return undefined;
  }
  return text === "" ? undefined : text;
}

/** Whether the token can be the end of something that is called or indexed. */
function isOperandEnd(ids: Int32Array, at: number): boolean {
  const id = idAt(ids, at);
  if (isName(id)) return KEYWORDS[id] !== 1;
  return id === CLOSE_PAREN || id === CLOSE_BRACKET || id === OPTIONAL_DOT;
}

function opening(ids: Int32Array, close: number, left: number, right: number): number | undefined {
  let depth = 0;
  for (let at = close; at >= 0 && at > close - MOST_BETWEEN; at--) {
    const id = ids[at]!;
    if (id === right) depth++;
    if (id === left && --depth === 0) return at;
  }
  return undefined;
}

/** The bracket that closes the one at `open`; `open` itself when it is too far away. */
export function closing(ids: Int32Array, open: number): number {
  let depth = 0;
  for (let at = open; at < ids.length && at < open + MOST_BETWEEN; at++) {
    const id = ids[at]!;
    if (OPENING[id] === 1) depth++;
    else if (CLOSING[id] === 1 && --depth === 0) return at;
  }
  return open;
}
