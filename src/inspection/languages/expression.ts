import { assignItem, assignKey, type Target, targetAt } from "./assign.ts";
import { noteMade } from "./made.ts";
import { readOperand } from "./operand.ts";
import { combine, truthOf } from "./operators.ts";
import { isWordAt, MOST_DEPTH, nameAt, operatorAt, operatorCode, type Program, skipOperand, WORD } from "./program.ts";
import { mixed, numberOf, UNKNOWN, type Value, wholeNumber } from "./value.ts";

interface Operator {
  readonly text: string;
  readonly precedence: number;
}

const ASSIGNMENT = 1;
const TERNARY = 2;
const PRECEDENCES: readonly (readonly [number, string])[] = [
  [3, "or || ??"],
  [4, "and &&"],
  [5, "== != === !== < > <= >= in is not instanceof"],
  [6, "|"],
  [7, "^"],
  [8, "&"],
  [9, "<< >> >>>"],
  [10, "+ -"],
  [11, "* / // % @"],
  [13, "**"],
];
const UNARY = 12;
const BY_CODE = new Map<number, Operator>();
const BY_WORD = new Map<string, Operator>();
/** By the operator that assigns what they give: `+=`. */
const BY_ASSIGNMENT = new Map<number, Operator>();
for (const [precedence, texts] of PRECEDENCES) {
  for (const text of texts.split(" ")) {
    if (/^[a-z]/.test(text)) BY_WORD.set(text, { text, precedence });
    else {
      BY_CODE.set(operatorCode(text), { text, precedence });
      BY_ASSIGNMENT.set(operatorCode(`${text}=`), { text, precedence });
    }
  }
}
const PYTHON_WALRUS = operatorCode(":=");
const JAVASCRIPT_ASSIGNMENTS: ReadonlySet<number> = new Set(
  "= += -= *= /= %= **= <<= >>= >>>= &= |= ^= ||= &&= ??=".split(" ").map(operatorCode),
);
const PLUS_EQUALS = operatorCode("+=");
const EQUALS = operatorCode("=");
const QUESTION = operatorCode("?");
const COLON = operatorCode(":");

/** Reads the expression at `at` down to operators weaker than `weakest`, without commas. */
export function readExpression(p: Program, at: number, weakest = 0): Value {
  if (p.depth >= MOST_DEPTH || (p.quiet > 0 && --p.steps < 0)) {
    p.end = Math.min(skipOperand(p, at), p.length);
    return UNKNOWN;
  }
  p.depth++;
  let left = readUnary(p, at);
  for (;;) {
    const operator = operatorAfter(p, p.end);
    if (operator === undefined) {
      const wider = weakest < TERNARY ? readWeak(p, at, left, weakest) : undefined;
      if (wider === undefined) break;
      left = wider;
      continue;
    }
    if (operator.precedence <= weakest) break;
    const isRight = operator.text === "**";
    const words = operator.text === "not" || (operator.text === "is" && isWordAt(p, p.end + 1, WORD.not)) ? 2 : 1;
    const right = readExpression(p, p.end + words, isRight ? operator.precedence - 1 : operator.precedence);
    left = combine(operator.text, left, right, p.isPython);
    if (p.made !== undefined) noteMade(p, at, left);
  }
  p.depth--;
  return left;
}

function operatorAfter(p: Program, at: number): Operator | undefined {
  const code = operatorAt(p, at);
  if (code !== 0) return BY_CODE.get(code);
  if (at >= p.length || p.tokens.kind(at) !== "name" || p.tokens.end(at) - p.tokens.start(at) > 10) return undefined;
  const operator = BY_WORD.get(nameAt(p, at));
  return operator?.text === "not" && !isWordAt(p, at + 1, WORD.in) ? undefined : operator;
}

/** Conditional expressions and assignments. */
function readWeak(p: Program, start: number, left: Value, weakest: number): Value | undefined {
  const at = p.end;
  const code = operatorAt(p, at);
  if (p.isPython) {
    if (code === PYTHON_WALRUS) return readAssignment(p, start, at, left);
    return isWordAt(p, at, WORD.if) ? readConditional(p, at, left) : undefined;
  }
  if (code === QUESTION) return readQuestion(p, at, left);
  return weakest < ASSIGNMENT && JAVASCRIPT_ASSIGNMENTS.has(code) ? readAssignment(p, start, at, left) : undefined;
}

function readConditional(p: Program, at: number, left: Value): Value | undefined {
  const condition = readExpression(p, at + 1, TERNARY);
  if (!isWordAt(p, p.end, WORD.else)) {
    p.end = at; // the `if` of a comprehension
    return undefined;
  }
  const right = readExpression(p, p.end + 1, ASSIGNMENT);
  return pick(truthOf(condition), left, right);
}

function readQuestion(p: Program, at: number, condition: Value): Value {
  const left = readExpression(p, at + 1);
  if (operatorAt(p, p.end) !== COLON) return mixed(left, condition);
  const right = readExpression(p, p.end + 1);
  return pick(truthOf(condition), left, right);
}

function pick(truth: boolean | undefined, left: Value, right: Value): Value {
  return truth === undefined ? mixed(left, right) : truth ? left : right;
}

function readAssignment(p: Program, start: number, at: number, left: Value): Value {
  const code = operatorAt(p, at);
  const target: Target | undefined = targetAt(p, start, at);
  const isDone = p.quiet === 0 && p.assigned.has(at);
  const right = readExpression(p, at + 1);
  if (isDone) return left;
  const value = code === EQUALS || code === PYTHON_WALRUS ? right : updated(p, code, left, right);
  if (p.quiet === 0) p.assigned.add(at);
  if (target !== undefined) assignKey(p, target, value);
  else if (code === EQUALS) assignItem(p, start, at, value);
  return value;
}

/** What `left op= right` gives. */
export function updated(p: Program, code: number, left: Value, right: Value): Value {
  if (code === PLUS_EQUALS) return combine("+", left, right, p.isPython);
  const operator = BY_ASSIGNMENT.get(code);
  return operator === undefined ? mixed(left, right) : combine(operator.text, left, right, p.isPython);
}

const TRANSPARENT: ReadonlySet<string> = new Set(["await", "new", "yield", "async"]);
const PLUS = operatorCode("+");
const MINUS = operatorCode("-");
const TILDE = operatorCode("~");
const SIGNS: ReadonlySet<number> = new Set(["-", "+", "~", "!", "++", "--"].map(operatorCode));

/** Signs and words before an operand. */
function readUnary(p: Program, at: number): Value {
  const code = operatorAt(p, at);
  if (code !== 0) {
    if (!SIGNS.has(code)) return readOperand(p, at);
    const value = readExpression(p, at + 1, UNARY);
    const number = wholeNumber(value);
    if (number === undefined) return mixed(value);
    return code === MINUS ? numberOf(-number) : code === TILDE ? numberOf(~number) : signed(p, code, number);
  }
  const word =
    at < p.length && p.tokens.kind(at) === "name" && p.tokens.end(at) - p.tokens.start(at) <= 6 ? nameAt(p, at) : "";
  if (TRANSPARENT.has(word) && startsOperand(p, at + 1))
    return readExpression(p, at + (isWordAt(p, at + 1, WORD.from) ? 2 : 1), UNARY);
  if (word === "typeof" || word === "void" || word === "delete") return mixed(readExpression(p, at + 1, UNARY));
  if (word === "not" && p.isPython) return mixed(readExpression(p, at + 1, 4));
  return readOperand(p, at);
}

const BANG = operatorCode("!");

function signed(p: Program, code: number, number: number): Value {
  if (code === BANG) return { kind: "constant", constant: number === 0 };
  return p.isPython || code === PLUS ? numberOf(number) : UNKNOWN;
}

/** Something follows that the word can apply to, so it is no plain name. */
function startsOperand(p: Program, at: number): boolean {
  if (at >= p.length) return false;
  const kind = p.tokens.kind(at);
  if (kind === "name") return !isWordAt(p, at, WORD.in) && !isWordAt(p, at, WORD.of);
  return kind === "string" || kind === "template" || kind === "number" || (p.mates[at] ?? 0) > at;
}
