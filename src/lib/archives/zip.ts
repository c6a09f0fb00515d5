import { crc32 } from "node:zlib";
import { type Keeping, keptUpTo } from "../kept.ts";
import { type Archive, ArchiveRefused, type LargeMember } from "./archive.ts";
import { type ArchiveBudget, spendBytes, unheld } from "./budget.ts";
import { inflate } from "./inflate.ts";
import { type Content, openListing } from "./listing.ts";
import { isAscii } from "./names.ts";
import type { Packed } from "./packed.ts";
import { lengthen, readExtra, readLong, readZipDirectory, ZIP_FLAG, type ZipRecord } from "./zip-directory.ts";

const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const DESCRIPTOR = 0x08074b50;
const LONGEST_DESCRIPTOR = 24;
/** Method of a member that is not compressed. */
export const STORED = 0;
const DEFLATED = 8;
const TYPE_BITS = 0xf000;
const TYPE_FILE = 0x8000;
const TYPE_FOLDER = 0x4000;
const TYPE_LINK = 0xa000;

/**
 * Reads a zip by its directory and checks each local header against it. The members must fill the file from its first byte to
 * the directory, so that a reader which walks the local headers sees the same archive as one that reads the directory.
 */
export function readZip(
  packed: Packed,
  budget: ArchiveBudget,
  large: ReadonlyMap<number, LargeMember>,
): Omit<Archive, "format"> {
  const { records, start: directoryStart } = readZipDirectory(packed, budget);
  const listing = openListing(budget, "refuse");
  const hold = holdUpTo(
    KEPT,
    records.reduce((sum, { size }) => sum + size, 0),
  );
  const inOrder = records.some((record, i) => i > 0 && record.offset < records[i - 1]!.offset)
    ? records.toSorted((a, b) => a.offset - b.offset)
    : records;
  let expected = 0;
  for (const [i, record] of inOrder.entries()) {
    const end = inOrder[i + 1]?.offset ?? directoryStart;
    if (record.offset !== expected || end <= expected) {
      throw new ArchiveRefused("ambiguous", misplaced(i === 0 && record.offset > 0), record.name);
    }
    const passed = large.get(record.offset);
    const content = readMember(packed, record, end, budget, passed, hold);
    expected = end;
    if (record.name.endsWith("/")) addFolder(listing, record, content.bytes);
    else listing.file(record.name, content, fileMode(record), passed);
  }
  if (expected !== directoryStart) throw new ArchiveRefused("ambiguous", misplaced(expected === 0));
  return listing.close();
}

function misplaced(first: boolean): string {
  return first ? "Something precedes the zip" : "The zip's members overlap or leave gaps";
}

function addFolder(listing: ReturnType<typeof openListing>, record: ZipRecord, content: Buffer): void {
  if (content.length > 0) throw new ArchiveRefused("ambiguous", "A folder has content", record.name);
  if ((record.mode & TYPE_BITS) === TYPE_LINK) throw linkRefused(record);
  listing.directory(record.name.slice(0, -1));
}

/** A zip keeps a link as a file with a flag that some tools obey and others do not. */
function fileMode(record: ZipRecord): number {
  const type = record.mode & TYPE_BITS;
  if (type === TYPE_LINK) throw linkRefused(record);
  if (type === TYPE_FOLDER) throw new ArchiveRefused("ambiguous", "A folder's name lacks its slash", record.name);
  if (type !== 0 && type !== TYPE_FILE) throw new ArchiveRefused("unsupported", "The zip has a device", record.name);
  return record.mode & 0o7777;
}

function linkRefused(record: ZipRecord): ArchiveRefused {
  return new ArchiveRefused("link", "The zip has a symbolic link", record.name);
}

/** Bytes of contents that are held at a time, where all together are more; and as many of small ones. */
const KEPT = 32 << 20;
/** Members with no more bytes cost more to inflate once more than to hold. */
const SMALL = 64 << 10;

/** Holds a content of `size` bytes as long as there is room; when it was let go, it is read again. */
type Hold = (read: () => Buffer, size: number) => Content;

/** Everything is held when `all` bytes are no more than `most`; else the small contents that come first, and of others those read last. */
function holdUpTo(most: number, all: number): Hold {
  const kept = keptUpTo<Buffer>(most);
  let room = most;
  return (read, size) => {
    if (all <= most || (size <= SMALL && size <= room)) {
      room -= size;
      return { bytes: read() };
    }
    const held: Keeping<Buffer> = { value: undefined };
    const reading = () => kept.keep(held, read(), size);
    reading();
    return {
      get bytes() {
        return held.value ?? reading();
      },
    };
  };
}

/**
 * The content of the member whose bytes, local header to data descriptor, must end exactly at `end`; of a large one its head. It is
 * read once here, so that what is wrong with it is known, and again when it was let go.
 */
function readMember(
  packed: Packed,
  record: ZipRecord,
  end: number,
  budget: ArchiveBudget,
  large: LargeMember | undefined,
  hold: Hold,
): Content {
  const { start, dataEnd } = placeOfData(packed, record, end);
  spendBytes(budget, record.size, record.name);
  if (large !== undefined) return { bytes: large.head };
  if (record.size > budget.held) throw unheld(record.name);
  return hold(() => contentOf(packed.slice(start, dataEnd), record), record.size);
}

function contentOf(data: Buffer, record: ZipRecord): Buffer {
  const content = record.method === STORED ? data : inflated(data, record);
  if (crc32(content) !== record.crc) throw new ArchiveRefused("corrupt", "A member has a wrong checksum", record.name);
  return content;
}

/** Where a member's data lie; throws unless its local header and what follows its data agree with the directory. */
export function placeOfData(packed: Packed, record: ZipRecord, end: number): { start: number; dataEnd: number } {
  const { flags, method, name } = record;
  if (end > packed.length) throw new ArchiveRefused("corrupt", "The zip's directory names places behind its end", name);
  if (flags & (ZIP_FLAG.encrypted | ZIP_FLAG.strong | ZIP_FLAG.masked)) {
    throw new ArchiveRefused("encrypted", "The zip is encrypted", name);
  }
  if ((flags & ZIP_FLAG.patch) !== 0 || (method !== STORED && method !== DEFLATED)) {
    throw new ArchiveRefused("unsupported", "The zip uses an unusual compression", name);
  }
  const start = readLocal(packed, record, end);
  const dataEnd = start + record.packed;
  if (dataEnd > end) throw new ArchiveRefused("ambiguous", "The zip's members overlap", name);
  if (flags & ZIP_FLAG.descriptor) checkDescriptor(packed, record, dataEnd, end);
  else if (dataEnd !== end) throw new ArchiveRefused("ambiguous", "The zip's members leave gaps", name);
  if (method === STORED && record.packed !== record.size) {
    throw new ArchiveRefused("corrupt", "A stored member has two sizes", name);
  }
  return { start, dataEnd };
}

/** Checks the local header against the directory; returns where the data begin. */
function readLocal(packed: Packed, record: ZipRecord, end: number): number {
  const { offset, name } = record;
  const fixed = offset + LOCAL_SIZE <= end ? packed.slice(offset, offset + LOCAL_SIZE) : undefined;
  if (fixed?.readUInt32LE(0) !== LOCAL) {
    throw new ArchiveRefused("corrupt", "A member's local header is missing", name);
  }
  const nameEnd = LOCAL_SIZE + fixed.readUInt16LE(26);
  const length = nameEnd + fixed.readUInt16LE(28);
  const start = offset + length;
  if (start > end) throw new ArchiveRefused("corrupt", "A member's local header is damaged", name);
  const bytes = packed.slice(offset, start);
  const flags = bytes.readUInt16LE(6);
  const meaningful = ZIP_FLAG.encrypted | ZIP_FLAG.descriptor | (isAscii(name) ? 0 : ZIP_FLAG.utf8);
  const same =
    ((flags ^ record.flags) & meaningful) === 0 &&
    bytes.readUInt16LE(8) === record.method &&
    bytes.subarray(LOCAL_SIZE, nameEnd).equals(record.storedName);
  if (!same) throw disagreement(name);
  const crc = bytes.readUInt32LE(14);
  const short = [bytes.readUInt32LE(22), bytes.readUInt32LE(18)] as const;
  const [size, packedSize] = lengthen(short, readExtra(bytes, nameEnd, length, name), name);
  const given = crc === record.crc && size === record.size && packedSize === record.packed;
  // Zeros announce that the numbers come behind the data (§4.3.9).
  const left = crc === 0 && size === 0 && packedSize === 0 && (flags & ZIP_FLAG.descriptor) !== 0;
  if (!given && !left) throw disagreement(name);
  return start;
}

function disagreement(name: string): ArchiveRefused {
  return new ArchiveRefused("ambiguous", "A member's local header contradicts the zip's directory", name);
}

/**
 * Readers that walk the local headers find the end of such a member only by inflating it; that it ends where the directory
 * says is checked by `inflated`. Stored members have no such end.
 */
function checkDescriptor(packed: Packed, record: ZipRecord, at: number, end: number): void {
  const { name, method, size } = record;
  if (method === STORED && size > 0) {
    throw new ArchiveRefused("ambiguous", "A stored member has its size behind its data", name);
  }
  const length = end - at;
  if (length > LONGEST_DESCRIPTOR) throw disagreement(name);
  const bytes = packed.slice(at, end);
  const signed = length === 16 || length === 24;
  const wide = length === 20 || length === 24;
  const from = signed ? 4 : 0;
  const right =
    (signed || wide || length === 12) &&
    (!signed || bytes.readUInt32LE(0) === DESCRIPTOR) &&
    bytes.readUInt32LE(from) === record.crc &&
    (wide ? readLong(bytes, from + 4) : bytes.readUInt32LE(from + 4)) === record.packed &&
    (wide ? readLong(bytes, from + 12) : bytes.readUInt32LE(from + 8)) === size;
  if (!right) throw disagreement(name);
}

function inflated(data: Buffer, record: ZipRecord): Buffer {
  const { size, packed, name } = record;
  const content = inflate(data, size, size, name);
  if (content === undefined || content.bytes.length !== size) throw wrongSize(record);
  if (content.used !== packed) throw wrongEnd(record);
  return content.bytes;
}

/** The refusal of a member whose content is longer or shorter than the directory says. */
export function wrongSize({ name }: ZipRecord): ArchiveRefused {
  return new ArchiveRefused("corrupt", "A member unpacks to another size than declared", name);
}

/** The refusal of a member with something between its data and the next member. */
export function wrongEnd({ name }: ZipRecord): ArchiveRefused {
  return new ArchiveRefused("ambiguous", "A member's data end before its size", name);
}
