import { type Cursor, endOf, expect, fail, is, kind, skip, startOf, word } from "./cursor.ts";
import type { Entry, Node } from "./nodes.ts";
import { parseAssignment, parseUnary } from "./parse-expressions.ts";
import { finish, parseFunctionRest, withNames } from "./parse-functions.ts";
import { readNumber } from "./parse-operands.ts";
import { parseBlock } from "./parse-statements.ts";

/** An object from its brace, whose text begins at `start`; throws `Unreadable` when it is not closed. */
export function parseObject(c: Cursor, start: number): Node {
  c.at++;
  const entries: Entry[] = [];
  while (!is(c, "}")) {
    entries.push(parseEntry(c, false));
    if (!skip(c, ",")) break;
  }
  expect(c, "}");
  return { type: "object", entries, raw: { start, end: endOf(c) } };
}

/** A class, the word itself already passed, whose text begins at `start`; throws `Unreadable` when it is not closed. */
export function parseClass(c: Cursor, start: number): Node {
  const name = kind(c) === "name" && !is(c, "extends") ? c.tokens.value(c.at++) : "";
  const base = skip(c, "extends") ? parseUnary(c) : undefined;
  expect(c, "{");
  const entries: Entry[] = [];
  while (!is(c, "}")) {
    if (skip(c, ";")) continue;
    entries.push(parseEntry(c, true));
  }
  expect(c, "}");
  return { type: "class", name, base, entries, raw: { start, end: endOf(c) } };
}

/** One property or member, with its modifiers. */
function parseEntry(c: Cursor, inClass: boolean): Entry {
  const start = startOf(c);
  if (!inClass && skip(c, "...")) {
    const value = parseAssignment(c);
    return { kind: "spread", key: value, value, isStatic: false };
  }
  const isStatic = inClass && skipModifier(c, "static");
  if (isStatic && is(c, "{")) {
    const block = withNames(c, (names) =>
      finish(c, { start, name: "", parameters: [], body: parseBlock(c), isArrow: true, isAsync: false, names }),
    );
    const run: Node = { type: "call", callee: block, args: [], isNew: false, raw: block.raw };
    return { kind: "value", key: { type: "constant", value: "", raw: block.raw }, value: run, isStatic };
  }
  const isAsync = skipModifier(c, "async");
  skip(c, "*");
  const accessor = skipModifier(c, "get") ? "get" : skipModifier(c, "set") ? "set" : "value";
  const isShort = kind(c) === "name";
  const key = parseKey(c);
  if (is(c, "(")) return { kind: accessor, key, value: parseFunctionRest(c, start, "", isAsync), isStatic };
  if (inClass) return { kind: "value", key, value: parseField(c), isStatic };
  if (skip(c, ":")) return { kind: "value", key, value: parseAssignment(c), isStatic };
  if (!isShort || key.type !== "constant") fail(c);
  const name: Node = { type: "name", name: String(key.value), raw: key.raw };
  if (!skip(c, "=")) return { kind: "value", key, value: name, isStatic };
  const value = parseAssignment(c);
  return {
    kind: "value",
    key,
    value: { type: "assign", operator: "=", target: name, value, raw: { start, end: endOf(c) } },
    isStatic,
  };
}

function parseField(c: Cursor): Node {
  const start = startOf(c);
  const value: Node = skip(c, "=")
    ? parseAssignment(c)
    : { type: "constant", value: undefined, raw: { start, end: start } };
  skip(c, ";");
  return value;
}

/** A word before a name, which is no name of its own. */
function skipModifier(c: Cursor, modifier: string): boolean {
  if (!is(c, modifier)) return false;
  const next = word(c, c.at + 1);
  if (kind(c, c.at + 1) === "operator" && next !== "[" && next !== "*" && next !== "{") return false;
  c.at++;
  return true;
}

function parseKey(c: Cursor): Node {
  const start = startOf(c);
  if (skip(c, "[")) {
    const key = parseAssignment(c);
    expect(c, "]");
    return key;
  }
  const what = kind(c);
  if (what !== "name" && what !== "string" && what !== "number") fail(c);
  const value = what === "number" ? String(readNumber(word(c))) : c.tokens.value(c.at);
  c.at++;
  return { type: "constant", value, raw: { start, end: endOf(c) } };
}
