import { type Machine, spend, step, Thrown } from "./machine.ts";
import { bytesAs } from "./members.ts";
import { binary, MOST_TEXT } from "./operators.ts";
import { isFunction, listOf, numberOf, Thing, textOf, truth, UNKNOWN, Unknown, type Val } from "./values.ts";

const MOST_ITEMS = 400_000;

/** What a method of a list or of bytes gives. */
export function listMethod(m: Machine, self: Thing, name: string, args: readonly Val[]): Val {
  const items = self.items ?? [];
  if (CHANGING.has(name)) return change(m, items, name, args, self);
  spend(m, 1 + (items.length >> 2));
  if (isFunction(args[0]) || name === "sort") return iterate(m, self, items, name, args);
  const from = numberOf(args[0]);
  switch (name) {
    case "join":
      return join(m, items, args[0]);
    case "slice":
    case "subarray":
      return like(
        self,
        items.slice(
          from === undefined || Number.isNaN(from) ? 0 : from,
          args[1] === undefined ? undefined : numberOf(args[1]),
        ),
      );
    case "concat":
      return like(self, [...items, ...args.flatMap((one) => (one instanceof Thing && one.items ? one.items : [one]))]);
    case "indexOf":
      return items.indexOf(args[0]);
    case "lastIndexOf":
      return items.lastIndexOf(args[0]);
    case "includes":
      return items.includes(args[0]);
    case "at":
      return items.at(from ?? 0);
    case "flat":
      return listOf(items.flatMap((one) => (one instanceof Thing && one.items ? one.items : [one])));
    case "entries":
    case "keys":
    case "values":
      return Object.assign(
        listOf(
          name === "keys"
            ? items.map((_, at) => at)
            : name === "values"
              ? [...items]
              : items.map((one, at) => listOf([at, one])),
        ),
        {
          items: undefined,
          name: "Array Iterator",
        },
      );
    case "toString":
    case "toLocaleString":
      return self.isBytes ? bytesAs(self, args[0]) : (textOf(self, MOST_TEXT) ?? UNKNOWN);
    default:
      return UNKNOWN;
  }
}

function like(self: Thing, items: Val[]): Thing {
  return Object.assign(listOf(items), { isBytes: self.isBytes });
}

function join(m: Machine, items: readonly Val[], by: Val): Val {
  const separator = by === undefined ? "," : textOf(by);
  if (separator === undefined) return UNKNOWN;
  const pieces: string[] = [];
  let size = 0;
  for (const item of items) {
    const piece = item === undefined || item === null ? "" : textOf(item);
    if (piece === undefined) return UNKNOWN;
    size += piece.length + separator.length;
    if (size > MOST_TEXT) return UNKNOWN;
    pieces.push(piece);
  }
  spend(m, size);
  return pieces.join(separator);
}

const CHANGING = new Set("push pop shift unshift splice reverse fill set copyWithin".split(" "));

function change(m: Machine, items: Val[], name: string, args: readonly Val[], self: Thing): Val {
  if (items.length + args.length > MOST_ITEMS) return UNKNOWN;
  switch (name) {
    case "push":
      return items.push(...args);
    case "pop":
      return items.pop();
    case "shift":
      spend(m, 1);
      return items.shift();
    case "unshift":
      spend(m, items.length);
      return items.unshift(...args);
    case "reverse":
      spend(m, items.length);
      items.reverse();
      return self;
    case "fill":
      items.fill(args[0], numberOf(args[1] ?? 0), args[2] === undefined ? undefined : numberOf(args[2]));
      return self;
    case "splice": {
      spend(m, items.length);
      const from = numberOf(args[0]) ?? 0;
      const count = args.length < 2 ? items.length : (numberOf(args[1]) ?? 0);
      return listOf(items.splice(from, count, ...args.slice(2)));
    }
    case "set":
      if (args[0] instanceof Thing)
        for (const [at, one] of (args[0].items ?? []).entries()) items[at + (numberOf(args[1] ?? 0) ?? 0)] = one;
      return undefined;
    default:
      return UNKNOWN;
  }
}

/** Methods that are given a function. */
function iterate(m: Machine, self: Thing, items: readonly Val[], name: string, args: readonly Val[]): Val {
  const apply = (one: Val, at: number): Val => {
    step(m);
    return m.call(args[0], args[1], [one, at, self]);
  };
  switch (name) {
    case "map":
      return like(self, items.map(apply));
    case "forEach":
      for (const [at, one] of [...items].entries()) apply(one, at);
      return undefined;
    case "filter":
      return listOf(items.filter((one, at) => truth(apply(one, at)) !== false));
    case "find":
      return items.find((one, at) => truth(apply(one, at)) === true);
    case "findIndex":
      return items.findIndex((one, at) => truth(apply(one, at)) === true);
    case "some":
      return items.some((one, at) => truth(apply(one, at)) === true);
    case "every":
      return items.every((one, at) => truth(apply(one, at)) !== false);
    case "flatMap":
      return listOf(items.map(apply).flatMap((one) => (one instanceof Thing && one.items ? one.items : [one])));
    case "reduce":
    case "reduceRight":
      return reduce(m, name === "reduce" ? items : items.toReversed(), args);
    case "sort":
      return sort(m, self, args[0]);
    default:
      return UNKNOWN;
  }
}

function reduce(m: Machine, items: readonly Val[], args: readonly Val[]): Val {
  if (items.length === 0 && args.length < 2) throw new Thrown("TypeError");
  let value = args.length > 1 ? args[1] : items[0];
  for (let at = args.length > 1 ? 0 : 1; at < items.length; at++)
    value = m.call(args[0], undefined, [value, items[at], at]);
  return value;
}

function sort(m: Machine, self: Thing, by: Val): Val {
  const items = self.items ?? [];
  if (items.length > 5_000 || items.some((one) => one instanceof Unknown)) return UNKNOWN;
  spend(m, items.length * 8);
  items.sort((one, other) => {
    if (by === undefined) return binary(m, "<", textOf(one), textOf(other)) === true ? -1 : 1;
    const order = numberOf(m.call(by, undefined, [one, other]));
    return order === undefined || Number.isNaN(order) ? 0 : order;
  });
  return self;
}
