import type { Tokens } from "../../model.ts";
import {
  type Cursor,
  deeper,
  endOf,
  expect,
  fail,
  is,
  isOnNewLine,
  kind,
  openCursor,
  skip,
  startOf,
  word,
} from "./cursor.ts";
import type { Declaration, ImportedName, Node, Script, Statement } from "./nodes.ts";
import { parseAssignment, parseExpression } from "./parse-expressions.ts";
import { parseFunction } from "./parse-functions.ts";

/** The script in parts; its tokens where they are known. Throws `Unreadable` for what is no JavaScript, has more than `most` tokens, or is too deep. */
export function parseScript(text: string, tokens?: Tokens, most?: number): Script {
  const c = openCursor(text, tokens, most);
  const body: Statement[] = [];
  while (c.at < c.tokens.length) body.push(parseStatement(c));
  return { text, body, names: c.names, functions: c.functions };
}

/** `{ … }` */
export function parseBlock(c: Cursor): Statement[] {
  expect(c, "{");
  const body: Statement[] = [];
  while (!is(c, "}")) {
    if (c.at >= c.tokens.length) fail(c);
    body.push(parseStatement(c));
  }
  c.at++;
  return body;
}

function parseStatement(c: Cursor): Statement {
  return deeper(c, () => {
    const start = startOf(c);
    const what = kind(c);
    if (what === "operator") {
      if (is(c, "{")) return blockOf(c, start);
      if (skip(c, ";")) return { type: "empty", raw: { start, end: endOf(c) } };
    }
    const statement = what === "name" ? parseWord(c, start) : undefined;
    return statement ?? parseSimple(c, start);
  });
}

function blockOf(c: Cursor, start: number): Statement {
  const body = parseBlock(c);
  const isScope = body.some((one) => one.type === "declare" && !one.isVar);
  return { type: "block", body, isScope, raw: { start, end: endOf(c) } };
}

function parseSimple(c: Cursor, start: number): Statement {
  const of = parseExpression(c);
  endStatement(c);
  return { type: "expression", of, raw: { start, end: endOf(c) } };
}

function endStatement(c: Cursor): void {
  if (skip(c, ";") || is(c, "}") || c.at >= c.tokens.length || isOnNewLine(c)) return;
  fail(c);
}

/** A statement that begins with a word of the language; undefined when the word is an expression's. */
function parseWord(c: Cursor, start: number): Statement | undefined {
  switch (word(c)) {
    case "var":
    case "const":
      return parseDeclare(c, start);
    case "let":
      return kind(c, c.at + 1) === "name" || is(c, "{", c.at + 1) || is(c, "[", c.at + 1)
        ? parseDeclare(c, start)
        : undefined;
    case "function":
      return parseDeclaredFunction(c, start, false);
    case "async":
      return is(c, "function", c.at + 1) && !isOnNewLine(c, c.at + 1)
        ? parseDeclaredFunction(c, start, true)
        : undefined;
    case "class":
      return parseDeclaredClass(c, start);
    case "if":
      return parseIf(c, start);
    case "for":
      return parseFor(c, start);
    case "while":
      return parseWhile(c, start);
    case "do":
      return parseDo(c, start);
    case "return":
    case "throw":
      return parseLeave(c, start);
    case "break":
    case "continue":
      return parseJump(c, start);
    case "switch":
      return parseSwitch(c, start);
    case "try":
      return parseTry(c, start);
    case "import":
      return is(c, "(", c.at + 1) || is(c, ".", c.at + 1) ? undefined : parseImport(c, start);
    case "export":
      return parseExport(c, start);
    case "debugger":
      c.at++;
      endStatement(c);
      return { type: "empty", raw: { start, end: endOf(c) } };
    default:
      return is(c, ":", c.at + 1) ? parseLabel(c, start) : undefined;
  }
}

function parseDeclare(c: Cursor, start: number): Statement {
  const statement = parseDeclarations(c, start);
  endStatement(c);
  return statement;
}

function parseDeclarations(c: Cursor, start: number): Statement & { readonly type: "declare" } {
  const isVar = word(c) === "var";
  c.at++;
  const items: Declaration[] = [];
  do {
    const target = parseTarget(c);
    if (isVar) noteNames(target, c.names.vars);
    items.push({ target, value: skip(c, "=") ? parseAssignment(c) : undefined });
  } while (skip(c, ","));
  return { type: "declare", isVar, items, raw: { start, end: endOf(c) } };
}

/** A name or pattern: patterns are written as literals are. */
function parseTarget(c: Cursor): Node {
  if (kind(c) === "name") {
    const start = startOf(c);
    const name = c.tokens.value(c.at++);
    return { type: "name", name, raw: { start, end: endOf(c) } };
  }
  const { noIn } = c;
  c.noIn = true;
  const pattern = parsePattern(c);
  c.noIn = noIn;
  return pattern;
}

/** The literal alone, without an assignment behind it. */
function parsePattern(c: Cursor): Node {
  const node = parseAssignment(c);
  if (node.type !== "assign") return node;
  // `{ a } = value` was read as an assignment: its value is read again by the declaration.
  c.at = tokenBefore(c, node.value.raw.start) - 1;
  return node.target;
}

function tokenBefore(c: Cursor, offset: number): number {
  let at = c.at;
  while (at > 0 && c.tokens.start(at - 1) >= offset) at--;
  // A parenthesis before the value belongs to it.
  while (at > 0 && word(c, at - 1) === "(") at--;
  return at;
}

/** Adds the names that a pattern declares. */
export function noteNames(target: Node, names: string[]): void {
  switch (target.type) {
    case "name":
      names.push(target.name);
      return;
    case "assign":
      noteNames(target.target, names);
      return;
    case "spread":
      noteNames(target.of, names);
      return;
    case "array":
      for (const item of target.items) if (item !== undefined) noteNames(item, names);
      return;
    case "object":
      for (const entry of target.entries) noteNames(entry.value, names);
      return;
    default:
      return;
  }
}

function parseDeclaredFunction(c: Cursor, start: number, isAsync: boolean): Statement {
  c.at += isAsync ? 2 : 1;
  const node = parseFunction(c, start, isAsync);
  c.names.functions.push(node);
  return { type: "hoisted", of: node, raw: { start, end: endOf(c) } };
}

function parseDeclaredClass(c: Cursor, start: number): Statement {
  const value = parseAssignment(c);
  if (value.type !== "class") return { type: "expression", of: value, raw: { start, end: endOf(c) } };
  const target: Node = { type: "name", name: value.name, raw: { start, end: start } };
  return { type: "declare", isVar: false, items: [{ target, value }], raw: { start, end: endOf(c) } };
}

function parseIf(c: Cursor, start: number): Statement {
  c.at++;
  const test = parseTest(c);
  const then = parseStatement(c);
  const otherwise = skip(c, "else") ? parseStatement(c) : undefined;
  return { type: "if", test, then, otherwise, raw: { start, end: endOf(c) } };
}

function parseTest(c: Cursor): Node {
  expect(c, "(");
  const test = parseExpression(c);
  expect(c, ")");
  return test;
}

function parseFor(c: Cursor, start: number): Statement {
  c.at++;
  skip(c, "await");
  expect(c, "(");
  const first = parseForHead(c);
  const isOf = is(c, "of");
  if (first !== undefined && (isOf || is(c, "in"))) {
    c.at++;
    const over = parseExpression(c);
    expect(c, ")");
    const target = first.type === "declare" ? first.items[0]!.target : first.type === "expression" ? first.of : fail(c);
    const declares = first.type === "declare" && !first.isVar;
    return { type: "each", isOf, target, declares, over, body: parseStatement(c), raw: { start, end: endOf(c) } };
  }
  expect(c, ";");
  const test = is(c, ";") ? undefined : parseExpression(c);
  expect(c, ";");
  const step = is(c, ")") ? undefined : parseExpression(c);
  expect(c, ")");
  return { type: "loop", first, test, step, body: parseStatement(c), testsLast: false, raw: { start, end: endOf(c) } };
}

function parseForHead(c: Cursor): Statement | undefined {
  if (is(c, ";")) return undefined;
  const start = startOf(c);
  c.noIn = true;
  const declares = /^(?:var|let|const)$/.test(word(c)) && kind(c) === "name" && !is(c, "in", c.at + 1);
  const head: Statement = declares
    ? parseDeclarations(c, start)
    : { type: "expression", of: parseExpression(c), raw: { start, end: endOf(c) } };
  c.noIn = false;
  return head;
}

function parseWhile(c: Cursor, start: number): Statement {
  c.at++;
  const test = parseTest(c);
  const body = parseStatement(c);
  return {
    type: "loop",
    first: undefined,
    test,
    step: undefined,
    body,
    testsLast: false,
    raw: { start, end: endOf(c) },
  };
}

function parseDo(c: Cursor, start: number): Statement {
  c.at++;
  const body = parseStatement(c);
  expect(c, "while");
  const test = parseTest(c);
  skip(c, ";");
  return {
    type: "loop",
    first: undefined,
    test,
    step: undefined,
    body,
    testsLast: true,
    raw: { start, end: endOf(c) },
  };
}

function parseLeave(c: Cursor, start: number): Statement {
  const isReturn = word(c) === "return";
  c.at++;
  const isBare = is(c, ";") || is(c, "}") || c.at >= c.tokens.length || isOnNewLine(c);
  const of = isBare ? undefined : parseExpression(c);
  endStatement(c);
  const raw = { start, end: endOf(c) };
  return isReturn ? { type: "return", of, raw } : { type: "throw", of: of ?? fail(c), raw };
}

function parseJump(c: Cursor, start: number): Statement {
  const isBreak = word(c) === "break";
  c.at++;
  const label = kind(c) === "name" && !isOnNewLine(c) ? c.tokens.value(c.at++) : "";
  endStatement(c);
  return { type: "jump", isBreak, label, raw: { start, end: endOf(c) } };
}

function parseSwitch(c: Cursor, start: number): Statement {
  c.at++;
  const of = parseTest(c);
  expect(c, "{");
  const cases: { test: Node | undefined; body: Statement[] }[] = [];
  while (!skip(c, "}")) {
    const test = parseCase(c);
    expect(c, ":");
    const body: Statement[] = [];
    while (!is(c, "case") && !is(c, "default") && !is(c, "}")) {
      if (c.at >= c.tokens.length) fail(c);
      body.push(parseStatement(c));
    }
    cases.push({ test, body });
  }
  return { type: "switch", of, cases, raw: { start, end: endOf(c) } };
}

/** `case x` or `default` */
function parseCase(c: Cursor): Node | undefined {
  if (skip(c, "default")) return undefined;
  expect(c, "case");
  return parseExpression(c);
}

function parseTry(c: Cursor, start: number): Statement {
  c.at++;
  const block = blockOf(c, startOf(c));
  let parameter: Node | undefined;
  let handler: Statement | undefined;
  if (skip(c, "catch")) {
    if (skip(c, "(")) {
      parameter = parseTarget(c);
      expect(c, ")");
    }
    handler = blockOf(c, startOf(c));
  }
  const last = skip(c, "finally") ? blockOf(c, startOf(c)) : undefined;
  return { type: "try", block, parameter, handler, last, raw: { start, end: endOf(c) } };
}

function parseLabel(c: Cursor, start: number): Statement {
  const label = c.tokens.value(c.at);
  c.at += 2;
  return { type: "label", label, body: parseStatement(c), raw: { start, end: endOf(c) } };
}

/** `import a, { b as c } from "m"`, `import * as a from "m"`, `import "m"` */
function parseImport(c: Cursor, start: number): Statement {
  c.at++;
  const names: ImportedName[] = [];
  let member = "default";
  while (c.at < c.tokens.length && kind(c) !== "string") {
    const text = word(c);
    if (text === "*") member = "*";
    else if (kind(c) === "name" && text !== "from" && text !== "as") {
      const isInside = is(c, "{", c.at - 1) || is(c, ",", c.at - 1);
      if (isInside) member = text;
      if (!is(c, "as", c.at + 1)) names.push({ member, name: text });
    }
    c.at++;
  }
  if (kind(c) !== "string") fail(c);
  const module = c.tokens.value(c.at++);
  if (skip(c, "with") || skip(c, "assert")) parseAssignment(c);
  endStatement(c);
  return { type: "import", module, names, raw: { start, end: endOf(c) } };
}

function parseExport(c: Cursor, start: number): Statement {
  c.at++;
  if (skip(c, "default")) {
    if (is(c, "function") || is(c, "class") || is(c, "async")) return parseStatement(c);
    return parseSimple(c, start);
  }
  if (!is(c, "{") && !is(c, "*")) return parseStatement(c);
  while (c.at < c.tokens.length && !is(c, ";") && (kind(c) !== "name" || !isOnNewLine(c) || is(c, "from"))) {
    const closes = is(c, "}") && !is(c, "from", c.at + 1);
    c.at++;
    if (closes || kind(c, c.at - 1) === "string") break;
  }
  skip(c, ";");
  return { type: "empty", raw: { start, end: endOf(c) } };
}
