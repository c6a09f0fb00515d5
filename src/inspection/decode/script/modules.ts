import { aes, inflate } from "../../languages/codecs.ts";
import { type Machine, runText, spend } from "./machine.ts";
import { bytesAs, ENCODINGS } from "./members.ts";
import { bytesOf, byteText, isFunction, nativeOf, objectOf, Thing, textOf, UNKNOWN, type Val } from "./values.ts";

/** A member of one of Node's own modules: what runs text or decodes is carried out, nothing is known of the rest. */
export function moduleMember(m: Machine, module: string, name: string): Val {
  const kind = `module ${module}`;
  const known = m.provided.get(kind)?.get(name);
  if (known !== undefined) return known;
  const made = makeMember(m, module, name);
  if (made === undefined) return UNKNOWN;
  const members = m.provided.get(kind) ?? new Map<string, Thing>();
  m.provided.set(kind, members.set(name, made));
  return made;
}

function makeMember(m: Machine, module: string, name: string): Thing | undefined {
  if (module === "vm" && RUNNERS.has(name)) return nativeOf(name, (_, args) => run(m, `vm.${name}`, args));
  if (module === "zlib" && INFLATING.test(name)) return nativeOf(name, (_, args) => inflated(m, name, args));
  if (module === "buffer" && name === "Buffer") return bufferClass(m);
  if (module === "crypto" && name === "createDecipheriv") return nativeOf(name, (_, args) => decipher(m, args));
  if (module === "worker_threads" && name === "Worker") return nativeOf(name, (_, args) => run(m, "Worker", args));
  return undefined;
}

const RUNNERS = new Set("runInThisContext runInNewContext runInContext compileFunction Script".split(" "));
const INFLATING = /^(?:inflate|inflateRaw|gunzip|unzip|brotliDecompress)(?:Sync)?$/;

function run(m: Machine, how: string, [text]: readonly Val[]): Val {
  const known = textOf(text);
  if (typeof text !== "string" || known === undefined) return UNKNOWN;
  const value = runText(m, known, how);
  return how === "vm.Script" ? objectOf({ runInThisContext: nativeOf("run", () => value) }) : value;
}

/** Texts and bytes as bytes, one character each. */
function bytesIn(value: Val, encoding?: Val): string | undefined {
  if (value instanceof Thing) return byteText(value);
  if (typeof value !== "string") return undefined;
  const name = ENCODINGS.get((textOf(encoding) ?? "utf8").toLowerCase());
  return name === undefined ? undefined : Buffer.from(value, name).toString("latin1");
}

function inflated(m: Machine, name: string, args: readonly Val[]): Val {
  const bytes = bytesIn(args[0]);
  const plain = bytes === undefined ? undefined : inflate(bytes, name.startsWith("brotli") ? "brotli" : "any");
  const handler = args.at(-1);
  if (plain === undefined) return UNKNOWN;
  spend(m, plain.length);
  const result = bytesOf(plain);
  if (isFunction(handler)) m.call(handler, undefined, [null, result]);
  return name.endsWith("Sync") ? result : UNKNOWN;
}

/** `createDecipheriv(…)` with `update` and `final`; all of the text is given by `update`. */
function decipher(m: Machine, [algorithm, key, iv]: readonly Val[]): Val {
  const mode = /^aes-?(?:128|192|256)-(cbc|ecb|ctr|cfb8|cfb|ofb)$/i.exec(textOf(algorithm) ?? "")?.[1]?.toLowerCase();
  const secret = bytesIn(key);
  const nonce = iv === null ? "" : bytesIn(iv);
  if (mode === undefined || secret === undefined || nonce === undefined) return UNKNOWN;
  return objectOf({
    setAutoPadding: nativeOf("setAutoPadding", () => undefined),
    update: nativeOf("update", (_, [input, from, to]) => {
      const bytes = bytesIn(input, from);
      const plain = bytes === undefined ? undefined : aes(bytes, secret, mode as "cbc", nonce);
      if (plain === undefined) return UNKNOWN;
      spend(m, plain.length);
      return to === undefined ? bytesOf(plain) : bytesAs(bytesOf(plain), to);
    }),
    final: nativeOf("final", (_, [to]) => (to === undefined ? bytesOf("") : "")),
  });
}

/** `Buffer` with what makes bytes of texts. */
export function bufferClass(m: Machine): Thing {
  const from = (_: Val, [value, encoding]: readonly Val[]): Val => {
    const items = value instanceof Thing ? value.items : undefined;
    if (items !== undefined) {
      spend(m, items.length);
      return Object.assign(new Thing(), {
        items: items.map((one) => (typeof one === "number" ? one & 255 : one)),
        isBytes: true,
      });
    }
    const bytes = bytesIn(value, encoding);
    if (bytes === undefined) return UNKNOWN;
    spend(m, bytes.length);
    return bytesOf(bytes);
  };
  const thing = nativeOf("Buffer", from);
  thing.members.set("from", nativeOf("from", from));
  thing.members.set(
    "concat",
    nativeOf("concat", (_, [list]) => joined(m, list)),
  );
  thing.members.set(
    "alloc",
    nativeOf("alloc", (_, [size]) =>
      typeof size === "number" && size >= 0 && size <= 1 << 20 ? bytesOf("\0".repeat(size)) : UNKNOWN,
    ),
  );
  return thing;
}

function joined(m: Machine, list: Val): Val {
  if (!(list instanceof Thing) || list.items === undefined) return UNKNOWN;
  let text = "";
  for (const item of list.items) {
    const bytes = item instanceof Thing ? byteText(item) : undefined;
    if (bytes === undefined) return UNKNOWN;
    spend(m, bytes.length);
    text += bytes;
  }
  return bytesOf(text);
}
