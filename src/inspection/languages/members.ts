import type { Call } from "./calls.ts";
import { dangerousCallee, dangerousOf, GETTERS, gottenBy, isDangerous } from "./detours.ts";
import { knownJavaScript } from "./known-javascript.ts";
import { knownPython } from "./known-python.ts";
import { callMethod } from "./methods.ts";
import { NAMESPACES, otherwise, ownModule } from "./namespaces.ts";
import { lookUp, noteFold, type Program } from "./program.ts";
import { dangerousReturn } from "./returned.ts";
import {
  elementsOf,
  listOf,
  mixed,
  type NameValue,
  numberOf,
  textOf,
  UNKNOWN,
  type Value,
  wholeNumber,
  wholeText,
} from "./value.ts";

const SEE_THROUGH: ReadonlySet<string> = new Set("__dict__ __call__ __func__ __wrapped__ default".split(" "));
/** Characters of a resolved name; longer chains keep their end. */
const MOST_NAME = 240;

/** `base.name` */
export function member(p: Program, base: Value, name: string): Value {
  switch (base.kind) {
    case "name":
      return memberOfName(p, base, name);
    case "record":
      return base.entries.get(name) ?? { kind: "method", of: base, name };
    case "function":
      return name === "constructor" ? { kind: "name", name: "Function" } : throughFunction(base, name);
    case "method":
      if (name === "constructor") return { kind: "name", name: "Function" };
      return throughFunction(base, name);
    case "mixed":
      return memberOfAny(p, base.parts, name) ?? { kind: "name", name: `.${name}`, of: base };
    case "list":
    case "text":
    case "bytes":
      if (name === "length" && !p.isPython)
        return numberOf(base.kind === "list" ? base.items.length : base.text.length);
      return { kind: "method", of: base, name };
    default:
      return { kind: "method", of: base, name };
  }
}

/** The member where it is a dangerous one of any of the values that may be meant, or the same name of all that hold every name. */
function memberOfAny(p: Program, bases: readonly Value[], name: string): Value | undefined {
  if (!p.isPython) return undefined;
  const members = bases.slice(0, MOST_BASES).flatMap((base) => {
    if (base.kind === "record") return base.entries.get(name) ?? [];
    return base.kind === "name" && base.call === undefined ? memberOfName(p, base, name) : [];
  });
  const dangerous = dangerousOf(members);
  if (dangerous !== undefined) return dangerous;
  const isNamespace = bases.some((base) => base.kind === "name" && NAMESPACES.has(base.name));
  return isNamespace ? members.find((found) => found.kind !== "name" || !found.name.includes(".")) : undefined;
}

const MOST_BASES = 8;

function memberOfName(p: Program, base: NameValue, name: string): Value {
  if (SEE_THROUGH.has(name) && !(name === "default" && p.isPython)) return base;
  if (base.name.length <= LONGEST_NAMESPACE && NAMESPACES.has(base.name)) {
    if (p.isPython && (GETTERS.has(name) || name === "update"))
      return { kind: "name", name: `${base.name}.${name}`, of: base };
    return NAMESPACES.has(name) ? { kind: "name", name } : lookUp(p, name);
  }
  const another = p.isPython && base.call === undefined ? otherwise(base.name, name) : undefined;
  if (another !== undefined) return another;
  if (name === "constructor" && /(?:^|\.)(?:constructor|getPrototypeOf\(\))$/.test(base.name)) return FUNCTION;
  const owner = p.owners.size === 0 ? undefined : base.call === undefined ? base.name : made(base.name);
  if (owner !== undefined && p.owners.has(owner)) {
    const assigned = p.scopes[0]!.get(`${owner}.${name}`);
    if (assigned !== undefined) return assigned;
  }
  const full = `${base.name}.${name}`;
  const short = full.length > MOST_NAME ? full.slice(-MOST_NAME) : full;
  const resolved = RENAMED.has(name) ? (CANONICAL.get(short) ?? short) : short;
  return base.call === undefined && base.of === undefined
    ? { kind: "name", name: resolved }
    : { ...base, name: resolved };
}

/** The class of which a call makes an object: `A` of `A()`. */
function made(name: string): string | undefined {
  return name.endsWith("()") ? name.slice(0, -2) : undefined;
}

const FUNCTION: NameValue = { kind: "name", name: "Function" };
const LONGEST_NAMESPACE = 21;

/** Several ways to say one thing. */
const CANONICAL: ReadonlyMap<string, string> = new Map([
  ["process.mainModule.require", "require"],
  ["module.require", "require"],
  ["require.main.require", "require"],
  ["module.constructor._load", "require"],
  ["Module._load", "require"],
  ["module._load", "require"],
  ["process.mainModule.constructor._load", "require"],
  ["process.getBuiltinModule", "require"],
  ["os.environ.copy", "os.environ"],
]);

/** Last words of the canonical names' other forms. */
const RENAMED: ReadonlySet<string> = new Set(["require", "_load", "getBuiltinModule", "copy"]);

/** `f.call`, `f.bind` and the like stay about f. */
function throughFunction(base: Value, name: string): Value {
  if (SEE_THROUGH.has(name)) return base;
  return name === "__globals__" ? { kind: "name", name: "globals()" } : { kind: "method", of: base, name };
}

/** `base[index]` */
export function subscript(p: Program, base: Value, index: Value): Value {
  const number = wholeNumber(index);
  if (number !== undefined) {
    const items = base.kind === "list" ? base.items : undefined;
    if (items !== undefined) return items[number < 0 && p.isPython ? items.length + number : number] ?? UNKNOWN;
    if (base.kind === "text" || base.kind === "bytes")
      return characterAt(base, number < 0 ? base.text.length + number : number);
  }
  const key = wholeText(index);
  if (key === undefined) {
    if (p.isPython && base.kind === "name" && base.name.endsWith("sys.modules")) {
      const own = ownModule(index);
      if (own !== undefined) return own;
    }
    if (base.kind === "record" && number !== undefined) return base.entries.get(String(number)) ?? mixed(base);
    return base.kind === "name" ? { kind: "name", name: `${base.name}[]`, of: mixed(base, index) } : mixed(base, index);
  }
  if (base.kind === "record") return base.entries.get(key) ?? mixed(base);
  return /^[\w$.:/@-]{1,80}$/.test(key) ? member(p, base, key) : mixed(base);
}

function characterAt(base: Value & { readonly text: string }, at: number): Value {
  if (at < 0 || at >= base.text.length) return UNKNOWN;
  return base.kind === "bytes" ? numberOf(base.text.charCodeAt(at)) : textOf(base.text.charAt(at));
}

/** Python's `base[from:to:step]` */
export function slice(base: Value, from: Value | undefined, to: Value | undefined, step: Value | undefined): Value {
  const by = step === undefined ? 1 : wholeNumber(step);
  const size =
    base.kind === "list"
      ? base.items.length
      : base.kind === "text" || base.kind === "bytes"
        ? base.text.length
        : undefined;
  if (by === undefined || by === 0 || size === undefined) return mixed(base);
  const first = bound(from, by > 0 ? 0 : size - 1, size, by);
  const last = bound(to, by > 0 ? size : -1, size, by);
  if (first === undefined || last === undefined) return mixed(base);
  if (base.kind === "list") return listOf(indexes(first, last, by).map((at) => base.items[at] ?? UNKNOWN));
  if (base.kind !== "text" && base.kind !== "bytes") return mixed(base);
  if (base.kind === "text" && !base.whole) return by === 1 ? base : mixed(base);
  const text =
    by === 1
      ? base.text.slice(first, Math.max(first, last))
      : indexes(first, last, by)
          .map((at) => base.text.charAt(at))
          .join("");
  return { ...base, text };
}

function bound(value: Value | undefined, otherwise: number, size: number, by: number): number | undefined {
  if (value === undefined || (value.kind === "constant" && value.constant === null)) return otherwise;
  const number = wholeNumber(value);
  if (number === undefined) return undefined;
  const at = number < 0 ? number + size : number;
  return by > 0 ? Math.min(Math.max(at, 0), size) : Math.min(Math.max(at, -1), size - 1);
}

function indexes(first: number, last: number, by: number): number[] {
  const found: number[] = [];
  for (let at = first; by > 0 ? at < last : at > last; at += by) found.push(at);
  return found;
}

/** What a call of `callee` is called, and the value whose method it is. */
export function calleeOf(callee: Value, isPython = true): { readonly name: string; readonly receiver: Value } {
  switch (callee.kind) {
    case "name":
      return {
        name: callee.name,
        receiver:
          callee.of ??
          (callee.call === undefined ? UNKNOWN : { kind: "name", name: `${callee.call.name}()`, call: callee.call }),
      };
    case "function":
      return { name: callee.name, receiver: UNKNOWN };
    case "method":
      return { name: methodName(callee.of, callee.name), receiver: callee.of };
    case "mixed":
      return { name: dangerousCallee(callee.parts, isPython)?.name ?? "", receiver: callee };
    default:
      return { name: "", receiver: callee };
  }
}

function methodName(of: Value, name: string): string {
  return of.kind === "function" || of.kind === "record"
    ? `${of.kind === "function" ? of.name : ""}.${name}`
    : `.${name}`;
}

/** What a call gives, as far as the languages' own functions and those of the file tell; else its name with `()`. */
export function callValue(p: Program, call: Call, callee: Value): Value {
  const value = follow(p, call, callee);
  if (value !== undefined) {
    const text = wholeText(value);
    const how = call.name.slice(call.name.lastIndexOf(".") + 1) || "a function of the file";
    if (text !== undefined)
      noteFold(p, text, how, call.token, [wholeText(call.receiver), wholeText(call.args[0]?.value)]);
    return value;
  }
  const name = `${call.name}()`;
  return { kind: "name", name: name.length > MOST_NAME ? name.slice(-MOST_NAME) : name, call };
}

function follow(p: Program, call: Call, callee: Value): Value | undefined {
  if (callee.kind === "function") return applied(p, call, callee) ?? dangerousReturn(p, callee);
  if (callee.kind === "method") return callMethod(p, callee.of, callee.name, call);
  if (callee.kind !== "name") return undefined;
  if (p.isPython) {
    const held =
      attributeOf(p, call) ??
      evaluated(p, call) ??
      heldBy(p, call, callee) ??
      gottenBy(call, (of, name) => member(p, of, name))?.value;
    if (held !== undefined) return held;
  }
  const known = p.isPython ? knownPython(p, call) : knownJavaScript(p, call);
  if (known !== undefined) return known;
  if (callee.of === undefined) return undefined;
  const dot = callee.name.lastIndexOf(".");
  return callMethod(p, callee.of, callee.name.slice(dot + 1), call);
}

/** What `eval` gives for a text that is nothing but a name: `eval("exec")`, `eval("os.system")`. */
function evaluated(p: Program, call: Call): Value | undefined {
  const text = call.name === "eval" ? wholeText(call.args[0]?.value) : undefined;
  if (text === undefined || !/^[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){0,4}$/.test(text)) return undefined;
  const [first, ...rest] = text.split(".");
  return rest.reduce((value: Value, name) => member(p, value, name), lookUp(p, first!));
}

/** What `getattr(base, name)` gives; where several names may be meant, the dangerous one. */
function attributeOf(p: Program, call: Call): Value | undefined {
  if (!ATTRIBUTE.test(call.name)) return undefined;
  const [base, name] = [call.args[0]?.value, call.args[1]?.value];
  if (base === undefined || name === undefined) return undefined;
  const key = wholeText(name);
  if (key !== undefined) return key.length > 100 ? undefined : member(p, base, key);
  const names = (name.kind === "mixed" ? name.parts : []).flatMap((part) => (part.kind === "list" ? part.items : part));
  const texts = names.slice(0, MOST_BASES).flatMap((one) => wholeText(one) ?? []);
  return dangerousOf(texts.map((text) => member(p, base, text.slice(0, 100))));
}

const ATTRIBUTE = /^(?:getattr|(?:object|type)\.__getattribute__)$/;

/** What `base.get("name")` and the like give, where `base` holds all names or the one it gives is dangerous. */
function heldBy(p: Program, call: Call, { name, of }: NameValue): Value | undefined {
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || !GETTERS.has(name.slice(dot + 1))) return undefined;
  const key = wholeText(call.args[0]?.value);
  if (key === undefined || !/^[A-Za-z_]\w{0,60}$/.test(key)) return undefined;
  const base = name.slice(0, dot);
  if (NAMESPACES.has(base)) return memberOfName(p, { kind: "name", name: base }, key);
  if (of !== undefined) return undefined;
  const held = memberOfName(p, { kind: "name", name: base }, key);
  return isDangerous(held) ? held : undefined;
}

/** A function of the file; its arguments flow into what it gives even where that is not known. */
function applied(p: Program, call: Call, callee: Value & { kind: "function" }): Value | undefined {
  const isOuter = p.quiet === 0;
  if (isOuter) p.followed = call;
  const value = p.apply(
    callee,
    call.args.map((argument) => argument.value),
  );
  if (isOuter) p.followed = undefined;
  return value.kind === "mixed" || (value.kind === "text" && !value.whole) ? undefined : value;
}

/** The elements, also of `range` and the like, that a call's argument gives. */
export function argumentElements(call: Call, at: number): readonly Value[] | undefined {
  return elementsOf(call.args[at]?.value);
}
