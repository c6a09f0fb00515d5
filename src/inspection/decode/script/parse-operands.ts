import { type Cursor, deeper, endOf, expect, fail, is, isOnNewLine, kind, skip, startOf, word } from "./cursor.ts";
import type { Node } from "./nodes.ts";
import { parseArguments, parseAssignment, parseExpression, parseTrailers } from "./parse-expressions.ts";
import { parseFunction } from "./parse-functions.ts";
import { parseClass, parseObject } from "./parse-objects.ts";

/** An operand without what follows it: a constant, a name, a template or what stands in brackets; throws `Unreadable` at anything else. */
export function parsePrimary(c: Cursor): Node {
  const start = startOf(c);
  switch (kind(c)) {
    case "string":
      if (c.text.charCodeAt(start) === 0x60) return parseTemplate(c);
      return { type: "constant", value: c.tokens.value(c.at++), raw: { start, end: endOf(c) } };
    case "template":
      return parseTemplate(c);
    case "number":
      return { type: "constant", value: readNumber(word(c)), raw: { start, end: c.tokens.end(c.at++) } };
    case "regex":
      return parseRegex(c);
    case "name":
      return parseName(c);
    case "operator":
      return parseBracket(c);
    default:
      return fail(c);
  }
}

/** The value of a number as written, in any base and with separators; what does not fit a double is rounded, NaN when it is none. */
export function readNumber(written: string): number {
  const text = written.replaceAll("_", "");
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return Number(text.endsWith("n") ? text.slice(0, -1) : text);
}

function parseRegex(c: Cursor): Node {
  const start = startOf(c);
  const written = word(c);
  const last = written.lastIndexOf("/");
  c.at++;
  return {
    type: "regex",
    source: written.slice(1, last),
    flags: written.slice(last + 1),
    raw: { start, end: endOf(c) },
  };
}

/** A template with its holes; a constant when it has none. Throws `Unreadable` when a hole is not closed. */
export function parseTemplate(c: Cursor): Node {
  const start = startOf(c);
  const texts: string[] = [c.tokens.value(c.at)];
  const parts: Node[] = [];
  if (kind(c) === "string") {
    c.at++;
    return { type: "constant", value: texts[0], raw: { start, end: endOf(c) } };
  }
  for (;;) {
    c.at++;
    parts.push(parseExpression(c));
    if (kind(c) !== "template") fail(c);
    texts.push(c.tokens.value(c.at));
    if (!word(c).endsWith("${") || word(c).length < 2) break;
  }
  c.at++;
  return { type: "template", texts, parts, raw: { start, end: endOf(c) } };
}

function parseName(c: Cursor): Node {
  const start = startOf(c);
  const name = c.tokens.value(c.at++);
  const raw = { start, end: endOf(c) };
  switch (name) {
    case "arguments":
      c.names.usesArguments = true;
      return { type: "name", name, raw };
    case "function":
      return parseFunction(c, start, false);
    case "async":
      if (is(c, "function") && !isOnNewLine(c)) {
        c.at++;
        return parseFunction(c, start, true);
      }
      return { type: "name", name, raw };
    case "class":
      return parseClass(c, start);
    case "new":
      return parseNew(c, start);
    case "this":
      return { type: "this", raw };
    case "true":
    case "false":
      return { type: "constant", value: name === "true", raw };
    case "null":
      return { type: "constant", value: null, raw };
    default:
      return { type: "name", name, raw };
  }
}

function parseNew(c: Cursor, start: number): Node {
  if (skip(c, ".")) {
    c.at++;
    return { type: "name", name: "new.target", raw: { start, end: endOf(c) } };
  }
  const from = startOf(c);
  const callee = deeper(c, () => parseTrailers(c, parsePrimary(c), from, false));
  const args = is(c, "(") ? parseArguments(c) : [];
  return { type: "call", callee, args, isNew: true, raw: { start, end: endOf(c) } };
}

function parseBracket(c: Cursor): Node {
  const { noIn } = c;
  c.noIn = false;
  const start = startOf(c);
  const node = is(c, "(")
    ? parseParenthesis(c)
    : is(c, "[")
      ? parseArray(c, start)
      : is(c, "{")
        ? parseObject(c, start)
        : fail(c);
  c.noIn = noIn;
  return node;
}

function parseParenthesis(c: Cursor): Node {
  c.at++;
  const of = parseExpression(c);
  expect(c, ")");
  return of;
}

function parseArray(c: Cursor, start: number): Node {
  c.at++;
  const items: (Node | undefined)[] = [];
  while (!is(c, "]")) {
    if (is(c, ",")) items.push(undefined);
    else {
      const from = startOf(c);
      if (skip(c, "...")) items.push({ type: "spread", of: parseAssignment(c), raw: { start: from, end: endOf(c) } });
      else items.push(parseAssignment(c));
    }
    if (!skip(c, ",")) break;
  }
  expect(c, "]");
  return { type: "array", items, raw: { start, end: endOf(c) } };
}
