import { ArchiveRefused } from "./archive.ts";
import { type ArchiveBudget, spendEntries } from "./budget.ts";
import { isAscii, readName } from "./names.ts";
import type { Packed } from "./packed.ts";

/** One record of a zip's central directory; clause numbers are those of PKWARE's APPNOTE 6.3.10. */
export interface ZipRecord {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where the local header begins. */
  readonly offset: number;
  /** Unix mode with the file type bits; 0 when the writer was not a Unix one. */
  readonly mode: number;
  readonly storedName: Buffer;
}

export const ZIP_FLAG = { encrypted: 0x1, descriptor: 0x8, patch: 0x20, strong: 0x40, utf8: 0x800, masked: 0x2000 };

const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const RECORD = 0x02014b50;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const END64_SIZE = 56;
const RECORD_SIZE = 46;
/** The end records with the longest comment. */
const LONGEST_END = END64_SIZE + LOCATOR_SIZE + END_SIZE + 0xffff;
const UNICODE_PATH = 0x7075;
const ZIP64 = 0x0001;
const ALL_ONES = 0xffffffff;
const UNIX = 3;
const MACOS = 19;

/** The end record's three numbers, and where the directory must end. */
interface End {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  readonly directoryEnd: number;
}

/** Reads the whole central directory; throws unless it is the only one possible and fills its place exactly. */
export function readZipDirectory(packed: Packed, budget: ArchiveBudget): { records: ZipRecord[]; start: number } {
  const end = readEnd(packed);
  if (end.offset + end.size !== end.directoryEnd) {
    throw new ArchiveRefused("ambiguous", "The zip directory is not where its end record says");
  }
  spendEntries(budget, end.count);
  if (end.count * RECORD_SIZE > end.size) throw new ArchiveRefused("corrupt", "The zip directory has fewer members");
  const bytes = packed.slice(end.offset, end.directoryEnd);
  const records: ZipRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const record = readRecord(bytes, at, bytes.length);
    records.push(record.record);
    at = record.next;
    if (records.length > end.count)
      throw new ArchiveRefused("ambiguous", "The zip directory has more members than it says");
  }
  if (records.length !== end.count) throw new ArchiveRefused("corrupt", "The zip directory has fewer members");
  return { records, start: end.offset };
}

/**
 * The end record must be the last thing in the file, or be followed by its own comment in which no reader that searches from
 * behind can see another one.
 */
function readEnd(packed: Packed): End {
  const before = Math.max(0, packed.length - LONGEST_END);
  const bytes = packed.slice(before, packed.length);
  const at = bytes.lastIndexOf("PK\x05\x06", bytes.length, "latin1");
  if (at < 0 || at + END_SIZE > bytes.length) throw new ArchiveRefused("truncated", "The zip has no end record");
  if (at + END_SIZE + bytes.readUInt16LE(at + 20) !== bytes.length) {
    throw new ArchiveRefused("ambiguous", "Something follows the end of the zip");
  }
  const count = bytes.readUInt16LE(at + 10);
  const size = bytes.readUInt32LE(at + 12);
  const offset = bytes.readUInt32LE(at + 16);
  if (bytes.readUInt32LE(at + 4) !== 0 || bytes.readUInt16LE(at + 8) !== count) {
    throw new ArchiveRefused("unsupported", "The zip is one part of several");
  }
  const short: End = { count, size, offset, directoryEnd: before + at };
  const locator = at - LOCATOR_SIZE;
  if (locator >= 0 && bytes.readUInt32LE(locator) === END64_LOCATOR) return readEnd64(bytes, before, locator, short);
  if (count === 0xffff || size === ALL_ONES || offset === ALL_ONES) {
    throw new ArchiveRefused("ambiguous", "The zip lacks its zip64 end record");
  }
  return short;
}

/** §4.3.14, §4.3.15: the record must lie directly before its locator and agree with the short one. */
function readEnd64(bytes: Buffer, before: number, locator: number, short: End): End {
  const at = locator - END64_SIZE;
  const inPlace =
    at >= 0 &&
    bytes.readUInt32LE(at) === END64 &&
    readLong(bytes, locator + 8) === before + at &&
    readLong(bytes, at + 4) === END64_SIZE - 12;
  if (!inPlace) throw new ArchiveRefused("ambiguous", "The zip64 end record is not where it must be");
  const disks = bytes.readUInt32LE(locator + 4) + bytes.readUInt32LE(at + 16) + bytes.readUInt32LE(at + 20);
  const end: End = {
    count: readLong(bytes, at + 32),
    size: readLong(bytes, at + 40),
    offset: readLong(bytes, at + 48),
    directoryEnd: before + at,
  };
  if (disks !== 0 || readLong(bytes, at + 24) !== end.count || bytes.readUInt32LE(locator + 16) > 1) {
    throw new ArchiveRefused("unsupported", "The zip is one part of several");
  }
  const agree =
    (short.count === 0xffff || short.count === end.count) &&
    (short.size === ALL_ONES || short.size === end.size) &&
    (short.offset === ALL_ONES || short.offset === end.offset);
  if (!agree) throw new ArchiveRefused("ambiguous", "The zip's two end records contradict one another");
  return end;
}

function readRecord(bytes: Buffer, at: number, limit: number): { record: ZipRecord; next: number } {
  if (at + RECORD_SIZE > limit || bytes.readUInt32LE(at) !== RECORD) {
    throw new ArchiveRefused("corrupt", "The zip directory is damaged");
  }
  const nameStart = at + RECORD_SIZE;
  const nameEnd = nameStart + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > limit) throw new ArchiveRefused("corrupt", "The zip directory is damaged");
  const flags = bytes.readUInt16LE(at + 8);
  const name = readZipName(bytes, nameStart, nameEnd, flags);
  if (bytes.readUInt16LE(at + 34) !== 0)
    throw new ArchiveRefused("unsupported", "The zip is one part of several", name);
  const short = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)] as const;
  const [size, packed, offset] = lengthen(short, readExtra(bytes, nameEnd, extraEnd, name), name);
  const writer = bytes[at + 5]!;
  const record: ZipRecord = {
    name,
    flags,
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    size,
    packed,
    offset,
    mode: writer === UNIX || writer === MACOS ? bytes.readUInt16LE(at + 40) : 0,
    storedName: bytes.subarray(nameStart, nameEnd),
  };
  return { record, next };
}

/** Without the UTF-8 flag, names beyond ASCII are in whatever code page the reader assumes. */
function readZipName(bytes: Buffer, start: number, end: number, flags: number): string {
  const name = readName(bytes, start, end);
  if ((flags & ZIP_FLAG.utf8) === 0 && !isAscii(name)) {
    throw new ArchiveRefused("ambiguous", "A member's name is in no declared encoding", name);
  }
  return name;
}

/** Reads the extra fields between `start` and `end` and returns the zip64 numbers; throws for a second name or set of numbers. */
export function readExtra(bytes: Buffer, start: number, end: number, name: string): readonly number[] {
  let numbers: number[] | undefined;
  let at = start;
  while (at + 4 <= end) {
    const id = bytes.readUInt16LE(at);
    const from = at + 4;
    at = from + bytes.readUInt16LE(at + 2);
    if (at > end) throw new ArchiveRefused("corrupt", "A member's extra field is damaged", name);
    if (id === UNICODE_PATH) checkUnicodePath(bytes, from, at, name);
    if (id !== ZIP64) continue;
    if (numbers !== undefined) throw new ArchiveRefused("ambiguous", "A member has two zip64 fields", name);
    numbers = readLongs(bytes, from, at, name);
  }
  return numbers ?? [];
}

function readLongs(bytes: Buffer, start: number, end: number, name: string): number[] {
  const length = end - start;
  if (length % 8 !== 0 || length > 24) throw new ArchiveRefused("unsupported", "A member has an odd zip64 field", name);
  return Array.from({ length: length / 8 }, (_, i) => readLong(bytes, start + 8 * i));
}

/**
 * The header's numbers `short`, with zip64 numbers in place of those that are all ones (§4.5.3). Some writers repeat numbers
 * that were not too long; then they must be equal.
 */
export function lengthen<T extends readonly number[]>(short: T, long: readonly number[], name: string): T {
  const missing = short.filter((number) => number === ALL_ONES).length;
  let next = 0;
  if (long.length === missing)
    return short.map((number) => (number === ALL_ONES ? long[next++]! : number)) as unknown as T;
  const repeated = short.map((number, i) => (number === ALL_ONES ? (long[i] ?? ALL_ONES) : number));
  const fits = long.length <= short.length && repeated.every((number, i) => number === (long[i] ?? short[i]));
  if (!fits || repeated.some((number, i) => number === ALL_ONES && i >= long.length)) {
    throw new ArchiveRefused("ambiguous", "A member's zip64 numbers contradict its header", name);
  }
  return repeated as unknown as T;
}

/** Info-ZIP's Unicode path: the same name again, or a second name that only some readers use. */
function checkUnicodePath(bytes: Buffer, start: number, end: number, name: string): void {
  if (readName(bytes, Math.min(start + 5, end), end) !== name) {
    throw new ArchiveRefused("ambiguous", "A member has two names", name);
  }
}

/** A 64-bit number; throws when it is beyond what any file here can have. */
export function readLong(bytes: Buffer, at: number): number {
  const value = bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);
  if (!Number.isSafeInteger(value)) throw new ArchiveRefused("corrupt", "The zip has an impossible number");
  return value;
}
