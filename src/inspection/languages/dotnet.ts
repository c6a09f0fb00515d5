import { CODED, type Coded, locateTables, TABLE, type TableAt, tagBits } from "./dotnet-tables.ts";

/**
 * What the metadata of a .NET assembly says it refers to and holds (ECMA-335 partition II). Read without running or loading
 * anything; every offset is checked, every loop bounded. Rows are counted from one, as tokens do; row 0 is "none".
 */
export interface Assembly {
  readonly name: string;
  /** Names of referenced assemblies. */
  readonly references: readonly string[];
  /** `Namespace.Type::Member` of members of other assemblies, by row of MemberRef; row 0 is empty. */
  readonly members: readonly string[];
  /** `Namespace.Type::Method` of own methods, by row of MethodDef; row 0 is empty. */
  readonly methods: readonly string[];
  /** Native functions the assembly calls (P/Invoke). */
  readonly imports: readonly NativeImport[];
  /** Embedded and linked resources. */
  readonly resources: readonly string[];
  /** Row of the method that runs when the module is loaded, 0 when there is none. */
  readonly moduleInitializer: number;
  /** Rows of the types' static constructors, without the module's. */
  readonly typeInitializers: readonly number[];
  /** String constants of the program text, in the order of the heap; at most 100,000. */
  strings(): Iterable<string>;
  /** The string constant at an offset of its heap; empty when there is none. */
  stringAt(offset: number): string;
  /** The IL of an own method; undefined for abstract, native and unreadable ones. */
  bodyOf(row: number): Buffer | undefined;
  /** What a call's token means. */
  target(token: number): CallTarget | undefined;
  /** The own method `name` of the type that a generic call is instantiated with: how async methods reach their body. */
  methodOfArgument(token: number, name: string): number;
}

export interface NativeImport {
  /** Library as written, e.g. `kernel32.dll`. */
  readonly library: string;
  readonly name: string;
  /** Row of the own method that stands for it. */
  readonly method: number;
}

/** What a call instruction names: a member of another type, or a method of this assembly by its row. */
export type CallTarget =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "method"; readonly row: number };

const MOST_SECTIONS = 96;
const MOST_STREAMS = 16;
const MOST_STRINGS = 100_000;
const LONGEST_NAME = 512;
const MOST_NAME_BYTES = 64 << 20;
const LONGEST_STRING = 1 << 20;
/** Of a constant that is read on its own. */
const LONGEST_SINGLE_STRING = 8 << 10;

/** Reads an assembly's metadata; undefined when the file is none or its structure does not hold together. */
export function readAssembly(bytes: Buffer): Assembly | undefined {
  try {
    const image = readImage(bytes);
    return image && describe(image);
  } catch (error) {
    // Buffer refuses offsets beyond its end: the file lies about its structure.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Section {
  readonly rva: number;
  readonly size: number;
  readonly at: number;
}

interface Image {
  readonly bytes: Buffer;
  readonly sections: readonly Section[];
  readonly stream: Buffer;
  readonly tables: readonly TableAt[];
  readonly names: Buffer;
  readonly userStrings: Buffer;
  readonly blobs: Buffer;
  /** Names of referenced types by row, filled as they are asked for: each is the parent of many members. */
  readonly typeRefs: string[];
  /** Characters of names that may still be read: overlapping names could add up to any amount. */
  readonly budget: { left: number };
}

function readImage(bytes: Buffer): Image | undefined {
  const header = bytes.readUInt32LE(60);
  if (bytes.readUInt32BE(header) !== 0x50450000) return undefined;
  const sectionCount = bytes.readUInt16LE(header + 6);
  const optional = header + 24;
  const directory = optional + (bytes.readUInt16LE(optional) === 0x20b ? 224 : 208);
  if (sectionCount > MOST_SECTIONS) return undefined;
  const sections = readSections(bytes, optional + bytes.readUInt16LE(header + 20), sectionCount);
  const cli = offsetOf(sections, bytes.readUInt32LE(directory));
  const metadata = cli < 0 ? -1 : offsetOf(sections, bytes.readUInt32LE(cli + 8));
  if (metadata < 0) return undefined;
  const streams = readStreams(bytes.subarray(metadata, metadata + bytes.readUInt32LE(cli + 12)));
  const stream = streams?.get("#~") ?? streams?.get("#-");
  const tables = stream && locateTables(stream);
  if (!streams || !tables) return undefined;
  const heap = (name: string) => streams.get(name) ?? Buffer.alloc(0);
  const heaps = { names: heap("#Strings"), userStrings: heap("#US"), blobs: heap("#Blob") };
  return { bytes, sections, stream, tables, ...heaps, typeRefs: [], budget: { left: MOST_NAME_BYTES } };
}

function readSections(bytes: Buffer, start: number, count: number): readonly Section[] {
  const sections: Section[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * 40;
    const size = Math.max(bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 16));
    sections.push({ rva: bytes.readUInt32LE(at + 12), size, at: bytes.readUInt32LE(at + 20) });
  }
  return sections;
}

/** File offset of an address in the loaded image; -1 when no section has it. */
function offsetOf(sections: readonly Section[], rva: number): number {
  const section = sections.find((one) => rva >= one.rva && rva < one.rva + one.size);
  return section === undefined || rva === 0 ? -1 : rva - section.rva + section.at;
}

function readStreams(root: Buffer): ReadonlyMap<string, Buffer> | undefined {
  if (root.readUInt32LE(0) !== 0x424a5342) return undefined;
  let at = 16 + root.readUInt32LE(12);
  const count = root.readUInt16LE(at + 2);
  if (count > MOST_STREAMS) return undefined;
  at += 4;
  const streams = new Map<string, Buffer>();
  for (let index = 0; index < count; index++) {
    const start = root.readUInt32LE(at);
    const size = root.readUInt32LE(at + 4);
    const end = root.indexOf(0, at + 8);
    if (end < 0 || end - at > 40) return undefined;
    const name = root.toString("latin1", at + 8, end);
    // Obfuscators add a second stream of the same name, which the runtime ignores.
    if (!streams.has(name)) streams.set(name, root.subarray(start, start + size));
    at += 8 + ((end - at - 8 + 4) & ~3);
  }
  return streams;
}

function describe(image: Image): Assembly {
  const { rows } = image.tables[TABLE.MemberRef]!;
  const types = readTypes(image);
  const methods = readMethods(image, types);
  const members = ["", ...upTo(rows, (row) => memberName(image, row, types, methods))];
  const initializers = upTo(methods.length - 1, (row) => row).filter((row) => methods[row]!.endsWith("::.cctor"));
  const moduleInitializer = initializers.find((row) => methods[row]!.startsWith("<Module>::")) ?? 0;
  return {
    name: image.tables[TABLE.Assembly]!.rows > 0 ? nameAt(image, cell(image, TABLE.Assembly, 1, 7)) : "",
    references: upTo(image.tables[TABLE.AssemblyRef]!.rows, (row) =>
      nameAt(image, cell(image, TABLE.AssemblyRef, row, 6)),
    ),
    members,
    methods,
    imports: readImports(image),
    resources: upTo(image.tables[TABLE.ManifestResource]!.rows, (row) =>
      nameAt(image, cell(image, TABLE.ManifestResource, row, 2)),
    ),
    moduleInitializer,
    typeInitializers: initializers.filter((row) => row !== moduleInitializer),
    strings: () => stringsOf(image.userStrings),
    stringAt: (offset) => readUserString(image.userStrings, offset, LONGEST_SINGLE_STRING).text,
    bodyOf: (row) => bodyOf(image, row),
    target: (token) => targetOf(image, members, methods, token),
    methodOfArgument: (token, name) => methodOfArgument(image, types, methods, token, name),
  };
}

function upTo<Item>(rows: number, read: (row: number) => Item): Item[] {
  const items: Item[] = [];
  for (let row = 1; row <= rows; row++) items.push(read(row));
  return items;
}

function cell(image: Image, table: number, row: number, column: number): number {
  const { rows, rowSize, start, columns } = image.tables[table]!;
  if (row < 1 || row > rows) return 0;
  const { at, size } = columns[column]!;
  const offset = start + (row - 1) * rowSize + at;
  return size === 2 ? image.stream.readUInt16LE(offset) : image.stream.readUInt32LE(offset);
}

function decoded(coded: Coded, value: number): { readonly table: number; readonly row: number } {
  const bits = tagBits(coded);
  return { table: CODED[coded][value & ((1 << bits) - 1)] ?? -1, row: value >>> bits };
}

function nameAt(image: Image, offset: number): string {
  if (offset >= image.names.length) return "";
  const found = image.names.indexOf(0, offset);
  const end = Math.min(found < 0 ? image.names.length : found, offset + LONGEST_NAME);
  image.budget.left -= end - offset;
  if (image.budget.left < 0) throw new RangeError("The names are too long together");
  return image.names.toString("utf8", offset, end);
}

interface OwnType {
  readonly name: string;
  /** First row of its methods; they end where the next type's begin. */
  readonly methods: number;
}

/** Own types by row of TypeDef; row 0 is empty. */
function readTypes(image: Image): readonly OwnType[] {
  const types = upTo(image.tables[TABLE.TypeDef]!.rows, (row) => ({
    name: fullName(
      nameAt(image, cell(image, TABLE.TypeDef, row, 2)),
      nameAt(image, cell(image, TABLE.TypeDef, row, 1)),
    ),
    methods: cell(image, TABLE.TypeDef, row, 5),
  }));
  return [{ name: "", methods: 0 }, ...types];
}

function fullName(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}.${name}`;
}

function readMethods(image: Image, types: readonly OwnType[]): readonly string[] {
  const { rows } = image.tables[TABLE.MethodDef]!;
  const methods = new Array<string>(rows + 1).fill("");
  // Each method belongs to one type: a table that says otherwise must not make us read it again and again.
  let row = 1;
  for (let type = 1; type < types.length; type++) {
    const end = Math.min(types[type + 1]?.methods ?? rows + 1, rows + 1);
    for (row = Math.max(types[type]!.methods, row); row < end; row++)
      methods[row] = `${types[type]!.name}::${nameAt(image, cell(image, TABLE.MethodDef, row, 3))}`;
  }
  return methods;
}

function memberName(image: Image, row: number, types: readonly OwnType[], methods: readonly string[]): string {
  const { table, row: parent } = decoded("MemberRefParent", cell(image, TABLE.MemberRef, row, 0));
  const name = nameAt(image, cell(image, TABLE.MemberRef, row, 1));
  const takesBytes = blobAt(image, cell(image, TABLE.MemberRef, row, 2)).includes(BYTE_ARRAY) ? "(byte[])" : "";
  if (table === TABLE.MethodDef) return methods[parent] ?? name;
  return `${typeName(image, table, parent, types)}::${name}${name === "Load" ? takesBytes : ""}`;
}

/** `byte[]` in a signature: which Assembly.Load it is decides whether a file or hidden bytes become code. */
const BYTE_ARRAY = Buffer.from([0x1d, 0x05]);

function typeName(image: Image, table: number, row: number, types: readonly OwnType[]): string {
  if (table === TABLE.TypeDef) return types[row]?.name ?? "";
  if (table === TABLE.TypeRef) return typeRefName(image, row);
  if (table !== TABLE.TypeSpec) return "";
  const argument = firstType(blobAt(image, cell(image, TABLE.TypeSpec, row, 0)));
  return argument === undefined || argument.table === TABLE.TypeSpec
    ? ""
    : typeName(image, argument.table, argument.row, types);
}

function typeRefName(image: Image, row: number): string {
  image.typeRefs[row] ??= fullName(
    nameAt(image, cell(image, TABLE.TypeRef, row, 2)),
    nameAt(image, cell(image, TABLE.TypeRef, row, 1)),
  );
  return image.typeRefs[row];
}

function blobAt(image: Image, offset: number): Buffer {
  const { value, next } = compressed(image.blobs, offset);
  return image.blobs.subarray(next, next + value);
}

/** The first class or value type that a signature names (§II.23.2.12). */
function firstType(signature: Buffer): { readonly table: number; readonly row: number } | undefined {
  for (let at = 0; at < Math.min(signature.length, 64); at++) {
    if (signature[at] !== 0x11 && signature[at] !== 0x12) continue;
    return decoded("TypeDefOrRef", compressed(signature, at + 1).value);
  }
  return undefined;
}

/** A compressed number (§II.23.2); 0 beyond the end. */
function compressed(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  const first = bytes[at];
  if (first === undefined) return { value: 0, next: at };
  if ((first & 0x80) === 0) return { value: first, next: at + 1 };
  if ((first & 0xc0) === 0x80) return { value: ((first & 0x3f) << 8) | (bytes[at + 1] ?? 0), next: at + 2 };
  const value =
    ((first & 0x1f) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return { value, next: at + 4 };
}

function readImports(image: Image): readonly NativeImport[] {
  return upTo(image.tables[TABLE.ImplMap]!.rows, (row) => ({
    library: nameAt(image, cell(image, TABLE.ModuleRef, cell(image, TABLE.ImplMap, row, 3), 0)),
    name: nameAt(image, cell(image, TABLE.ImplMap, row, 2)),
    method: decoded("MemberForwarded", cell(image, TABLE.ImplMap, row, 1)).row,
  }));
}

function* stringsOf(heap: Buffer): Iterable<string> {
  let at = 1;
  for (let count = 0; at < heap.length && count < MOST_STRINGS; count++) {
    const { text, next } = readUserString(heap, at);
    if (next <= at) return;
    if (text !== "") yield text;
    at = next;
  }
}

/** A string constant: its length in bytes, UTF-16, and one byte about its content. */
function readUserString(
  heap: Buffer,
  offset: number,
  longest = LONGEST_STRING,
): { readonly text: string; readonly next: number } {
  const { value, next } = compressed(heap, offset);
  const end = next + Math.min(value - (value % 2), longest);
  return { text: heap.toString("utf16le", next, Math.min(end, heap.length)), next: next + value };
}

function bodyOf(image: Image, row: number): Buffer | undefined {
  const at = offsetOf(image.sections, cell(image, TABLE.MethodDef, row, 0));
  const first = at < 0 ? undefined : image.bytes[at];
  if (first === undefined) return undefined;
  if ((first & 3) === 2) return image.bytes.subarray(at + 1, at + 1 + (first >> 2));
  if ((first & 3) !== 3) return undefined;
  return image.bytes.subarray(at + 12, at + 12 + image.bytes.readUInt32LE(at + 4));
}

function targetOf(
  image: Image,
  members: readonly string[],
  methods: readonly string[],
  token: number,
): CallTarget | undefined {
  const table = token >>> 24;
  const row = token & 0xffffff;
  if (table === TABLE.MethodSpec) {
    const generic = decoded("MethodDefOrRef", cell(image, TABLE.MethodSpec, row, 0));
    return targetOf(
      image,
      members,
      methods,
      generic.table === TABLE.MethodDef ? 0x06000000 | generic.row : 0x0a000000 | generic.row,
    );
  }
  if (table === TABLE.MethodDef && row < methods.length) return { kind: "method", row };
  if (table !== TABLE.MemberRef || row >= members.length) return undefined;
  const own = decoded("MemberRefParent", cell(image, TABLE.MemberRef, row, 0));
  if (own.table === TABLE.MethodDef) return { kind: "method", row: own.row };
  return { kind: "member", name: members[row]! };
}

function methodOfArgument(
  image: Image,
  types: readonly OwnType[],
  methods: readonly string[],
  token: number,
  name: string,
): number {
  if (token >>> 24 !== TABLE.MethodSpec) return 0;
  const argument = firstType(blobAt(image, cell(image, TABLE.MethodSpec, token & 0xffffff, 1)));
  const type = argument?.table === TABLE.TypeDef ? types[argument.row] : undefined;
  if (!type) return 0;
  const wanted = `${type.name}::${name}`;
  for (let row = type.methods; row < Math.min(methods.length, type.methods + 1_000); row++)
    if (methods[row] === wanted) return row;
  return 0;
}
