/** Layout of the metadata tables of a .NET assembly (ECMA-335 §II.22, §II.24.2.6). */

/** Numbers of the tables that are read. */
export const TABLE = {
  Module: 0x00,
  TypeRef: 0x01,
  TypeDef: 0x02,
  Field: 0x04,
  MethodDef: 0x06,
  Param: 0x08,
  MemberRef: 0x0a,
  ModuleRef: 0x1a,
  TypeSpec: 0x1b,
  ImplMap: 0x1c,
  FieldRVA: 0x1d,
  Assembly: 0x20,
  AssemblyRef: 0x23,
  ManifestResource: 0x28,
  NestedClass: 0x29,
  MethodSpec: 0x2b,
} as const;

/** The tables that a coded index may point to, in the order of its tag. */
export const CODED = {
  TypeDefOrRef: [0x02, 0x01, 0x1b],
  HasConstant: [0x04, 0x08, 0x17],
  HasCustomAttribute: [
    0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x00, 0x0e, 0x17, 0x14, 0x11, 0x1a, 0x1b, 0x20, 0x23, 0x26, 0x27, 0x28,
    0x2a, 0x2c, 0x2b,
  ],
  HasFieldMarshal: [0x04, 0x08],
  HasDeclSecurity: [0x02, 0x06, 0x20],
  MemberRefParent: [0x02, 0x01, 0x1a, 0x06, 0x1b],
  HasSemantics: [0x14, 0x17],
  MethodDefOrRef: [0x06, 0x0a],
  MemberForwarded: [0x04, 0x06],
  Implementation: [0x26, 0x23, 0x27],
  CustomAttributeType: [-1, -1, 0x06, 0x0a, -1],
  ResolutionScope: [0x00, 0x1a, 0x23, 0x01],
  TypeOrMethodDef: [0x02, 0x06],
} as const;
export type Coded = keyof typeof CODED;

/** A column: bytes (2 or 4), a heap (S strings, B blobs, G identifiers), an index into a table (#XX) or a coded index. */
export type Column = 2 | 4 | "S" | "B" | "G" | `#${string}` | Coded;

/** Columns by table. */
export const COLUMNS: readonly (readonly Column[])[] = [
  [2, "S", "G", "G", "G"], // 00 Module
  ["ResolutionScope", "S", "S"], // 01 TypeRef
  [4, "S", "S", "TypeDefOrRef", "#04", "#06"], // 02 TypeDef
  ["#04"], // 03 FieldPtr
  [2, "S", "B"], // 04 Field
  ["#06"], // 05 MethodPtr
  [4, 2, 2, "S", "B", "#08"], // 06 MethodDef
  ["#08"], // 07 ParamPtr
  [2, 2, "S"], // 08 Param
  ["#02", "TypeDefOrRef"], // 09 InterfaceImpl
  ["MemberRefParent", "S", "B"], // 0a MemberRef
  [2, "HasConstant", "B"], // 0b Constant
  ["HasCustomAttribute", "CustomAttributeType", "B"], // 0c CustomAttribute
  ["HasFieldMarshal", "B"], // 0d FieldMarshal
  [2, "HasDeclSecurity", "B"], // 0e DeclSecurity
  [2, 4, "#02"], // 0f ClassLayout
  [4, "#04"], // 10 FieldLayout
  ["B"], // 11 StandAloneSig
  ["#02", "#14"], // 12 EventMap
  ["#14"], // 13 EventPtr
  [2, "S", "TypeDefOrRef"], // 14 Event
  ["#02", "#17"], // 15 PropertyMap
  ["#17"], // 16 PropertyPtr
  [2, "S", "B"], // 17 Property
  [2, "#06", "HasSemantics"], // 18 MethodSemantics
  ["#02", "MethodDefOrRef", "MethodDefOrRef"], // 19 MethodImpl
  ["S"], // 1a ModuleRef
  ["B"], // 1b TypeSpec
  [2, "MemberForwarded", "S", "#1a"], // 1c ImplMap
  [4, "#04"], // 1d FieldRVA
  [4, 4], // 1e EncLog
  [4], // 1f EncMap
  [4, 2, 2, 2, 2, 4, "B", "S", "S"], // 20 Assembly
  [4], // 21 AssemblyProcessor
  [4, 4, 4], // 22 AssemblyOS
  [2, 2, 2, 2, 4, "B", "S", "S", "B"], // 23 AssemblyRef
  [4, "#23"], // 24 AssemblyRefProcessor
  [4, 4, 4, "#23"], // 25 AssemblyRefOS
  [4, "S", "B"], // 26 File
  [4, 4, "S", "S", "Implementation"], // 27 ExportedType
  [4, 4, "S", "Implementation"], // 28 ManifestResource
  ["#02", "#02"], // 29 NestedClass
  [2, 2, "TypeOrMethodDef", "S"], // 2a GenericParam
  ["MethodDefOrRef", "B"], // 2b MethodSpec
  ["#2a", "TypeDefOrRef"], // 2c GenericParamConstraint
];

/** One table found in a stream: where its rows and columns lie. */
export interface TableAt {
  readonly rows: number;
  readonly rowSize: number;
  readonly start: number;
  /** Offset in the row and size of each column. */
  readonly columns: readonly { readonly at: number; readonly size: 2 | 4 }[];
}

/** Rows of one table that are believed; real assemblies stay below. */
const MOST_ROWS = 1 << 20;

/** Finds the tables of a `#~` stream; undefined when it does not hold what its header says. */
export function locateTables(stream: Buffer): readonly TableAt[] | undefined {
  if (stream.length < 24) return undefined;
  const heaps = stream[6]!;
  const valid = stream.readBigUInt64LE(8);
  if (valid >> BigInt(COLUMNS.length) !== 0n) return undefined;
  const counts = new Array<number>(COLUMNS.length).fill(0);
  let at = 24;
  for (let table = 0; table < COLUMNS.length; table++) {
    if (((valid >> BigInt(table)) & 1n) === 0n) continue;
    if (at + 4 > stream.length) return undefined;
    counts[table] = stream.readUInt32LE(at);
    if (counts[table]! > MOST_ROWS) return undefined;
    at += 4;
  }
  // Edit-and-continue writers put one more word here.
  if ((heaps & 0x40) !== 0) at += 4;
  const tables: TableAt[] = [];
  for (let table = 0; table < COLUMNS.length; table++) {
    const found = tableAt(COLUMNS[table]!, counts, heaps, counts[table]!, at);
    tables.push(found);
    at += found.rows * found.rowSize;
  }
  return at <= stream.length ? tables : undefined;
}

function tableAt(
  columns: readonly Column[],
  counts: readonly number[],
  heaps: number,
  rows: number,
  start: number,
): TableAt {
  let rowSize = 0;
  const placed = columns.map((column) => {
    const size = columnSize(column, counts, heaps);
    const at = rowSize;
    rowSize += size;
    return { at, size };
  });
  return { rows, rowSize, start, columns: placed };
}

function columnSize(column: Column, counts: readonly number[], heaps: number): 2 | 4 {
  if (column === 2 || column === 4) return column;
  if (column === "S") return (heaps & 1) !== 0 ? 4 : 2;
  if (column === "G") return (heaps & 2) !== 0 ? 4 : 2;
  if (column === "B") return (heaps & 4) !== 0 ? 4 : 2;
  if (column.startsWith("#")) return counts[Number.parseInt(column.slice(1), 16)]! > 0xffff ? 4 : 2;
  const tables = CODED[column as Coded];
  const most = Math.max(...tables.map((table) => (table < 0 ? 0 : counts[table]!)));
  return most >= 1 << (16 - tagBits(column as Coded)) ? 4 : 2;
}

/** How many low bits of a coded index name the table. */
export function tagBits(coded: Coded): number {
  return Math.ceil(Math.log2(CODED[coded].length));
}
