import { crc32 } from "node:zlib";
import { ArchiveRefused } from "./archive.ts";
import { type ArchiveBudget, overspent, spendBytes, unheld } from "./budget.ts";
import { inflate, inflateParts } from "./inflate.ts";
import { type Packed, packedOf, partsOf } from "./packed.ts";
import { allZero } from "./zeros.ts";

/** Header, and checksum with length behind the data (RFC 1952 §2.3). */
const HEADER = 10;
const TRAILER = 8;
const MAGIC = Buffer.from([0x1f, 0x8b]);
const HAS = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/** Bytes of a header, which may hold a name and a comment. */
const LONGEST_HEADER = 1 << 20;

/** What a gzip stream holds. */
export interface GzipContent {
  readonly content: Buffer;
  /** Bytes behind the stream that are no padding. */
  readonly ignored: number;
}

/**
 * The content of a gzip stream, counted against `budget`. Refuses a second member: some tools read on, some stop, some fail; but not
 * the very same one again, as broken uploads have it, because whoever reads on finds the same files. Zeros may follow: tar pads old
 * archives to its blocks, and every tool skips them. Other bytes are counted: where the content says itself where it ends, whoever reads
 * it at all stops there, and who looks behind it fails.
 */
export function readGzip(bytes: Buffer, budget: ArchiveBudget): GzipContent {
  const packed = packedOf(bytes);
  const start = startOfData(packed);
  // The length in the last four bytes makes one exact allocation possible; a lie must not make thousands of small ones.
  const expected = Math.max(gzipLength(packed), bytes.length);
  const content = inflate(bytes.subarray(start), expected, Math.min(budget.bytes, budget.held));
  if (content === undefined) throw budget.held < budget.bytes ? unheld() : overspent(budget);
  const ignored = checkTrailer(packed, start + content.used, crc32(content.bytes), content.bytes.length);
  spendBytes(budget, content.bytes.length);
  return { content: content.bytes, ignored };
}

/**
 * The same without holding the content: each part of it goes to `take`. Gives how many bytes behind the stream are no padding. Refuses
 * what `readGzip` refuses, what is too large to be held aside.
 */
export async function passGzip(packed: Packed, budget: ArchiveBudget, take: (part: Buffer) => void): Promise<number> {
  const start = startOfData(packed);
  let sum = 0;
  let length = 0;
  const used = await inflateParts(packed, start, packed.length, (part) => {
    spendBytes(budget, part.length);
    sum = crc32(part, sum);
    length += part.length;
    take(part);
    return true;
  });
  return checkTrailer(packed, start + used!, sum, length);
}

/** What the last four bytes say that a gzip stream unpacks to, modulo 2^32; whatever anybody wrote there. */
export function gzipLength(packed: Packed): number {
  return packed.length < TRAILER ? 0 : packed.slice(packed.length - 4, packed.length).readUInt32LE();
}

function startOfData(packed: Packed): number {
  const head = packed.slice(0, Math.min(LONGEST_HEADER, packed.length));
  const start = skipHeader(head);
  if (packed.length < start + TRAILER) throw endsTooEarly();
  return start;
}

/** Checks what stands at `trailer`, behind a content of `length` bytes, and what follows; gives how much of that is no padding. */
function checkTrailer(packed: Packed, trailer: number, sum: number, length: number): number {
  const end = trailer + TRAILER;
  if (packed.length < end) throw endsTooEarly();
  const ignored = packed.length - afterZeros(packed, end);
  if (startsGzip(packed, packed.length - ignored) && !isRepeated(packed, end)) {
    throw new ArchiveRefused("ambiguous", "A second gzip stream follows the first");
  }
  const says = packed.slice(trailer, end);
  if (says.readUInt32LE(0) !== sum) throw new ArchiveRefused("corrupt", "Wrong gzip checksum");
  if (says.readUInt32LE(4) !== length % 2 ** 32) throw new ArchiveRefused("corrupt", "Wrong gzip length");
  return ignored;
}

function endsTooEarly(): ArchiveRefused {
  return new ArchiveRefused("truncated", "The gzip stream ends too early");
}

/** Where the first byte stands that is not zero, from `start` on. */
function afterZeros(packed: Packed, start: number): number {
  let at = start;
  for (const part of partsOf(packed, start, packed.length)) {
    const other = allZero(part, 0) ? -1 : part.findIndex((byte) => byte !== 0);
    if (other >= 0) return at + other;
    at += part.length;
  }
  return at;
}

/** Behind the first `length` bytes stand the same bytes once more, and nothing else. */
function isRepeated(packed: Packed, length: number): boolean {
  if (packed.length !== 2 * length) return false;
  let at = length;
  for (const part of partsOf(packed, 0, length)) {
    if (!part.equals(packed.slice(at, at + part.length))) return false;
    at += part.length;
  }
  return true;
}

function startsGzip(packed: Packed, at: number): boolean {
  return at + 2 <= packed.length && packed.slice(at, at + 2).equals(MAGIC);
}

function skipHeader(bytes: Buffer): number {
  if (bytes.length < HEADER) throw headerCut(bytes);
  const flags = bytes[3]!;
  if (bytes[2] !== 8 || (flags & HAS.reserved) !== 0) throw new ArchiveRefused("unsupported", "Unknown kind of gzip");
  let at = HEADER;
  if (flags & HAS.extra) at += 2 + (at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0);
  if (flags & HAS.name) at = afterNul(bytes, at);
  if (flags & HAS.comment) at = afterNul(bytes, at);
  if (flags & HAS.headerCrc) at = afterHeaderCrc(bytes, at);
  return at;
}

function afterNul(bytes: Buffer, from: number): number {
  const nul = bytes.indexOf(0, from);
  if (nul < 0) throw headerCut(bytes);
  return nul + 1;
}

function afterHeaderCrc(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) throw headerCut(bytes);
  if (bytes.readUInt16LE(at) !== (crc32(bytes.subarray(0, at)) & 0xffff)) {
    throw new ArchiveRefused("corrupt", "Wrong gzip header checksum");
  }
  return at + 2;
}

function headerCut({ length }: Buffer): ArchiveRefused {
  return length < LONGEST_HEADER
    ? new ArchiveRefused("truncated", "The gzip header ends too early")
    : new ArchiveRefused("too-large", "The gzip header is longer than the limit");
}
