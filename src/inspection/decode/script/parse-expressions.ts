import { type Cursor, deeper, endOf, expect, fail, is, isOnNewLine, kind, skip, startOf, word } from "./cursor.ts";
import type { Node } from "./nodes.ts";
import { parseArrow, parseParameters } from "./parse-functions.ts";
import { parsePrimary, parseTemplate } from "./parse-operands.ts";

const PRECEDENCE: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  "??": 1,
  "||": 2,
  "&&": 3,
  "|": 4,
  "^": 5,
  "&": 6,
  "==": 7,
  "!=": 7,
  "===": 7,
  "!==": 7,
  "<": 8,
  ">": 8,
  "<=": 8,
  ">=": 8,
  instanceof: 8,
  in: 8,
  "<<": 9,
  ">>": 9,
  ">>>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  "%": 11,
  "**": 12,
} satisfies Record<string, number>);
const ASSIGNMENTS = new Set("= += -= *= /= %= **= <<= >>= >>>= &= |= ^= ||= &&= ??=".split(" "));
const UNARY = new Set(["!", "~", "+", "-", "typeof", "void", "delete"]);

/** An expression with commas. */
export function parseExpression(c: Cursor): Node {
  const start = startOf(c);
  const first = parseAssignment(c);
  if (!is(c, ",")) return first;
  const items = [first];
  while (skip(c, ",")) items.push(parseAssignment(c));
  return { type: "sequence", items, raw: { start, end: endOf(c) } };
}

/** An expression without commas. */
export function parseAssignment(c: Cursor): Node {
  return deeper(c, () => {
    const start = startOf(c);
    const arrow = parseArrow(c);
    if (arrow !== undefined) return arrow;
    if (is(c, "yield")) return parseYield(c);
    const left = parseChoice(c);
    const operator = word(c);
    if (kind(c) !== "operator" || !ASSIGNMENTS.has(operator)) return left;
    c.at++;
    const value = parseAssignment(c);
    return { type: "assign", operator, target: left, value, raw: { start, end: endOf(c) } };
  });
}

function parseYield(c: Cursor): Node {
  const start = startOf(c);
  c.at++;
  skip(c, "*");
  const ends = isOnNewLine(c) || is(c, ")") || is(c, "]") || is(c, "}") || is(c, ",") || is(c, ";");
  const of = ends ? undefined : parseAssignment(c);
  return { type: "wait", of, raw: { start, end: endOf(c) } };
}

function parseChoice(c: Cursor): Node {
  const start = startOf(c);
  const test = parseBinary(c, 0);
  if (!skip(c, "?")) return test;
  const { noIn } = c;
  c.noIn = false;
  const then = parseAssignment(c);
  c.noIn = noIn;
  expect(c, ":");
  const otherwise = parseAssignment(c);
  return { type: "choice", test, then, otherwise, raw: { start, end: endOf(c) } };
}

function parseBinary(c: Cursor, weakest: number): Node {
  const start = startOf(c);
  let left = parseUnary(c);
  for (;;) {
    const what = kind(c);
    if (what !== "operator" && what !== "name") return left;
    const operator = word(c);
    const precedence = PRECEDENCE[operator];
    if (precedence === undefined || precedence <= weakest || (operator === "in" && c.noIn)) return left;
    c.at++;
    const right = deeper(c, () => parseBinary(c, operator === "**" ? precedence - 1 : precedence));
    left = combine(operator, left, right, start, endOf(c));
  }
}

/** Long sums are one part, because some obfuscators write sums of thousands. */
function combine(operator: string, left: Node, right: Node, start: number, end: number): Node {
  if (operator === "||" || operator === "&&" || operator === "??")
    return { type: "logical", operator, left, right, raw: { start, end } };
  if (operator !== "+") return { type: "binary", operator, left, right, raw: { start, end } };
  if (left.type === "sum" && left.raw.start === start) {
    left.parts.push(right);
    left.raw.end = end;
    return left;
  }
  return { type: "sum", parts: [left, right], raw: { start, end } };
}

/** An operand with the operators before and behind it, binary ones not; throws `Unreadable` when none stands here or it is too deep. */
export function parseUnary(c: Cursor): Node {
  const start = startOf(c);
  const operator = word(c);
  const what = kind(c);
  if ((what === "operator" || what === "name") && UNARY.has(operator) && !is(c, "=>", c.at + 1)) {
    c.at++;
    const of = deeper(c, () => parseUnary(c));
    return { type: "unary", operator, of, raw: { start, end: endOf(c) } };
  }
  if (what === "operator" && (operator === "++" || operator === "--")) {
    c.at++;
    const of = deeper(c, () => parseUnary(c));
    return { type: "update", by: operator === "++" ? 1 : -1, isPrefix: true, of, raw: { start, end: endOf(c) } };
  }
  if (what === "name" && operator === "await" && startsOperand(c, c.at + 1)) {
    c.at++;
    const of = deeper(c, () => parseUnary(c));
    return { type: "wait", of, raw: { start, end: endOf(c) } };
  }
  const of = parseTrailers(c, parsePrimary(c), start, true);
  const after = word(c);
  if (kind(c) !== "operator" || (after !== "++" && after !== "--") || isOnNewLine(c)) return of;
  c.at++;
  return { type: "update", by: after === "++" ? 1 : -1, isPrefix: false, of, raw: { start, end: endOf(c) } };
}

function startsOperand(c: Cursor, at: number): boolean {
  const what = kind(c, at);
  return what !== "end" && (what !== "operator" || is(c, "(", at) || is(c, "[", at) || is(c, "{", at));
}

/** Members, subscripts, calls and templates behind an operand. */
export function parseTrailers(c: Cursor, first: Node, start: number, withCalls: boolean): Node {
  let of = first;
  for (;;) {
    if (is(c, ".") || is(c, "?.")) {
      const isOptional = word(c) === "?.";
      c.at++;
      if (isOptional && is(c, "(")) continue;
      if (isOptional && is(c, "[")) continue;
      if (kind(c) !== "name") fail(c);
      const name = c.tokens.value(c.at);
      const raw = { start: startOf(c), end: startOf(c) + word(c).length };
      c.at++;
      of = {
        type: "member",
        of,
        key: { type: "constant", value: name, raw },
        isComputed: false,
        raw: { start, end: endOf(c) },
      };
    } else if (is(c, "[")) {
      c.at++;
      const { noIn } = c;
      c.noIn = false;
      const key = parseExpression(c);
      c.noIn = noIn;
      expect(c, "]");
      of = { type: "member", of, key, isComputed: true, raw: { start, end: endOf(c) } };
    } else if (withCalls && is(c, "(")) {
      const args = parseArguments(c);
      of = { type: "call", callee: of, args, isNew: false, raw: { start, end: endOf(c) } };
    } else if (withCalls && isTemplate(c)) {
      const template = parseTemplate(c);
      of = { type: "call", callee: of, args: [template], isNew: false, raw: { start, end: endOf(c) } };
    } else return of;
  }
}

function isTemplate(c: Cursor): boolean {
  return (kind(c) === "template" || kind(c) === "string") && c.text.charCodeAt(startOf(c)) === 0x60;
}

/** The arguments of a call from its parenthesis; throws `Unreadable` when it is not closed. */
export function parseArguments(c: Cursor): Node[] {
  const { noIn } = c;
  c.noIn = false;
  const args = parseParameters(c);
  c.noIn = noIn;
  return args;
}
