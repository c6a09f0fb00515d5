import { type Cursor, endOf, expect, is, isOnNewLine, kind, skip, startOf } from "./cursor.ts";
import type { FunctionNode, Names, Node, Statement } from "./nodes.ts";
import { parseAssignment } from "./parse-expressions.ts";
import { parseBlock } from "./parse-statements.ts";

/** `a => …`, `(a, b) => …`, `async a => …`; undefined when none stands here. */
export function parseArrow(c: Cursor): Node | undefined {
  const isAsync = is(c, "async") && !isOnNewLine(c, c.at + 1) && (kind(c, c.at + 1) === "name" || is(c, "(", c.at + 1));
  const from = isAsync ? c.at + 1 : c.at;
  if (kind(c, from) === "name" && is(c, "=>", from + 1)) {
    const start = startOf(c);
    c.at = from;
    const parameter: Node = { type: "name", name: c.tokens.value(from), raw: { start: startOf(c), end: startOf(c) } };
    c.at = from + 1;
    return parseArrowBody(c, start, [parameter], isAsync);
  }
  if (!is(c, "(", from)) return undefined;
  const close = closing(c, from);
  if (!is(c, "=>", close + 1)) return undefined;
  const start = startOf(c);
  c.at = from;
  return parseArrowBody(c, start, parseParameters(c), isAsync);
}

/** The parenthesis that closes the one at `open`; each is looked for at most twice, because arrows are found on the way down. */
function closing(c: Cursor, open: number): number {
  let depth = 0;
  for (let at = open; at < c.tokens.length && at - open < MOST_PARAMETER_TOKENS; at++) {
    if (c.tokens.kind(at) !== "operator") continue;
    const code = c.text.charCodeAt(c.tokens.start(at));
    if (code === 0x28 || code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x29 || code === 0x5d || code === 0x7d) && --depth === 0) return at;
  }
  return c.tokens.length;
}

const MOST_PARAMETER_TOKENS = 120;

function parseArrowBody(c: Cursor, start: number, parameters: Node[], isAsync: boolean): FunctionNode {
  expect(c, "=>");
  return withNames(c, (names) => {
    if (is(c, "{"))
      return finish(c, { start, name: "", parameters, body: parseBlock(c), isArrow: true, isAsync, names });
    const from = startOf(c);
    const { noIn } = c;
    const of = parseAssignment(c);
    c.noIn = noIn;
    const body: Statement[] = [{ type: "return", of, raw: { start: from, end: endOf(c) } }];
    return finish(c, { start, name: "", parameters, body, isArrow: true, isAsync, names });
  });
}

type Draft = Omit<FunctionNode, "type" | "raw" | "source"> & { readonly start: number };

/** A function that ends where parsing stands, with its own source; the cursor keeps it among its functions. */
export function finish(c: Cursor, { start, ...rest }: Draft): FunctionNode {
  const end = endOf(c);
  const node: FunctionNode = { type: "function", ...rest, source: c.text.slice(start, end), raw: { start, end } };
  c.functions.push(node);
  return node;
}

/** Runs `read` as the inside of a function: with names of its own, and those around it afterwards. */
export function withNames<T>(c: Cursor, read: (names: Names) => T): T {
  const { names: outer, noIn } = c;
  const names: Names = { vars: [], functions: [], usesArguments: false };
  c.names = names;
  c.noIn = false;
  const result = read(names);
  c.names = outer;
  // Arrow functions have those of the function around.
  outer.usesArguments ||= names.usesArguments;
  c.noIn = noIn;
  return result;
}

/** What stands between parentheses, divided by commas, spreads included; throws `Unreadable` when they are not closed. */
export function parseParameters(c: Cursor): Node[] {
  expect(c, "(");
  const parameters: Node[] = [];
  while (!is(c, ")")) {
    const start = startOf(c);
    if (skip(c, "...")) parameters.push({ type: "spread", of: parseAssignment(c), raw: { start, end: endOf(c) } });
    else parameters.push(parseAssignment(c));
    if (!skip(c, ",")) break;
  }
  expect(c, ")");
  return parameters;
}

/** At `function`, its `*` or name already ahead; also methods, whose parameters follow at once. */
export function parseFunction(c: Cursor, start: number, isAsync: boolean): FunctionNode {
  skip(c, "*");
  const name = kind(c) === "name" && !is(c, "(") ? c.tokens.value(c.at++) : "";
  return parseFunctionRest(c, start, name, isAsync);
}

/** A function from its parameters on, whose text begins at `start`; throws `Unreadable` on anything else. */
export function parseFunctionRest(c: Cursor, start: number, name: string, isAsync: boolean): FunctionNode {
  return withNames(c, (names) => {
    const parameters = parseParameters(c);
    return finish(c, { start, name, parameters, body: parseBlock(c), isArrow: false, isAsync, names });
  });
}
