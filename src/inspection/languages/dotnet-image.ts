import { CODED, type Coded, locateTables, type TableAt, tagBits } from "./dotnet-tables.ts";

const MOST_SECTIONS = 96;
const MOST_STREAMS = 16;
const LONGEST_NAME = 512;
const MOST_NAME_BYTES = 64 << 20;

interface Section {
  readonly rva: number;
  readonly size: number;
  readonly at: number;
}

/** The parts of an assembly in which its metadata is looked up; every offset is checked when it is used. */
export interface Image {
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

/** Finds metadata, tables and heaps; undefined when the file is no assembly. Throws `RangeError` when it lies about its structure. */
export function readImage(bytes: Buffer): Image | undefined {
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
export function offsetOf(sections: readonly Section[], rva: number): number {
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

/** One cell of a table, 0 when there is no such row. */
export function cell(image: Image, table: number, row: number, column: number): number {
  const { rows, rowSize, start, columns } = image.tables[table]!;
  if (row < 1 || row > rows) return 0;
  const { at, size } = columns[column]!;
  const offset = start + (row - 1) * rowSize + at;
  return size === 2 ? image.stream.readUInt16LE(offset) : image.stream.readUInt32LE(offset);
}

/** What a coded index points to (ECMA-335 §II.24.2.6). */
export function decoded(coded: Coded, value: number): { readonly table: number; readonly row: number } {
  const bits = tagBits(coded);
  return { table: CODED[coded][value & ((1 << bits) - 1)] ?? -1, row: value >>> bits };
}

/** A name of the `#Strings` heap, cut at 512 bytes. Throws `RangeError` when all names together are too long. */
export function nameAt(image: Image, offset: number): string {
  if (offset >= image.names.length) return "";
  const found = image.names.indexOf(0, offset);
  const end = Math.min(found < 0 ? image.names.length : found, offset + LONGEST_NAME);
  image.budget.left -= end - offset;
  if (image.budget.left < 0) throw new RangeError("The names are too long together");
  return image.names.toString("utf8", offset, end);
}

/** A blob of the `#Blob` heap without its length. */
export function blobAt(image: Image, offset: number): Buffer {
  const { value, next } = compressed(image.blobs, offset);
  return image.blobs.subarray(next, next + value);
}

/** A compressed number (§II.23.2); 0 beyond the end. */
export function compressed(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  const first = bytes[at];
  if (first === undefined) return { value: 0, next: at };
  if ((first & 0x80) === 0) return { value: first, next: at + 1 };
  if ((first & 0xc0) === 0x80) return { value: ((first & 0x3f) << 8) | (bytes[at + 1] ?? 0), next: at + 2 };
  const value =
    ((first & 0x1f) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return { value, next: at + 4 };
}
