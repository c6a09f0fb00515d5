import type { FunctionNode, Node } from "./nodes.ts";

/** What evaluation knows: plain values as they are, objects of the script as things, everything from outside as one of the unknown. */
export type Val = string | number | boolean | null | undefined | Thing | Unknown;

/** Names that are known here, and those around. */
export interface Scope {
  readonly names: Map<string, Val>;
  readonly outer: Scope | undefined;
  /** A function's or the script's own: `var` and functions go there. */
  readonly isOwn: boolean;
}

/** A function that evaluation itself provides. */
export type Native = (self: Val, args: readonly Val[]) => Val;

/** An object, list, function or regular expression of the script. */
export class Thing {
  readonly members = new Map<string, Val>();
  /** Of lists and bytes. */
  items: Val[] | undefined;
  /** The list holds bytes, and is shown as text of an encoding. */
  isBytes = false;
  /** Of functions of the script. */
  code: FunctionNode | undefined;
  scope: Scope | undefined;
  self: Val;
  native: Native | undefined;
  /** Of provided functions, and what `toString` shows them as. */
  name = "";
  /** Of regular expressions. */
  regex: { readonly source: string; readonly flags: string } | undefined;
  prototype: Thing | undefined;
  /** Of classes: what their instances begin with. */
  fields: readonly Node[] | undefined;
}

/** Something from outside the script, or a value that cannot be told. */
export class Unknown {
  /** The module that it is, when a `require` of it was seen. */
  readonly module: string;
  /** The member of that module that it is, when it is one. */
  readonly member: string;

  constructor(module = "", member = "") {
    this.module = module;
    this.member = member;
  }
}

/** The value that nothing is known of. */
export const UNKNOWN = new Unknown();

/** A list of values. */
export function listOf(items: Val[]): Thing {
  const thing = new Thing();
  thing.items = items;
  return thing;
}

/** Bytes, one number each. */
export function bytesOf(text: string): Thing {
  const thing = listOf(Array.from(text, (one) => one.charCodeAt(0) & 255));
  thing.isBytes = true;
  return thing;
}

/** The bytes of a list as text of one character each; undefined when some item is no byte. */
export function byteText(thing: Thing): string | undefined {
  const { items } = thing;
  if (items === undefined || !items.every((item) => typeof item === "number")) return undefined;
  return Buffer.from(items as number[]).toString("latin1");
}

/** An object with these members. */
export function objectOf(members: Readonly<Record<string, Val>>): Thing {
  const thing = new Thing();
  for (const [name, value] of Object.entries(members)) thing.members.set(name, value);
  return thing;
}

/** A function that evaluation provides. */
export function nativeOf(name: string, native: Native): Thing {
  const thing = new Thing();
  thing.name = name;
  thing.native = native;
  return thing;
}

/** A thing that can be called; the mark exists for the compiler alone. */
type Callable = Thing & { readonly callable: true };

/** Whether a value is a function of the script or a provided one. */
export function isFunction(value: Val): value is Callable {
  return value instanceof Thing && (value.code !== undefined || value.native !== undefined);
}

/** `typeof` */
export function typeOf(value: Val): string | undefined {
  if (value instanceof Unknown) return undefined;
  if (value instanceof Thing) return isFunction(value) ? "function" : "object";
  return value === null ? "object" : typeof value;
}

/** Whether a value counts as true; undefined when it cannot be told. */
export function truth(value: Val): boolean | undefined {
  if (value instanceof Unknown) return undefined;
  return value instanceof Thing || Boolean(value);
}

/** A value as text, undefined when it cannot be told. `most` bounds the characters of lists. */
export function textOf(value: Val, most = 1 << 20, depth = 0): string | undefined {
  if (value instanceof Unknown || depth > 8) return undefined;
  if (!(value instanceof Thing)) return String(value);
  if (value.regex !== undefined) return `/${value.regex.source}/${value.regex.flags}`;
  if (isFunction(value)) return value.code?.source ?? `function ${value.name}() { [native code] }`;
  if (value.isBytes) return Buffer.from(byteText(value) ?? "", "latin1").toString("utf8");
  if (value.items === undefined)
    return value.members.has("toString") ? undefined : `[object ${value.name || "Object"}]`;
  let text = "";
  for (const [at, item] of value.items.entries()) {
    const piece = item === null || item === undefined ? "" : textOf(item, most - text.length, depth + 1);
    if (piece === undefined || text.length > most) return undefined;
    text += at === 0 ? piece : `,${piece}`;
  }
  return text;
}

/** A value as number, undefined when it cannot be told. */
export function numberOf(value: Val): number | undefined {
  if (value instanceof Unknown) return undefined;
  if (!(value instanceof Thing)) return Number(value);
  const text = textOf(value);
  return text === undefined ? undefined : Number(text);
}
