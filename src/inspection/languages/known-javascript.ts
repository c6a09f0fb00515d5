import type { Call } from "./calls.ts";
import { aes, base64, decodeAs, inflate, percent } from "./codecs.ts";
import { dangerousOf } from "./detours.ts";
import { bytesFrom, callMethod, mapped } from "./methods.ts";
import { join, MOST_ITEMS, textual } from "./operators.ts";
import { lookUp, type Program, spend } from "./program.ts";
import { bytesOf, elementsOf, listOf, numberOf, textOf, UNKNOWN, type Value, wholeNumber, wholeText } from "./value.ts";

/** What a function of JavaScript or Node.js gives for known arguments; undefined when it is not one that text is hidden with. */
export function knownJavaScript(p: Program, call: Call): Value | undefined {
  const name = call.name;
  const through = THROUGH.exec(name);
  if (through !== null) return calledThrough(p, call, through[1]!, through[2]!);
  const known =
    FUNCTIONS[name] ?? (name.startsWith("zlib.") ? FUNCTIONS["zlib.*"] : undefined) ?? FUNCTIONS[lastOf(name)];
  return known?.(p, call, call.args[0]?.value, call.args[1]?.value);
}

const THROUGH = /^(?!Reflect\.apply$)(.{1,200})\.(call|apply|bind)$/;

const PROTOTYPE = /^Function\.prototype\.(call|apply|bind)$/;

/** `eval.call(this, text)` records a call of `eval` too, and gives what that gives. */
function calledThrough(p: Program, call: Call, name: string, how: string): Value | undefined {
  if (how === "bind") return { kind: "name", name };
  const through = PROTOTYPE.exec(name)?.[1];
  const callee = call.args[0]?.value;
  if (through !== undefined && callee?.kind === "name" && how === "call")
    return calledThrough(p, { ...call, args: call.args.slice(1) }, callee.name, through);
  const passed =
    how === "call"
      ? call.args.slice(1)
      : (elementsOf(call.args[1]?.value) ?? []).map((value) => ({ name: undefined, value, token: call.token }));
  const inner: Call = { ...call, name, args: passed };
  if (p.quiet === 0) p.calls.push(inner);
  return knownJavaScript(p, inner) ?? { kind: "name", name: `${name}()`, call: inner };
}

type Known = (p: Program, call: Call, first: Value | undefined, second: Value | undefined) => Value | undefined;

const FUNCTIONS: Readonly<Record<string, Known>> = Object.assign(Object.create(null), {
  require: (_p, _c, first) => moduleOf(first),
  import: (_p, _c, first) => moduleOf(first),
  "createRequire()": (_p, _c, first) => moduleOf(first),
  "module.createRequire()": (_p, _c, first) => moduleOf(first),
  atob: (p, _c, first) => decoded(p, base64(wholeText(first) ?? "")),
  "Buffer.from": (p, _c, first, second) => bufferFrom(p, first, wholeText(second)),
  Buffer: (p, _c, first, second) => bufferFrom(p, first, wholeText(second)),
  "String.fromCharCode": (_p, call) => fromCodes(call),
  "String.fromCodePoint": (_p, call) => fromCodes(call),
  unescape: (_p, _c, first) => percentDecoded(wholeText(first), false),
  decodeURIComponent: (_p, _c, first) => percentDecoded(wholeText(first), true),
  decodeURI: (_p, _c, first) => percentDecoded(wholeText(first), true),
  parseInt: (_p, _c, first, second) => parsedInteger(first, wholeNumber(second)),
  "Number.parseInt": (_p, _c, first, second) => parsedInteger(first, wholeNumber(second)),
  Number: (_p, _c, first) => parsedInteger(first, undefined),
  String: (p, _c, first) =>
    first === undefined ? textOf("") : first.kind === "name" ? undefined : textual(first, p.isPython),
  "zlib.*": (p, call, first) => inflated(p, call.name, wholeText(first)),
  "TextDecoder().decode": (_p, _c, first) => asText(first),
  Uint8Array: (_p, _c, first) => (first?.kind === "list" ? bytesFrom(first.items) : undefined),
  "Uint8Array.from": (p, _c, first, second) => fromArray(p, first, second, true),
  "Array.from": (p, _c, first, second) => fromArray(p, first, second, false),
  "path.join": (p, call) => pathOf(p, call),
  "path.resolve": (p, call) => pathOf(p, call),
  "JSON.parse": (_p, _c, first) => parsedJson(wholeText(first)),
  "util.promisify": (_p, _c, first) => (first?.kind === "name" ? first : undefined),
  promisify: (_p, _c, first) => (first?.kind === "name" ? first : undefined),
  "Reflect.get": (p, _c, first, second) => attributeOf(p, first, wholeText(second)),
  "Reflect.apply": (p, call, first) => applied(p, call, first),
  "Reflect.construct": (p, call, first) => applied(p, { ...call, args: call.args.toSpliced(1, 0, NOTHING) }, first),
  // The usual way to the global object from strict code.
  "Function()": (_p, call) => (isGlobal(call) ? { kind: "name", name: "globalThis" } : undefined),
  "Object.assign": (_p, _c, first, second) =>
    first?.kind === "name" ? first : first?.kind === "record" && second?.kind === "name" ? second : undefined,
  "Object.values": (_p, _c, first) => (first?.kind === "record" ? listOf([...first.entries.values()]) : undefined),
  "Object.freeze": (_p, _c, first) => first,
  // Tables and lists are kept only where they hold what runs something.
  Map: (_p, _c, first) => tableOf(first),
  WeakMap: (_p, _c, first) => tableOf(first),
  Set: (_p, _c, first) => (first?.kind === "list" && dangerousOf([first]) !== undefined ? first : undefined),
  "Object.fromEntries": (_p, _c, first) => tableOf(first),
  "Object.entries": (_p, _c, first) => (first?.kind === "record" ? pairsOf(first.entries) : undefined),
  "Object.create": (_p, _c, first) => (first?.kind === "name" && first.call === undefined ? first : undefined),
  Proxy: (_p, _c, first) => (first?.kind === "name" && first.call === undefined ? first : undefined),
  "Promise.resolve": (_p, _c, first) => (first?.kind === "name" && first.call === undefined ? first : undefined),
  // What `update` gives includes the end already.
  final: (_p, call) => (isDecipher(call) ? textOf("") : undefined),
  update: (p, call) => deciphered(p, call),
} satisfies Record<string, Known>);

const NOTHING = { name: undefined, value: UNKNOWN, token: 0 } as const;

/** Pairs as a table, where that holds what runs something. */
function tableOf(pairs: Value | undefined): Value | undefined {
  if (pairs?.kind !== "list" || pairs.items.length > MOST_PAIRS || dangerousOf([pairs]) === undefined) return undefined;
  const entries = pairs.items.flatMap((pair, at): (readonly [string, Value])[] =>
    pair.kind === "list" && pair.items[1] !== undefined ? [[wholeText(pair.items[0]) ?? `?${at}`, pair.items[1]]] : [],
  );
  return { kind: "record", entries: new Map(entries) };
}

const MOST_PAIRS = 256;

function pairsOf(entries: ReadonlyMap<string, Value>): Value {
  return listOf([...entries].map(([key, value]) => listOf([textOf(key), value])));
}

function isGlobal({ receiver }: Call): boolean {
  const text = receiver.kind === "name" ? wholeText(receiver.call?.args[0]?.value) : undefined;
  return text !== undefined && /^\s{0,9}return\s{1,9}(?:this|globalThis)\s{0,9};?\s{0,9}$/.test(text);
}

function lastOf(name: string): string {
  const last = name.lastIndexOf(".");
  if (last < 0) return name;
  const tail = name.slice(last + 1);
  return tail === "update" || tail === "final" ? tail : name.slice(name.lastIndexOf(".", last - 1) + 1);
}

/** Node's own modules are named without `node:`. */
function moduleOf(first: Value | undefined): Value | undefined {
  const name = wholeText(first);
  return name === undefined || name.length > 200 ? undefined : { kind: "name", name: name.replace(/^node:/, "") };
}

function decoded(p: Program, text: string | undefined): Value | undefined {
  return text !== undefined && spend(p, text.length) ? textOf(text) : undefined;
}

function bufferFrom(p: Program, first: Value | undefined, encoding: string | undefined): Value | undefined {
  if (first?.kind === "list") return spend(p, first.items.length) ? bytesFrom(first.items) : undefined;
  const text = wholeText(first);
  if (first?.kind === "bytes" && encoding === undefined) return first;
  if (text === undefined || !spend(p, text.length)) return undefined;
  const known = ENCODINGS[encoding?.toLowerCase() ?? "utf8"];
  return known === undefined ? undefined : bytesOf(Buffer.from(text, known).toString("latin1"));
}

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = Object.assign(Object.create(null), {
  utf8: "utf8",
  "utf-8": "utf8",
  base64: "base64",
  base64url: "base64url",
  hex: "hex",
  latin1: "latin1",
  binary: "latin1",
  ascii: "latin1",
  utf16le: "utf16le",
  ucs2: "utf16le",
} satisfies Record<string, BufferEncoding>);

function fromCodes(call: Call): Value | undefined {
  const codes = call.args.map((argument) => wholeNumber(argument.value));
  if (codes.length === 0 || !codes.every((code) => code !== undefined && code >= 0 && code <= 0x10ffff))
    return undefined;
  let text = "";
  for (const code of codes as number[]) text += code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
  return textOf(text);
}

function percentDecoded(text: string | undefined, utf8: boolean): Value | undefined {
  return text === undefined ? undefined : textOf(percent(text, utf8));
}

function parsedInteger(value: Value | undefined, radix: number | undefined): Value | undefined {
  const number = wholeNumber(value);
  if (number !== undefined) return numberOf(number);
  const text = wholeText(value)?.slice(0, 64);
  return text === undefined
    ? undefined
    : numberOf(radix === undefined ? Number(text) || Number.parseInt(text, 10) : Number.parseInt(text, radix));
}

function inflated(p: Program, name: string, text: string | undefined): Value | undefined {
  if (
    text === undefined ||
    !/^zlib\.(?:inflate|inflateRaw|gunzip|unzip|brotliDecompress)(?:Sync)?$/.test(name) ||
    !spend(p, text.length)
  )
    return undefined;
  const plain = inflate(text, name.startsWith("zlib.brotli") ? "brotli" : "any");
  return plain !== undefined && spend(p, plain.length) ? bytesOf(plain) : undefined;
}

function asText(value: Value | undefined): Value | undefined {
  return value?.kind === "bytes" ? textOf(decodeAs(value.text, "utf8")) : undefined;
}

function fromArray(
  p: Program,
  first: Value | undefined,
  second: Value | undefined,
  areBytes: boolean,
): Value | undefined {
  const items = elementsOf(first);
  if (items === undefined || items.length > MOST_ITEMS) return undefined;
  const list = second?.kind === "function" ? mapped(p, items, second) : listOf([...items]);
  return areBytes && list.kind === "list" ? bytesFrom(list.items) : list;
}

function pathOf(p: Program, call: Call): Value {
  return call.args
    .map((argument) => textual(argument.value, p.isPython))
    .reduce((path, part) => (path.text === "" ? part : join(path, join(textOf("/"), part))), textOf(""));
}

/** Only a JSON text that is a string or an array of strings and numbers. */
function parsedJson(text: string | undefined): Value | undefined {
  if (text === undefined || text.length > 1 << 20 || !/^\s*["[]/.test(text)) return undefined;
  try {
    return jsonValue(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function jsonValue(value: unknown): Value {
  if (typeof value === "string") return textOf(value);
  if (typeof value === "number") return numberOf(value);
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return UNKNOWN;
  return listOf(
    value.map((item: unknown) =>
      typeof item === "string" ? textOf(item) : typeof item === "number" ? numberOf(item) : UNKNOWN,
    ),
  );
}

function attributeOf(p: Program, first: Value | undefined, name: string | undefined): Value | undefined {
  if (first?.kind !== "name" || name === undefined || name.length > 100) return undefined;
  return /^(?:globalThis|global|window)$/.test(first.name)
    ? lookUp(p, name)
    : { ...first, name: `${first.name}.${name}` };
}

function applied(p: Program, call: Call, callee: Value | undefined): Value | undefined {
  if (callee?.kind === "function" || callee?.kind === "method")
    return callMethod(p, callee, "apply", { ...call, args: call.args.slice(1) });
  return callee?.kind === "name"
    ? calledThrough(p, { ...call, args: call.args.slice(1) }, callee.name, "apply")
    : undefined;
}

/** `crypto.createDecipheriv("aes-…", key, iv).update(text, "hex", "utf8")` with everything in the file. */
function deciphered(p: Program, call: Call): Value | undefined {
  const made = call.receiver.kind === "name" ? call.receiver.call : undefined;
  if (made === undefined || !isDecipher(call)) return undefined;
  const [algorithm, key, iv] = made.args.map((argument) => wholeText(argument.value));
  const mode = /^aes-?(?:128|192|256)-(cbc|ecb|ctr|cfb8|cfb|ofb)$/i.exec(algorithm ?? "")?.[1]?.toLowerCase();
  const input = bufferFrom(p, call.args[0]?.value, wholeText(call.args[1]?.value));
  if (mode === undefined || key === undefined || input?.kind !== "bytes") return undefined;
  const plain = aes(input.text, key, mode as "cbc" | "ecb" | "ctr" | "cfb8" | "cfb" | "ofb", iv ?? "");
  if (plain === undefined) return undefined;
  return call.args.length > 2 ? textOf(decodeAs(plain, "utf8")) : bytesOf(plain);
}

function isDecipher(call: Call): boolean {
  const made = call.receiver.kind === "name" ? call.receiver.call : undefined;
  return made !== undefined && /(?:^|\.)createDecipheriv$/.test(made.name);
}
