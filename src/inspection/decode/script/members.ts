import { functionOf, moduleNamed } from "./functions.ts";
import { listMethod } from "./lists.ts";
import { type Machine, Thrown } from "./machine.ts";
import { moduleMember } from "./modules.ts";
import { regexMethod } from "./regexes.ts";
import { numberMethod, textMethod } from "./texts.ts";
import {
  byteText,
  isFunction,
  listOf,
  nativeOf,
  numberOf,
  Thing,
  textOf,
  UNKNOWN,
  Unknown,
  type Val,
} from "./values.ts";

const MOST_ITEMS = 400_000;
const MOST_MEMBERS = 50_000;

/** `of[key]`, without calling it. Throws for members of nothing, as the language does. */
export function getMember(m: Machine, of: Val, key: Val): Val {
  if (of instanceof Unknown) return of.module === "" ? UNKNOWN : memberOfModule(m, of, key);
  if (of === undefined || of === null) throw new Thrown("TypeError");
  if (typeof key === "number") {
    if (typeof of === "string") return of[key];
    if (of instanceof Thing && of.items !== undefined) return of.items[key];
  }
  const name = textOf(key);
  if (name === undefined) return UNKNOWN;
  if (of instanceof Thing) return memberOfThing(m, of, name);
  if (name === "constructor")
    return global(m, typeof of === "string" ? "String" : typeof of === "number" ? "Number" : "Boolean");
  if (typeof of !== "string")
    return !(name in Number.prototype)
      ? undefined
      : provided(m, "number", name, (self, args) => numberMethod(self, name, args));
  if (name === "length") return of.length;
  if (/^\d{1,9}$/.test(name)) return of[Number(name)];
  return name in String.prototype
    ? provided(m, "text", name, (self, args) => textMethod(m, self, name, args))
    : undefined;
}

function memberOfModule(m: Machine, of: Unknown, key: Val): Val {
  const name = textOf(key);
  if (name === undefined || of.member !== "") return UNKNOWN;
  switch (of.module) {
    case "require":
      return name === "require" || name === "main" ? of : UNKNOWN;
    case "module":
      return name === "require" || name === "_load" ? moduleNamed(m, "require") : name === "constructor" ? of : UNKNOWN;
    case "process":
      return memberOfProcess(m, name);
    case "child_process":
      return memberOfPrograms(m, name);
    default:
      return name === "then" ? thenOf(m, of) : moduleMember(m, of.module, name);
  }
}

/** Ways round `require` that hang on `process`. */
function memberOfProcess(m: Machine, name: string): Val {
  if (name === "mainModule") return moduleNamed(m, "module");
  if (name === "getBuiltinModule") return moduleNamed(m, "require");
  if (name !== "binding" && name !== "_linkedBinding") return UNKNOWN;
  return provided(m, "process", name, (_, [binding]) =>
    binding === "spawn_sync" || binding === "process_wrap" ? moduleNamed(m, "child_process") : UNKNOWN,
  );
}

/** Members of the module that starts programs are told apart, so that calls by other names can be written by theirs. */
function memberOfPrograms(m: Machine, name: string): Val {
  const of = moduleNamed(m, "child_process");
  if (name === "then") return thenOf(m, of);
  if (!/^(?:exec|spawn|fork)/.test(name)) return UNKNOWN;
  const key = `child_process.${name}`;
  const known = m.modules.get(key) ?? new Unknown("child_process", name);
  m.modules.set(key, known);
  return known;
}

/** What was imported by `import()` is handed to a function. */
function thenOf(m: Machine, of: Unknown): Thing {
  return nativeOf("then", (_, [handler]) => {
    if (isFunction(handler)) m.call(handler, undefined, [of]);
    return UNKNOWN;
  });
}

function memberOfThing(m: Machine, of: Thing, name: string): Val {
  for (let one: Thing | undefined = of, steps = 0; one !== undefined && steps < 16; one = one.prototype, steps++) {
    if (one.members.has(name)) return one.members.get(name);
  }
  if (name === "constructor") return global(m, kindOf(of));
  if (of.items !== undefined) return memberOfList(m, of, name);
  if (isFunction(of)) return memberOfFunction(m, of, name);
  if (of.regex !== undefined && !/^(?:test|exec|toString)$/.test(name))
    return name === "source"
      ? of.regex.source
      : name === "flags"
        ? of.regex.flags
        : name in RegExp.prototype
          ? UNKNOWN
          : undefined;
  if (of.regex !== undefined) return provided(m, "regex", name, (self, args) => regexMethod(m, self, name, args));
  if (of === m.globals.names.get("globalThis")) return m.globals.names.has(name) ? m.globals.names.get(name) : UNKNOWN;
  if (name === "toString" || name === "valueOf")
    return provided(m, "object", name, (self) => (name === "valueOf" ? self : (textOf(self) ?? UNKNOWN)));
  if (name === "hasOwnProperty")
    return provided(m, "object", "has", (self, [key]) =>
      self instanceof Thing ? self.members.has(textOf(key) ?? "") : UNKNOWN,
    );
  return of.name === "" ? undefined : UNKNOWN;
}

function kindOf(of: Thing): string {
  if (of.items !== undefined) return "Array";
  if (isFunction(of)) return "Function";
  return of.regex === undefined ? "Object" : "RegExp";
}

function memberOfList(m: Machine, of: Thing, name: string): Val {
  if (name === "length" || name === "byteLength") return of.items?.length;
  if (/^\d{1,9}$/.test(name)) return of.items?.[Number(name)];
  if (name === "buffer") return of;
  return name in Array.prototype || of.isBytes
    ? provided(m, "list", name, (self, args) => (self instanceof Thing ? listMethod(m, self, name, args) : UNKNOWN))
    : undefined;
}

function memberOfFunction(m: Machine, of: Thing, name: string): Val {
  switch (name) {
    case "call":
      return provided(m, "function", "call", (self, [own, ...args]) => m.call(self, own, args));
    case "apply":
      return provided(m, "function", "apply", (self, [own, args]) =>
        args instanceof Unknown ? UNKNOWN : m.call(self, own, args instanceof Thing ? (args.items ?? []) : []),
      );
    case "bind":
      return provided(m, "function", "bind", (self, [own, ...first]) =>
        nativeOf("bound", (_, args) => m.call(self, own, [...first, ...args])),
      );
    case "toString":
      return provided(m, "function", "toString", (self) => textOf(self) ?? UNKNOWN);
    case "name":
      return of.name;
    case "length":
      return of.code?.parameters.length ?? UNKNOWN;
    case "prototype": {
      const prototype = new Thing();
      prototype.members.set("constructor", of);
      of.members.set("prototype", prototype);
      return prototype;
    }
    default:
      return of.native === undefined ? undefined : UNKNOWN;
  }
}

function global(m: Machine, name: string): Val {
  return m.globals.names.get(name) ?? UNKNOWN;
}

function provided(m: Machine, kind: string, name: string, native: (self: Val, args: readonly Val[]) => Val): Thing {
  let members = m.provided.get(kind);
  if (members === undefined) {
    members = new Map();
    m.provided.set(kind, members);
  }
  let known = members.get(name);
  if (known === undefined) {
    known = nativeOf(name, native);
    members.set(name, known);
  }
  return known;
}

/** `of[key] = value`; what is assigned to something unknown is forgotten. */
export function setMember(m: Machine, of: Val, key: Val, value: Val): void {
  if (of === undefined || of === null) throw new Thrown("TypeError");
  if (!(of instanceof Thing)) return;
  const name = textOf(key);
  if (name === undefined) return;
  if (of.items !== undefined) {
    const at = numberOf(key);
    if (at !== undefined && Number.isInteger(at) && at >= 0) {
      if (at > of.items.length + 1_000 || at > MOST_ITEMS) return;
      while (of.items.length < at) of.items.push(undefined);
      of.items[at] = of.isBytes && typeof value === "number" ? value & 255 : value;
      return;
    }
    if (name === "length" && typeof value === "number") {
      of.items.length = Math.min(of.items.length, Math.max(0, Math.floor(value)));
      return;
    }
  }
  if (of === m.globals.names.get("globalThis")) m.globals.names.set(name, value);
  else if (of.members.size < MOST_MEMBERS) of.members.set(name, value);
}

/** The constructor of functions, in all its forms. */
export function functionConstructor(m: Machine): Thing {
  return nativeOf("Function", (_, args) => functionOf(m, args));
}

/** Bytes shown as text, as `Buffer.toString` does. */
export function bytesAs(of: Thing, encoding: Val): Val {
  const bytes = byteText(of);
  if (bytes === undefined) return UNKNOWN;
  const name = ENCODINGS.get((textOf(encoding) ?? "utf8").toLowerCase());
  return name === undefined ? UNKNOWN : Buffer.from(bytes, "latin1").toString(name);
}

/** Names of encodings as scripts write them. */
export const ENCODINGS: ReadonlyMap<string, BufferEncoding> = new Map<string, BufferEncoding>([
  ["utf8", "utf8"],
  ["utf-8", "utf8"],
  ["undefined", "utf8"],
  ["base64", "base64"],
  ["base64url", "base64url"],
  ["hex", "hex"],
  ["latin1", "latin1"],
  ["binary", "latin1"],
  ["ascii", "latin1"],
  ["utf16le", "utf16le"],
  ["ucs2", "utf16le"],
]);

/** A list with the members of another value, as spreading it gives. */
export function spreadOf(value: Val): Thing | Unknown {
  if (typeof value === "string") return listOf([...value]);
  return value instanceof Thing && value.items !== undefined ? listOf([...value.items]) : UNKNOWN;
}
