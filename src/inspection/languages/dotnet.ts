import { fieldDataOf, ownersOf, type Signature, signatureOf } from "./dotnet-fields.ts";
import { blobAt, cell, compressed, decoded, type Image, nameAt, offsetOf, readImage } from "./dotnet-image.ts";
import { TABLE } from "./dotnet-tables.ts";

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
  /** How a call of `token` leaves the stack. */
  signature(token: number): Signature;
  /** The row of the type to which an own method or field belongs, by its row; 0 when there is none. */
  ownerOf(kind: "method" | "field", row: number): number;
  /** The row of a type's static constructor; 0 when it has none. */
  typeInitializer(type: number): number;
  /** The full name of what a token of a type names; empty when it is none. */
  typeNamed(token: number): string;
  /** The name of an own method's parameter by its place from zero; empty when it has none. */
  parameterName(method: number, index: number): string;
  /** The constant bytes behind an own field, at most `length`. */
  fieldData(row: number, length: number): Buffer | undefined;
  /** Rows of own methods that `name` (`Type::Method`) may mean, or that stand for a method without a body; at most 16. */
  implementations(row: number): readonly number[];
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

const MOST_STRINGS = 100_000;
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

function describe(image: Image): Assembly {
  const { rows } = image.tables[TABLE.MemberRef]!;
  const types = readTypes(image);
  const methods = readMethods(image, types);
  const members = ["", ...upTo(rows, (row) => memberName(image, row, types, methods))];
  const initializers = upTo(methods.length - 1, (row) => row).filter((row) => methods[row]!.endsWith("::.cctor"));
  const moduleInitializer = initializers.find((row) => methods[row]!.startsWith("<Module>::")) ?? 0;
  const methodOwners = once(() => ownersOf(image, 5));
  const initializerOf = once(
    () => new Map(initializers.toReversed().map((row) => [methodOwners()[row] ?? 0, row] as const)),
  );
  const fieldOwners = once(() => ownersOf(image, 4));
  const rowByName = once(() => new Map(methods.map((name, row) => [name, row] as const).reverse()));
  const byName = once(() => methodsByName(image, methods));
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
    target: (token) => targetOf(image, members, methods, rowByName, token),
    signature: (token) => signatureOf(image, token),
    ownerOf: (kind, row) => (kind === "method" ? methodOwners() : fieldOwners())[row] ?? 0,
    typeInitializer: (type) => initializerOf().get(type) ?? 0,
    typeNamed: (token) => typeName(image, token >>> 24, token & 0xffffff, types),
    parameterName: (method, index) => parameterName(image, method, index),
    fieldData: (row, length) => fieldDataOf(image, row, length),
    implementations: (row) => byName().get(simpleName(methods[row] ?? "")) ?? [],
    methodOfArgument: (token, name) => methodOfArgument(image, types, methods, token, name),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const MOST_IMPLEMENTATIONS = 16;

/** Own methods with a body by their name without the type: what a virtual call may reach. */
function methodsByName(image: Image, methods: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (let row = 1; row < methods.length; row++) {
    if (cell(image, TABLE.MethodDef, row, 0) === 0) continue;
    const name = simpleName(methods[row]!);
    const list = found.get(name);
    if (list === undefined) found.set(name, [row]);
    else if (list.length < MOST_IMPLEMENTATIONS) list.push(row);
  }
  return found;
}

/** `Do` of `Demo.Job::Do` and of the explicit `Demo.Job::Demo.IJob.Do`. */
function simpleName(method: string): string {
  const name = method.slice(method.lastIndexOf("::") + 2);
  return name.startsWith(".") ? name : name.slice(name.lastIndexOf(".") + 1);
}

function parameterName(image: Image, method: number, index: number): string {
  const { rows } = image.tables[TABLE.Param]!;
  const first = cell(image, TABLE.MethodDef, method, 5);
  for (let row = first; row > 0 && row <= Math.min(rows, first + index + 1); row++)
    if (cell(image, TABLE.Param, row, 1) === index + 1) return nameAt(image, cell(image, TABLE.Param, row, 2));
  return "";
}

function upTo<Item>(rows: number, read: (row: number) => Item): Item[] {
  const items: Item[] = [];
  for (let row = 1; row <= rows; row++) items.push(read(row));
  return items;
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

/** The first class or value type that a signature names (§II.23.2.12). */
function firstType(signature: Buffer): { readonly table: number; readonly row: number } | undefined {
  for (let at = 0; at < Math.min(signature.length, 64); at++) {
    if (signature[at] !== 0x11 && signature[at] !== 0x12) continue;
    return decoded("TypeDefOrRef", compressed(signature, at + 1).value);
  }
  return undefined;
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
  if (at + 12 > image.bytes.length) return undefined;
  return image.bytes.subarray(at + 12, at + 12 + image.bytes.readUInt32LE(at + 4));
}

function targetOf(
  image: Image,
  members: readonly string[],
  methods: readonly string[],
  rowByName: () => ReadonlyMap<string, number>,
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
      rowByName,
      generic.table === TABLE.MethodDef ? 0x06000000 | generic.row : 0x0a000000 | generic.row,
    );
  }
  if (table === TABLE.MethodDef && row < methods.length) return { kind: "method", row };
  if (table !== TABLE.MemberRef || row >= members.length) return undefined;
  const own = decoded("MemberRefParent", cell(image, TABLE.MemberRef, row, 0));
  if (own.table === TABLE.MethodDef) return { kind: "method", row: own.row };
  // A member of an own generic type is named through what instantiates it.
  const generic = own.table === TABLE.TypeSpec ? rowByName().get(members[row]!) : undefined;
  return generic === undefined ? { kind: "member", name: members[row]! } : { kind: "method", row: generic };
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
