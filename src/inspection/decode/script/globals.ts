import { base64, percent } from "../../languages/codecs.ts";
import { moduleNamed } from "./functions.ts";
import { type Machine, runText, spend, Thrown } from "./machine.ts";
import { functionConstructor, spreadOf } from "./members.ts";
import { bufferClass } from "./modules.ts";
import {
  bytesOf,
  byteText,
  isFunction,
  listOf,
  nativeOf,
  numberOf,
  objectOf,
  Thing,
  textOf,
  truth,
  UNKNOWN,
  Unknown,
  type Val,
} from "./values.ts";

/** Puts what every script may name into the outermost scope: only what calculates with texts, numbers and lists. */
export function provideGlobals(m: Machine): void {
  const { names } = m.globals;
  const global = new Thing();
  global.name = "global";
  for (const name of ["globalThis", "global", "window", "self", "root", "this"]) names.set(name, global);
  for (const [name, of] of Object.entries(onTexts(m)))
    names.set(
      name,
      nativeOf(name, (_, args) => of(...args)),
    );
  provideClasses(m);
  names.set("Math", mathObject());
  names.set(
    "JSON",
    objectOf({
      parse: nativeOf("parse", (_, [text]) => parsed(text)),
      stringify: nativeOf("stringify", (_, [value]) => stringified(value)),
    }),
  );
  names.set("NaN", Number.NaN);
  names.set("Infinity", Number.POSITIVE_INFINITY);
  names.set(
    "eval",
    nativeOf("eval", (_, [text]) => (typeof text === "string" ? runText(m, text, "eval") : (text ?? UNKNOWN))),
  );
  for (const timer of ["setTimeout", "setInterval", "setImmediate"])
    names.set(
      timer,
      nativeOf(timer, (_, [text]) => later(m, timer, text)),
    );
  names.set("require", moduleNamed(m, "require"));
  names.set("import", moduleNamed(m, "require"));
  names.set("module", moduleNamed(m, "module"));
  names.set("process", moduleNamed(m, "process"));
  names.set("exports", new Thing());
}

/** What a timer runs is run at once where it is text; functions are run by themselves later. */
function later(m: Machine, timer: string, text: Val): Val {
  if (typeof text === "string") runText(m, text, timer);
  return UNKNOWN;
}

type Known = (...args: Val[]) => Val;

function onTexts(m: Machine): Readonly<Record<string, Known>> {
  const ofText = (of: (text: string) => Val): Known => {
    return (value) => {
      const text = textOf(value);
      if (text === undefined) return UNKNOWN;
      spend(m, text.length);
      return of(text);
    };
  };
  return {
    parseInt: (value, radix) => {
      const text = textOf(value);
      return text === undefined ? UNKNOWN : Number.parseInt(text, numberOf(radix ?? 10) || undefined);
    },
    parseFloat: ofText((text) => Number.parseFloat(text)),
    isNaN: (value) => {
      const number = numberOf(value);
      return number === undefined ? UNKNOWN : Number.isNaN(number);
    },
    atob: ofText((text) => base64(text) ?? (text === "" ? "" : UNKNOWN)),
    btoa: ofText((text) => Buffer.from(text, "latin1").toString("base64")),
    unescape: ofText((text) => percent(text, false)),
    escape: ofText(escaped),
    decodeURIComponent: ofText(decodedUri),
    decodeURI: ofText(decodedUri),
    encodeURIComponent: ofText((text) => (text.isWellFormed() ? encodeURIComponent(text) : UNKNOWN)),
    encodeURI: ofText((text) => (text.isWellFormed() ? encodeURI(text) : UNKNOWN)),
    Date: () => "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)",
  };
}

function decodedUri(text: string): Val {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Thrown("URIError");
  }
}

function escaped(text: string): string {
  return text.replace(/[^\w@*+./-]/g, (one) => {
    const code = one.charCodeAt(0);
    return code < 256
      ? `%${code.toString(16).toUpperCase().padStart(2, "0")}`
      : `%u${code.toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

function provideClasses(m: Machine): void {
  const { names } = m.globals;
  const text = nativeOf("String", (_, args) => (args.length === 0 ? "" : (textOf(args[0]) ?? UNKNOWN)));
  text.members.set(
    "fromCharCode",
    nativeOf("fromCharCode", (_, args) => ofCodes(m, args, false)),
  );
  text.members.set(
    "fromCodePoint",
    nativeOf("fromCodePoint", (_, args) => ofCodes(m, args, true)),
  );
  text.members.set(
    "raw",
    nativeOf("raw", () => UNKNOWN),
  );
  names.set("String", text);
  const number = nativeOf("Number", (_, args) => (args.length === 0 ? 0 : (numberOf(args[0]) ?? UNKNOWN)));
  names.set("Number", number);
  names.set(
    "Boolean",
    nativeOf("Boolean", (_, [value]) => truth(value) ?? UNKNOWN),
  );
  names.set("Array", arrayClass(m));
  names.set("Object", objectClass());
  names.set("Function", functionConstructor(m));
  names.set(
    "RegExp",
    nativeOf("RegExp", (_, [source, flags]) => regexOf(source, flags)),
  );
  names.set("Buffer", bufferClass(m));
  const bytes = nativeOf("Uint8Array", (_, [value]) => bytesFrom(m, value));
  bytes.members.set(
    "from",
    nativeOf("from", (_, [value, map]) => bytesFrom(m, isFunction(map) ? mapped(m, value, map) : value)),
  );
  names.set("Uint8Array", bytes);
  const decode = nativeOf("decode", (_, [value]) => (value instanceof Thing ? utf8(byteText(value)) : UNKNOWN));
  names.set(
    "TextDecoder",
    nativeOf("TextDecoder", () => objectOf({ decode })),
  );
}

function utf8(bytes: string | undefined): Val {
  return bytes === undefined ? UNKNOWN : Buffer.from(bytes, "latin1").toString("utf8");
}

function ofCodes(m: Machine, args: readonly Val[], arePoints: boolean): Val {
  let text = "";
  for (const argument of args) {
    const code = numberOf(argument);
    if (code === undefined) return UNKNOWN;
    if (arePoints && !(code >= 0 && code <= 0x10ffff && Number.isInteger(code))) throw new Thrown("RangeError");
    text += arePoints ? String.fromCodePoint(code) : String.fromCharCode(code);
  }
  spend(m, args.length);
  return text;
}

function arrayClass(m: Machine): Thing {
  const made = nativeOf("Array", (_, args) => {
    const [size] = args;
    if (args.length !== 1 || typeof size !== "number") return listOf([...args]);
    if (size < 0 || size > 100_000 || !Number.isInteger(size)) return UNKNOWN;
    spend(m, size);
    return listOf(new Array<Val>(size).fill(undefined));
  });
  made.members.set(
    "isArray",
    nativeOf("isArray", (_, [value]) =>
      value instanceof Unknown ? UNKNOWN : value instanceof Thing && value.items !== undefined,
    ),
  );
  made.members.set(
    "of",
    nativeOf("of", (_, args) => listOf([...args])),
  );
  made.members.set(
    "from",
    nativeOf("from", (_, [value, map]) => (isFunction(map) ? mapped(m, value, map) : itemsOf(value))),
  );
  const prototype = new Thing();
  made.members.set("prototype", Object.assign(prototype, { items: [] }));
  return made;
}

/** The items of a list or text, or of `{ length: 3 }`. */
function itemsOf(value: Val): Thing | Unknown {
  const size = value instanceof Thing && value.items === undefined ? value.members.get("length") : undefined;
  if (typeof size === "number" && size >= 0 && size <= 100_000)
    return listOf(new Array<Val>(Math.floor(size)).fill(undefined));
  return spreadOf(value);
}

function mapped(m: Machine, value: Val, map: Val): Val {
  const list = itemsOf(value);
  if (!(list instanceof Thing)) return UNKNOWN;
  return listOf((list.items ?? []).map((one, at) => m.call(map, undefined, [one, at])));
}

function bytesFrom(m: Machine, value: Val): Val {
  if (typeof value === "number") return value >= 0 && value <= 1 << 20 ? bytesOf("\0".repeat(value)) : UNKNOWN;
  const list = spreadOf(value);
  if (!(list instanceof Thing)) return UNKNOWN;
  spend(m, list.items?.length ?? 0);
  list.items = list.items?.map((one) => (one instanceof Unknown ? one : (numberOf(one) ?? 0) & 255));
  list.isBytes = true;
  return list;
}

function objectClass(): Thing {
  const made = nativeOf("Object", (_, [value]) => (value === undefined || value === null ? new Thing() : value));
  const ofMembers =
    (of: (thing: Thing) => Val[]) =>
    (_: Val, [value]: readonly Val[]) => {
      if (!(value instanceof Thing)) return UNKNOWN;
      return listOf(of(value));
    };
  const keys = (thing: Thing) =>
    thing.items === undefined ? [...thing.members.keys()] : thing.items.map((_, at) => String(at));
  const values = (thing: Thing) => thing.items ?? [...thing.members.values()];
  made.members.set("keys", nativeOf("keys", ofMembers(keys)));
  made.members.set("getOwnPropertyNames", nativeOf("getOwnPropertyNames", ofMembers(keys)));
  made.members.set(
    "values",
    nativeOf(
      "values",
      ofMembers((thing) => [...values(thing)]),
    ),
  );
  made.members.set(
    "entries",
    nativeOf(
      "entries",
      ofMembers((thing) => keys(thing).map((key, at) => listOf([key, values(thing)[at]]))),
    ),
  );
  made.members.set(
    "assign",
    nativeOf("assign", (_, [target, ...from]) => assigned(target, from)),
  );
  for (const name of ["freeze", "seal", "defineProperty", "defineProperties", "setPrototypeOf"])
    made.members.set(
      name,
      nativeOf(name, (_, [value]) => value),
    );
  made.members.set(
    "create",
    nativeOf("create", () => new Thing()),
  );
  made.members.set(
    "getPrototypeOf",
    nativeOf("getPrototypeOf", (_, [value]) => (isFunction(value) ? nativeOf("", () => undefined) : UNKNOWN)),
  );
  return made;
}

function assigned(target: Val, from: readonly Val[]): Val {
  if (!(target instanceof Thing)) return target;
  for (const one of from)
    if (one instanceof Thing) for (const [key, value] of one.members) target.members.set(key, value);
  return target;
}

function regexOf(source: Val, flags: Val): Val {
  if (source instanceof Thing && source.regex !== undefined) return source;
  const text = textOf(source);
  const marks = flags === undefined ? "" : textOf(flags);
  if (text === undefined || marks === undefined) return UNKNOWN;
  const thing = new Thing();
  thing.regex = { source: text, flags: marks };
  return thing;
}

function mathObject(): Thing {
  const thing = new Thing();
  for (const name of [
    "floor",
    "ceil",
    "round",
    "trunc",
    "abs",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "log",
    "exp",
    "sign",
    "min",
    "max",
    "pow",
    "imul",
  ]) {
    const of = (Math as unknown as Record<string, (...numbers: number[]) => number>)[name]!;
    thing.members.set(
      name,
      nativeOf(name, (_, args) => {
        const numbers = args.map(numberOf);
        return numbers.every((number) => number !== undefined) ? of(...numbers) : UNKNOWN;
      }),
    );
  }
  thing.members.set(
    "random",
    nativeOf("random", () => UNKNOWN),
  );
  thing.members.set("PI", Math.PI);
  return thing;
}

function parsed(text: Val): Val {
  if (typeof text !== "string" || text.length > 1 << 20) return UNKNOWN;
  try {
    return fromJson(JSON.parse(text), 0);
  } catch {
    throw new Thrown("SyntaxError");
  }
}

function fromJson(value: unknown, depth: number): Val {
  if (typeof value !== "object" || value === null) return value as Val;
  if (depth > 50) return UNKNOWN;
  if (Array.isArray(value)) return listOf(value.map((one: unknown) => fromJson(one, depth + 1)));
  const thing = new Thing();
  for (const [key, one] of Object.entries(value)) thing.members.set(key, fromJson(one, depth + 1));
  return thing;
}

function stringified(value: Val): Val {
  if (value instanceof Unknown || value instanceof Thing) return UNKNOWN;
  return JSON.stringify(value) as string | undefined;
}
