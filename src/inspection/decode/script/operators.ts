import { type Machine, spend } from "./machine.ts";
import { numberOf, Thing, textOf, UNKNOWN, Unknown, type Val } from "./values.ts";

/** What a binary operator gives for two values; unknown where one of them is. */
export function binary(m: Machine, operator: string, left: Val, right: Val): Val {
  if (left instanceof Unknown || right instanceof Unknown) return UNKNOWN;
  switch (operator) {
    case "+":
      return plus(m, left, right);
    case "===":
      return left === right;
    case "!==":
      return left !== right;
    case "==":
      return loosely(left, right);
    case "!=": {
      const same = loosely(left, right);
      return typeof same === "boolean" ? !same : same;
    }
    case "<":
    case ">":
    case "<=":
    case ">=":
      return compare(operator, left, right);
    case "in":
      return isIn(left, right);
    case "instanceof":
      return UNKNOWN;
    default:
      return calculate(operator, left, right);
  }
}

function plus(m: Machine, left: Val, right: Val): Val {
  const isText = (value: Val) => typeof value === "string" || value instanceof Thing;
  if (!isText(left) && !isText(right)) return Number(left) + Number(right);
  const one = textOf(left);
  const other = textOf(right);
  if (one === undefined || other === undefined) return UNKNOWN;
  spend(m, one.length + other.length > 256 ? 8 : 1);
  if (one.length + other.length > MOST_TEXT) return UNKNOWN;
  return one + other;
}

/** Characters of one text. */
export const MOST_TEXT = 8 << 20;

function loosely(left: Val, right: Val): Val {
  if (left instanceof Thing && right instanceof Thing) return left === right;
  if (left === null || left === undefined || right === null || right === undefined)
    return (left === null || left === undefined) && (right === null || right === undefined);
  const one = left instanceof Thing ? textOf(left) : left;
  const other = right instanceof Thing ? textOf(right) : right;
  if (one === undefined || other === undefined) return UNKNOWN;
  // biome-ignore lint/suspicious/noDoubleEquals: what the script asks for
  return one == other;
}

function compare(operator: string, left: Val, right: Val): Val {
  if (typeof left === "string" && typeof right === "string")
    return operator === "<"
      ? left < right
      : operator === ">"
        ? left > right
        : operator === "<="
          ? left <= right
          : left >= right;
  const one = numberOf(left);
  const other = numberOf(right);
  if (one === undefined || other === undefined) return UNKNOWN;
  return operator === "<"
    ? one < other
    : operator === ">"
      ? one > other
      : operator === "<="
        ? one <= other
        : one >= other;
}

function isIn(left: Val, right: Val): Val {
  const key = textOf(left);
  if (!(right instanceof Thing) || key === undefined) return UNKNOWN;
  if (right.items !== undefined) return /^\d+$/.test(key) ? Number(key) < right.items.length : UNKNOWN;
  return right.members.has(key);
}

function calculate(operator: string, left: Val, right: Val): Val {
  const one = numberOf(left);
  const other = numberOf(right);
  if (one === undefined || other === undefined) return UNKNOWN;
  switch (operator) {
    case "-":
      return one - other;
    case "*":
      return one * other;
    case "/":
      return one / other;
    case "%":
      return one % other;
    case "**":
      return one ** other;
    case "&":
      return one & other;
    case "|":
      return one | other;
    case "^":
      return one ^ other;
    case "<<":
      return one << other;
    case ">>":
      return one >> other;
    case ">>>":
      return one >>> other;
    default:
      return UNKNOWN;
  }
}
