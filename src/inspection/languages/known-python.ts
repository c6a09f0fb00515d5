import type { Call } from "./calls.ts";
import { aes, ascii85, base32, base64, base85, decodeAs, fernet, hex, inflate, percent, rot13 } from "./codecs.ts";
import { dangerousOf } from "./detours.ts";
import { bytesFrom, mapped } from "./methods.ts";
import { ownModule } from "./namespaces.ts";
import { join, MOST_ITEMS, textual } from "./operators.ts";
import { type Program, spend } from "./program.ts";
import {
  bytesOf,
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

/** What a function of Python's library gives for known arguments; undefined when it is not one that text is hidden with. */
export function knownPython(p: Program, call: Call): Value | undefined {
  const name = call.name;
  const text = wholeText(call.args[0]?.value);
  const decoder = text === undefined ? undefined : DECODERS[lastTwo(name)];
  if (decoder !== undefined && text !== undefined) {
    const decoded = spend(p, text.length) ? decoder(text, wholeText(call.args[1]?.value)) : undefined;
    return decoded !== undefined && spend(p, decoded.length) ? bytesOf(decoded) : undefined;
  }
  if (name.includes("ernet") || name.includes("AES")) return decrypted(p, call);
  const known = FUNCTIONS[name] ?? FUNCTIONS[lastTwo(name)];
  return known?.(p, call, call.args[0]?.value, call.args[1]?.value);
}

type Decoder = (text: string, option: string | undefined) => string | undefined;

/** From a text or bytes to bytes, by the last two words of the name. */
const DECODERS: Readonly<Record<string, Decoder>> = Object.assign(Object.create(null), {
  "base64.b64decode": base64,
  "base64.urlsafe_b64decode": base64,
  "base64.standard_b64decode": base64,
  "base64.decodebytes": base64,
  "base64.decodestring": base64,
  "binascii.a2b_base64": base64,
  "base64.b32decode": base32,
  "base64.b16decode": hex,
  "base64.b85decode": base85,
  "base64.a85decode": ascii85,
  "binascii.unhexlify": hex,
  "binascii.a2b_hex": hex,
  "bytes.fromhex": hex,
  "bytearray.fromhex": hex,
  "zlib.decompress": (text: string) => inflate(text),
  "gzip.decompress": (text: string) => inflate(text),
  "decompressobj().decompress": (text: string) => inflate(text),
  // A code object is given as its bytes: what executes it is seen to execute these.
  "marshal.loads": (text: string) => text,
  "brotli.decompress": (text: string) => inflate(text, "brotli"),
  "base64.b64encode": (text: string) => Buffer.from(text, "latin1").toString("base64"),
  "binascii.hexlify": (text: string) => Buffer.from(text, "latin1").toString("hex"),
} satisfies Record<string, Decoder>);

type Known = (p: Program, call: Call, first: Value | undefined, second: Value | undefined) => Value | undefined;

const FUNCTIONS: Readonly<Record<string, Known>> = Object.assign(Object.create(null), {
  chr: (_p, _c, first) => characterOf(wholeNumber(first)),
  unichr: (_p, _c, first) => characterOf(wholeNumber(first)),
  ord: (_p, _c, first) => codeOf(wholeText(first)),
  int: (_p, _c, first, second) => integerOf(first, wholeNumber(second)),
  len: (_p, _c, first) => lengthOf(first),
  str: (_p, call, first) => stringOf(call, first),
  repr: (p, _c, first) => (first === undefined ? undefined : textual(first, p.isPython)),
  hex: (_p, _c, first) => spelt(wholeNumber(first), 16, "0x"),
  bytes: (p, _c, first, second) => bytesFromValue(p, first, second),
  bytearray: (p, _c, first, second) => bytesFromValue(p, first, second),
  memoryview: (_p, _c, first) => first,
  list: (_p, _c, first) => listFrom(first),
  tuple: (_p, _c, first) => listFrom(first),
  iter: (_p, _c, first) => listFrom(first),
  set: (_p, _c, first) => listFrom(first),
  sorted: (_p, _c, first) => (first === undefined ? undefined : mixed(first)),
  reversed: (_p, _c, first) => listFrom(first, true),
  range: (_p, call) => rangeOf(call),
  zip: (_p, call) => zipOf(call),
  enumerate: (_p, _c, first) => enumerated(first),
  map: (p, _c, first, second) => mapOf(p, first, second),
  filter: (_p, _c, first, second) => (second === undefined ? undefined : mixed(second, first ?? UNKNOWN)),
  "itertools.cycle": (_p, _c, first) => (first === undefined ? undefined : cycleOf(first)),
  compile: (_p, _c, first) => first,
  __import__: (_p, _c, first) => moduleOf(first),
  "importlib.import_module": (_p, _c, first) => moduleOf(first),
  "importlib.__import__": (_p, _c, first) => moduleOf(first),
  import_module: (_p, _c, first) => moduleOf(first),
  vars: (_p, _c, first) => (first?.kind === "name" ? first : undefined),
  staticmethod: (_p, _c, first) => first,
  classmethod: (_p, _c, first) => first,
  next: (_p, _c, first) => (first !== undefined && dangerousOf([first])) || undefined,
  dict: (_p, call) => namedOf(call.args),
  "types.SimpleNamespace": (_p, call) => namedOf(call.args),
  type: (_p, call, first) =>
    call.args.length === 1 && first?.kind === "function"
      ? FUNCTION_TYPE
      : call.args[2]?.value.kind === "record"
        ? call.args[2].value
        : undefined,
  "functools.partial": (_p, _c, first) => (first?.kind === "name" || first?.kind === "function" ? first : undefined),
  "os.path.join": (p, call) => pathOf(p, call),
  "path.join": (p, call) => pathOf(p, call),
  "os.path.expanduser": (_p, _c, first) => first,
  "os.path.expandvars": (_p, _c, first) => first,
  "os.path.abspath": (_p, _c, first) => first,
  "pathlib.Path": (p, call) => pathOf(p, call),
  "codecs.decode": (_p, _c, first, second) => codecOf(wholeText(first), wholeText(second)),
  "urllib.parse.unquote": (_p, _c, first) => unquoted(wholeText(first)),
  "parse.unquote": (_p, _c, first) => unquoted(wholeText(first)),
  "textwrap.dedent": (_p, _c, first) => first,
  "io.BytesIO": (_p, _c, first) => first,
  "io.StringIO": (_p, _c, first) => first,
  "ast.literal_eval": (_p, _c, first) => (first?.kind === "bytes" ? first : undefined),
  "str.maketrans": (_p, _c, first, second) => tableOf(first, wholeText(second)),
  "bytes.decode": (_p, _c, first) => decodedText(first),
  "str.encode": (_p, _c, first) => first,
  "int.from_bytes": (_p, call) => fromBytes(call),
} satisfies Record<string, Known>);

const FUNCTION_TYPE: Value = { kind: "name", name: "types.FunctionType" };

/** What is given by name, as a table; nothing where something else is given. */
function namedOf(args: Call["args"]): Value | undefined {
  const [first] = args;
  if (first !== undefined && first.name === undefined && first.value.kind !== "record") return undefined;
  const given = first?.name === undefined && first?.value.kind === "record" ? [...first.value.entries] : [];
  const named = args.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value] as const]));
  return args.length === 0 ? undefined : { kind: "record", entries: new Map([...given, ...named]) };
}

function lastTwo(name: string): string {
  const last = name.lastIndexOf(".");
  if (last < 0) return name;
  const before = name.lastIndexOf(".", last - 1);
  return before < 0 ? name : name.slice(before + 1);
}

function characterOf(code: number | undefined): Value | undefined {
  return code === undefined || code < 0 || code > 0x10ffff ? undefined : textOf(String.fromCodePoint(code));
}

function codeOf(text: string | undefined): Value | undefined {
  const code = text?.codePointAt(0);
  return code === undefined ? undefined : numberOf(code);
}

function integerOf(value: Value | undefined, base: number | undefined): Value | undefined {
  const number = wholeNumber(value);
  if (number !== undefined) return numberOf(Math.trunc(number));
  if (value?.kind === "number") return typeof value.number === "bigint" ? value : numberOf(Math.trunc(value.number));
  const text = wholeText(value)?.trim().replaceAll("_", "");
  if (text === undefined || text === "" || text.length > 20_000) return undefined;
  const parsed = Number.parseInt(text.replace(/^0[box]/i, ""), base ?? 10);
  if (Number.isSafeInteger(parsed)) return numberOf(parsed);
  return base === 16 && /^(?:0x)?[0-9a-f]+$/i.test(text)
    ? { kind: "number", number: BigInt(`0x${text.replace(/^0x/i, "")}`) }
    : undefined;
}

function spelt(number: number | undefined, radix: number, prefix: string): Value | undefined {
  return number === undefined ? undefined : textOf(prefix + number.toString(radix));
}

function lengthOf(value: Value | undefined): Value | undefined {
  if (value?.kind === "list") return numberOf(value.items.length);
  const text = wholeText(value);
  return text === undefined ? undefined : numberOf(text.length);
}

function stringOf(call: Call, first: Value | undefined): Value | undefined {
  if (first === undefined) return textOf("");
  if (first.kind === "bytes") return textOf(decodeAs(first.text, wholeText(call.args[1]?.value) ?? "utf8"));
  return textual(first, true);
}

function bytesFromValue(p: Program, first: Value | undefined, second: Value | undefined): Value | undefined {
  if (first === undefined) return bytesOf("");
  if (first.kind === "bytes") return first;
  const text = wholeText(first);
  if (text !== undefined)
    return bytesOf(Buffer.from(text, /16/.test(wholeText(second) ?? "") ? "utf16le" : "utf8").toString("latin1"));
  return first.kind === "list" && spend(p, first.items.length) ? bytesFrom(first.items) : undefined;
}

function listFrom(value: Value | undefined, isReversed = false): Value | undefined {
  if (value?.kind === "list" && !isReversed) return value;
  const items = elementsOf(value);
  if (items === undefined) return value === undefined ? listOf([]) : undefined;
  return listOf(isReversed ? items.toReversed() : [...items]);
}

function rangeOf(call: Call): Value | undefined {
  const [first, second, third] = call.args.map((argument) => wholeNumber(argument.value));
  if (first === undefined) return undefined;
  const from = call.args.length > 1 ? first : 0;
  const to = call.args.length > 1 ? second : first;
  const by = call.args.length > 2 ? third : 1;
  if (to === undefined || by === undefined || by === 0 || Math.abs((to - from) / by) > MOST_RANGE) return undefined;
  if (by === 1 && from >= 0 && to <= SMALL.length) return listOf(SMALL.slice(from, Math.max(from, to)));
  const items: Value[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) items.push({ kind: "number", number: at });
  return listOf(items);
}

const MOST_RANGE = 1 << 18;
/** The numbers that most loops count through, made once. */
const SMALL: readonly Value[] = Array.from({ length: 4_096 }, (_, number) => ({ kind: "number", number }));

function zipOf(call: Call): Value | undefined {
  const columns = call.args.map((argument) => elementsOf(argument.value));
  const known = columns.filter((column) => column !== undefined);
  if (known.length < columns.length || known.length === 0) return undefined;
  // A cycle is as long as it is let be, so the shortest column is the data.
  const size = Math.min(...known.map((column) => column.length));
  return listOf(Array.from({ length: size }, (_, at) => listOf(known.map((column) => column[at]!))));
}

/** The elements over and over, far enough for what it is zipped with. */
function cycleOf(value: Value): Value | undefined {
  const items = elementsOf(value);
  if (items === undefined || items.length === 0 || items.length > MOST_RANGE) return undefined;
  return listOf(Array.from({ length: MOST_RANGE }, (_, at) => items[at % items.length]!));
}

function enumerated(value: Value | undefined): Value | undefined {
  const items = elementsOf(value);
  return items === undefined || items.length > MOST_ITEMS
    ? undefined
    : listOf(items.map((item, at) => listOf([numberOf(at), item])));
}

function mapOf(p: Program, first: Value | undefined, second: Value | undefined): Value | undefined {
  const items = elementsOf(second);
  if (first === undefined || items === undefined || items.length > MOST_RANGE)
    return second === undefined ? undefined : mixed(second, first ?? UNKNOWN);
  if (first.kind === "function") return mapped(p, items, first);
  if (first.kind !== "name") return mixed(first, second ?? UNKNOWN);
  return listOf(items.map((item) => callKnown(p, first, item)));
}

function callKnown(p: Program, callee: NameValue, item: Value): Value {
  const call: Call = { ...EMPTY_CALL, name: callee.name, args: [{ name: undefined, value: item, token: 0 }] };
  return knownPython(p, call) ?? mixed(item);
}

const EMPTY_CALL: Call = {
  name: "",
  written: "",
  receiver: UNKNOWN,
  offset: 0,
  token: 0,
  args: [],
  within: "",
  isTopLevel: true,
};

function moduleOf(first: Value | undefined): Value | undefined {
  const name = wholeText(first);
  if (name === undefined) return ownModule(first);
  return !/^[\w.]{1,100}$/.test(name) ? undefined : { kind: "name", name };
}

/** Path parts with one slash between them. */
function pathOf(p: Program, call: Call): Value {
  return call.args
    .map((argument) => textual(argument.value, p.isPython))
    .reduce(
      (path, part) => (path.text === "" ? part : join(path, join(textOf(path.text.endsWith("/") ? "" : "/"), part))),
      textOf(""),
    );
}

function codecOf(text: string | undefined, codec: string | undefined): Value | undefined {
  if (text === undefined) return undefined;
  const name = codec?.toLowerCase().replace(/[-_]/g, "") ?? "utf8";
  if (name === "rot13") return textOf(rot13(text));
  const decoder = name.startsWith("hex")
    ? hex
    : name.startsWith("base64")
      ? base64
      : name.startsWith("z")
        ? inflate
        : undefined;
  const bytes = decoder?.(text);
  if (decoder !== undefined) return bytes === undefined ? undefined : bytesOf(bytes);
  return textOf(decodeAs(text, name));
}

function unquoted(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : textOf(percent(text, true));
}

function decodedText(value: Value | undefined): Value | undefined {
  return value?.kind === "bytes" ? textOf(decodeAs(value.text, "utf8")) : undefined;
}

/** `str.maketrans(from, to)` as a table by code point. */
function tableOf(first: Value | undefined, to: string | undefined): Value | undefined {
  if (first?.kind === "record") return first;
  const from = wholeText(first);
  if (from === undefined || to === undefined || from.length > 4096) return undefined;
  const entries = Array.from(
    from,
    (character, at) => [String(character.codePointAt(0)), textOf(to.charAt(at))] as const,
  );
  return { kind: "record", entries: new Map(entries) };
}

function fromBytes(call: Call): Value | undefined {
  const text = wholeText(call.args[0]?.value);
  if (text === undefined || text.length === 0 || text.length > 8) return undefined;
  const bytes = Buffer.from(text, "latin1");
  const isLittle = wholeText(call.args[1]?.value) === "little";
  return numberOf(Number(BigInt(`0x${(isLittle ? bytes.reverse() : bytes).toString("hex")}`)));
}

/** `Fernet(key).decrypt(token)` and `AES.new(key, mode, iv).decrypt(text)` with everything in the file. */
function decrypted(p: Program, call: Call): Value | undefined {
  const made = call.receiver.kind === "name" ? call.receiver.call : undefined;
  const text = wholeText(call.args[0]?.value);
  const key = wholeText(made?.args[0]?.value);
  if (
    made === undefined ||
    text === undefined ||
    key === undefined ||
    !call.name.endsWith(".decrypt") ||
    !spend(p, text.length)
  )
    return undefined;
  if (/(?:^|\.)Fernet$/.test(made.name)) return asBytes(fernet(text, key));
  if (!/(?:^|\.)AES\.new$/.test(made.name)) return undefined;
  const mode = made.args[1]?.value;
  const name = mode?.kind === "name" ? /MODE_(CBC|ECB|CTR|CFB|OFB)$/.exec(mode.name)?.[1]?.toLowerCase() : undefined;
  const iv = wholeText(
    made.args.find((argument) => /^(?:iv|nonce)$/i.test(argument.name ?? ""))?.value ?? made.args[2]?.value,
  );
  if (name === undefined) return undefined;
  return asBytes(aes(text, key, name === "cfb" ? "cfb8" : (name as "cbc" | "ecb" | "ctr" | "ofb"), iv ?? ""));
}

function asBytes(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : bytesOf(text);
}
