/**
 * Small .NET assemblies from readable text, for tests and for examples of detectors (nothing runs them):
 *
 *     assembly Demo
 *     method <Module>::.cctor calls System.Diagnostics.Process::Start, Demo.Tool::Get
 *     method Demo.Tool::Get calls System.Net.WebClient::DownloadFile, "a constant"
 *     method Demo.Tool::Go calls "YQ==", System.Convert::FromBase64String/1>, #5, {26}, new System.Net.WebClient::.ctor~, System.Net.WebClient::UploadString/2~>
 *     import kernel32.dll VirtualAllocEx
 *     string https://example.invalid/
 *     damaged
 *
 * After a member of another assembly `/2` says how many arguments it takes, `~` that it belongs to an object, `>` that it returns
 * something. `#5` is a number, `{26}` are instructions in hex; both must not need tables.
 */

/** The bytes of an example's file: an assembly when the text begins like one, else the text itself. */
export function exampleBytes(text: string): Buffer {
  if (!text.startsWith("assembly ")) return Buffer.from(text);
  const damaged = text.endsWith("\ndamaged");
  const bytes = buildAssembly(damaged ? text.slice(0, -"\ndamaged".length) : text);
  // The signature of the metadata.
  if (damaged) bytes.write("XXXX", bytes.indexOf("BSJB"), "latin1");
  return bytes;
}

const BASE = 0x2000;
const FILE_ALIGN = 0x200;

interface OwnMethod {
  readonly type: string;
  readonly name: string;
  readonly calls: readonly string[];
}

/** Builds the assembly that the text describes. Throws on a line it does not know. */
export function buildAssembly(text: string): Buffer {
  const names = heap(Buffer.from([0]));
  const strings = heap(Buffer.from([0]));
  const blobs = heap(Buffer.from([0]));
  const { name, methods, imports } = parse(text, (value) => strings.add(userString(value)));
  const types = ["<Module>", ...new Set(methods.map((one) => one.type).filter((type) => type !== "<Module>"))];
  const ordered = [
    ...types.flatMap((type) => methods.filter((one) => one.type === type)),
    ...imports.map(() => undefined),
  ];
  const isMember = (call: string) => !/^["#{]/.test(call) && !isOwn(call, methods);
  const calls = methods.flatMap((one) => one.calls);
  const members = [...new Set(calls.filter(isMember).map((call) => call.replace(/^new /, "")))];
  const parents = [...new Set(members.map((member) => member.split("::")[0]!))];
  const text16 = (value: string) => u16(names.add(Buffer.from(`${value}\0`)));

  let code = Buffer.alloc(72);
  const rvas = ordered.map((method) => {
    if (!method) return 0;
    const at = BASE + code.length;
    code = Buffer.concat([code, bodyOf(method, methods, ordered, members, strings.add)]);
    return at;
  });
  code = Buffer.concat([code, Buffer.alloc((4 - (code.length % 4)) % 4)]);

  const plainSignature = blobs.add(Buffer.from([3, 0x00, 0x00, 0x01]));
  const bytesSignature = blobs.add(Buffer.from([5, 0x00, 0x01, 0x0e, 0x1d, 0x05]));
  const rows = {
    0: [Buffer.concat([u16(0), text16(`${name}.dll`), u16(1), u16(0), u16(0)])],
    1: parents.map((parent) => Buffer.concat([u16((1 << 2) | 2), ...splitName(parent).map(text16)])),
    2: typeRows(types, ordered, text16),
    6: ordered.map((method, index) => {
      const flags = method ? 0x0016 : 0x2016;
      const methodName = method?.name ?? imports[index - ordered.filter(Boolean).length]![1]!;
      return Buffer.concat([
        u32(rvas[index]!),
        u16(method ? 0 : 0x80),
        u16(flags),
        text16(methodName),
        u16(plainSignature),
        u16(1),
      ]);
    }),
    10: members.map((member) => {
      const [parent = "", full = ""] = member.split("::");
      const plain = full.replace(/\(byte\[\]\)|\/\d|[~>]/g, "");
      const signature = full.includes("(byte[])") ? bytesSignature : blobs.add(signatureBlob(full));
      return Buffer.concat([u16(((parents.indexOf(parent) + 1) << 3) | 1), text16(plain), u16(signature)]);
    }),
    26: imports.map(([library]) => text16(library!)),
    28: imports.map(([, entry], index) => {
      const method = ordered.filter(Boolean).length + index + 1;
      return Buffer.concat([u16(0x0100), u16((method << 1) | 1), text16(entry!), u16(index + 1)]);
    }),
    32: [Buffer.concat([u32(0x8004), u16(1), u16(0), u16(0), u16(0), u32(0), u16(0), text16(name), u16(0)])],
    35: [Buffer.concat([u16(4), u16(0), u16(0), u16(0), u32(0), u16(0), text16("mscorlib"), u16(0), u16(0)])],
  };
  const metadata = metadataOf(rows, [
    ["#Strings", names.bytes()],
    ["#US", strings.bytes()],
    ["#GUID", Buffer.alloc(16, 1)],
    ["#Blob", blobs.bytes()],
  ]);
  cliHeader(BASE + code.length, metadata.length).copy(code);
  return portableExecutable(Buffer.concat([code, metadata]));
}

function signatureBlob(marked: string): Buffer {
  const params = Number(/\/(\d)/.exec(marked)?.[1] ?? 0);
  const types = [marked.includes(">") ? 0x1c : 0x01, ...new Array<number>(params).fill(0x1c)];
  return Buffer.from([2 + types.length, marked.includes("~") ? 0x20 : 0x00, params, ...types]);
}

function parse(text: string, addString: (value: string) => number) {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const methods: OwnMethod[] = [];
  const imports: string[][] = [];
  for (const line of lines) {
    const [word, ...rest] = line.trim().split(" ");
    const content = rest.join(" ");
    if (word === "import") imports.push(rest);
    else if (word === "string") addString(content);
    else if (word === "method") {
      const [full = "", calls = ""] = content.split(" calls ");
      const [type = "", name = ""] = full.split("::");
      methods.push({ type, name, calls: calls.split(", ").filter(Boolean) });
    } else throw new Error(`no such line: ${line}`);
  }
  return { name: first.replace("assembly ", ""), methods, imports };
}

function isOwn(call: string, methods: readonly OwnMethod[]): boolean {
  return call.startsWith('"') || methods.some((one) => `${one.type}::${one.name}` === call);
}

function bodyOf(
  method: OwnMethod,
  methods: readonly OwnMethod[],
  ordered: readonly (OwnMethod | undefined)[],
  members: readonly string[],
  add: (item: Buffer) => number,
): Buffer {
  const code = method.calls.map((call) => {
    if (call.startsWith('"')) return instruction(0x72, 0x70000000 | add(userString(call.slice(1, -1))));
    if (call.startsWith("#")) return instruction(0x20, Number(call.slice(1)));
    if (call.startsWith("{")) return Buffer.from(call.slice(1, -1), "hex");
    if (!isOwn(call, methods)) {
      const created = call.startsWith("new ");
      return instruction(created ? 0x73 : 0x28, 0x0a000000 | (members.indexOf(created ? call.slice(4) : call) + 1));
    }
    return instruction(0x28, 0x06000000 | (ordered.findIndex((one) => one && `${one.type}::${one.name}` === call) + 1));
  });
  const body = Buffer.concat([...code, Buffer.from([0x2a])]);
  const header = Buffer.concat([u16(0x3003), u16(8), u32(body.length), u32(0)]);
  return Buffer.concat([header, body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
}

function instruction(opcode: number, token: number): Buffer {
  return Buffer.concat([Buffer.from([opcode]), u32(token)]);
}

function typeRows(
  types: readonly string[],
  ordered: readonly (OwnMethod | undefined)[],
  text16: (value: string) => Buffer,
) {
  let first = 1;
  return types.map((type) => {
    const start = first;
    first += ordered.filter((one) => one?.type === type).length;
    const [name, namespace] = splitName(type).map(text16);
    return Buffer.concat([u32(1), name!, namespace!, u16(0), u16(1), u16(start)]);
  });
}

/** Name and namespace. */
function splitName(full: string): readonly [string, string] {
  const dot = full.lastIndexOf(".");
  return dot < 1 ? [full, ""] : [full.slice(dot + 1), full.slice(0, dot)];
}

function metadataOf(
  rows: Readonly<Record<number, readonly Buffer[]>>,
  heaps: readonly (readonly [string, Buffer])[],
): Buffer {
  const tables = Object.entries(rows).filter(([, list]) => list.length > 0);
  const valid = tables.reduce((mask, [table]) => mask | (1n << BigInt(table)), 0n);
  const head = Buffer.alloc(24);
  head[4] = 2;
  head[7] = 1;
  head.writeBigUInt64LE(valid, 8);
  const counts = tables.map(([, list]) => u32(list.length));
  const stream = pad(Buffer.concat([head, ...counts, ...tables.flatMap(([, list]) => list)]));
  const streams = [["#~", stream] as const, ...heaps.map(([name, bytes]) => [name, pad(bytes)] as const)];
  const version = Buffer.from("v4.0.30319\0\0");
  const headers = streams.reduce((size, [name]) => size + 8 + ((name.length + 4) & ~3), 0);
  let at = 16 + version.length + 4 + headers;
  const root = [u32(0x424a5342), u16(1), u16(1), u32(0), u32(version.length), version, u16(0), u16(streams.length)];
  for (const [name, bytes] of streams) {
    root.push(u32(at), u32(bytes.length), Buffer.from(name.padEnd((name.length + 4) & ~3, "\0")));
    at += bytes.length;
  }
  return Buffer.concat([...root, ...streams.map(([, bytes]) => bytes)]);
}

function cliHeader(metadata: number, size: number): Buffer {
  const header = Buffer.alloc(72);
  header.writeUInt32LE(72, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(5, 6);
  header.writeUInt32LE(metadata, 8);
  header.writeUInt32LE(size, 12);
  header.writeUInt32LE(1, 16);
  return header;
}

function portableExecutable(section: Buffer): Buffer {
  const head = Buffer.alloc(FILE_ALIGN);
  head.write("MZ", 0, "latin1");
  head.writeUInt32LE(64, 60);
  head.write("PE\0\0", 64, "latin1");
  head.writeUInt16LE(0x14c, 68);
  head.writeUInt16LE(1, 70);
  head.writeUInt16LE(224, 84);
  head.writeUInt16LE(0x2102, 86);
  head.writeUInt16LE(0x10b, 88);
  head.writeUInt32LE(16, 88 + 92);
  head.writeUInt32LE(BASE, 88 + 208);
  head.writeUInt32LE(72, 88 + 212);
  head.write(".text", 312, "latin1");
  head.writeUInt32LE(section.length, 320);
  head.writeUInt32LE(BASE, 324);
  head.writeUInt32LE(section.length, 328);
  head.writeUInt32LE(FILE_ALIGN, 332);
  return Buffer.concat([head, section]);
}

function heap(start: Buffer) {
  const items = [start];
  let size = start.length;
  const add = (item: Buffer) => {
    const at = size;
    items.push(item);
    size += item.length;
    return at;
  };
  return { add, bytes: () => Buffer.concat(items) };
}

function userString(value: string): Buffer {
  const bytes = Buffer.from(value, "utf16le");
  const length = bytes.length + 1;
  const prefix = length < 0x80 ? [length] : [0x80 | (length >> 8), length & 0xff];
  return Buffer.concat([Buffer.from(prefix), bytes, Buffer.from([0])]);
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
