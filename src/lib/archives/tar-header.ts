import { ArchiveRefused } from "./archive.ts";
import { readName } from "./names.ts";
import { tarChecksum } from "./sniff.ts";

export const TAR_BLOCK = 512;

/** One 512-byte header block, its own fields only. */
export interface TarHeader {
  /** Name with the ustar prefix joined. */
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** The type flag as a character; `\0` = a file as old tars wrote it. */
  readonly type: string;
  readonly linkName: string;
}

/** Reads the header block at `at`; throws `corrupt` for a wrong checksum or number, `ambiguous` where tar readers disagree. */
export function readTarHeader(bytes: Buffer, at: number): TarHeader {
  const name = field(bytes, at, 100);
  refuseSkipped(bytes, at, name);
  if (readNumber(bytes, at + 148, 8, name) !== tarChecksum(bytes, at)) {
    throw new ArchiveRefused("corrupt", "A tar header has a wrong checksum", name);
  }
  // Python takes a bad owner or time for the end of the archive, others read on.
  readNumber(bytes, at + 108, 8, name);
  readNumber(bytes, at + 116, 8, name);
  readNumber(bytes, at + 136, 12, name);
  const size = readNumber(bytes, at + 124, 12, name);
  if (size < 0) throw new ArchiveRefused("corrupt", "A member has a negative size", name);
  return {
    name: withPrefix(bytes, at, name),
    mode: readNumber(bytes, at + 100, 8, name) & 0o7777,
    size,
    type: String.fromCharCode(bytes[at + 156]!),
    linkName: field(bytes, at + 157, 100),
  };
}

const CHECKSUM = { start: 148, length: 8 };
/** Device numbers, and the times that star keeps behind a short prefix: start and length. */
const EXTRA_NUMBERS = [
  [329, 8],
  [337, 8],
] as const;
const STAR_TIMES = [
  [476, 12],
  [488, 12],
] as const;

/**
 * npm's reader takes twelve bytes for the checksum, and passes over a header that has a malformed binary number; it then takes the
 * member's data for headers, so that what lies there is installed. Blank and octal fields are harmless: it reads as far as it understands.
 */
function refuseSkipped(bytes: Buffer, at: number, name: string): void {
  const checksum = bytes.subarray(at + CHECKSUM.start, at + CHECKSUM.start + CHECKSUM.length);
  if (checksum[0]! >= 0x80 || (!checksum.includes(0) && checksum.at(-1) !== BLANK)) {
    throw new ArchiveRefused("ambiguous", "A tar header has a checksum that only some tools read", name);
  }
  if (!isUstar(bytes, at)) return;
  for (const [start, length] of bytes[at + 475] === 0 ? [...EXTRA_NUMBERS, ...STAR_TIMES] : EXTRA_NUMBERS) {
    if (bytes[at + start]! >= 0x80) readBase256(bytes, at + start, length, name);
  }
}

function isUstar(bytes: Buffer, at: number): boolean {
  return bytes.toString("latin1", at + 257, at + 265) === "ustar\x0000";
}

/**
 * Python joins the prefix whatever the magic says, others only after `ustar` version 00; GNU keeps times where the prefix
 * would be. So it counts where all agree, and is refused elsewhere.
 */
function withPrefix(bytes: Buffer, at: number, name: string): string {
  const prefix = field(bytes, at + 345, 155);
  if (prefix === "") return name;
  if (!isUstar(bytes, at)) {
    throw new ArchiveRefused("ambiguous", "A tar header has a name prefix that only some tools read", name);
  }
  // Python takes it for a file, others for a folder.
  if (name === "") throw new ArchiveRefused("ambiguous", "A tar header has a name prefix and no name", prefix);
  return `${prefix}/${name}`;
}

function field(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end++;
  return end === start ? "" : readName(bytes, start, end);
}

const BLANK = 0x20;

/** Octal text between blanks, ended by NUL or the field, or a big-endian number behind a 0x80 or (negative) 0xff byte; an empty field is 0. */
function readNumber(bytes: Buffer, start: number, length: number, name: string): number {
  if (bytes[start]! >= 0x80) return readBase256(bytes, start, length, name);
  const end = start + length;
  let at = start;
  let value = 0;
  while (at < end && bytes[at] === BLANK) at++;
  for (; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x37; at++) value = value * 8 + bytes[at]! - 0x30;
  while (at < end && bytes[at] === BLANK) at++;
  if (at < end && bytes[at] !== 0) throw new ArchiveRefused("corrupt", "A tar header has a malformed number", name);
  return value;
}

function readBase256(bytes: Buffer, start: number, length: number, name: string): number {
  const sign = bytes[start]!;
  let value = sign === 0xff ? -1 : 0;
  for (let i = 1; i < length; i++) value = value * 256 + bytes[start + i]!;
  if ((sign !== 0x80 && sign !== 0xff) || !Number.isSafeInteger(value)) {
    throw new ArchiveRefused("corrupt", "A tar header has a malformed number", name);
  }
  return value;
}
