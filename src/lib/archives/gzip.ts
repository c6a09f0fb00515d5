import { crc32 } from "node:zlib";
import { ArchiveRefused } from "./archive.ts";
import { type ArchiveBudget, overspent, spendBytes, unheld } from "./budget.ts";
import { inflate } from "./inflate.ts";
import { allZero } from "./zeros.ts";

/** Header, and checksum with length behind the data (RFC 1952 §2.3). */
const HEADER = 10;
const TRAILER = 8;
const HAS = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/** What a gzip stream holds. */
export interface GzipContent {
  readonly content: Buffer;
  /** Bytes behind the stream that are no padding. */
  readonly ignored: number;
}

/**
 * The content of a gzip stream, counted against `budget`. Refuses a second member: some tools read on, some stop, some fail; but not
 * the very same one again, as broken uploads have it, because whoever reads on finds the same files. Zeros may follow: tar pads old archives to its blocks, and every tool skips them. Other bytes are counted: where the content says
 * itself where it ends, whoever reads it at all stops there, and who looks behind it fails.
 */
export function readGzip(bytes: Buffer, budget: ArchiveBudget): GzipContent {
  const start = skipHeader(bytes);
  if (bytes.length < start + TRAILER) throw new ArchiveRefused("truncated", "The gzip stream ends too early");
  // The length in the last four bytes makes one exact allocation possible; a lie must not make thousands of small ones.
  const expected = Math.max(bytes.readUInt32LE(bytes.length - 4), bytes.length);
  const content = inflate(bytes.subarray(start), expected, Math.min(budget.bytes, budget.held));
  if (content === undefined) throw budget.held < budget.bytes ? unheld() : overspent(budget);
  const trailer = start + content.used;
  if (bytes.length < trailer + TRAILER) throw new ArchiveRefused("truncated", "The gzip stream ends too early");
  const ignored = bytes.length - afterZeros(bytes, trailer + TRAILER);
  if (startsGzip(bytes, bytes.length - ignored) && !isRepeated(bytes, trailer + TRAILER)) {
    throw new ArchiveRefused("ambiguous", "A second gzip stream follows the first");
  }
  if (bytes.readUInt32LE(trailer) !== crc32(content.bytes)) throw new ArchiveRefused("corrupt", "Wrong gzip checksum");
  if (bytes.readUInt32LE(trailer + 4) !== content.bytes.length % 2 ** 32) {
    throw new ArchiveRefused("corrupt", "Wrong gzip length");
  }
  spendBytes(budget, content.bytes.length);
  return { content: content.bytes, ignored };
}

/** Where the first byte stands that is not zero, from `start` on. */
function afterZeros(bytes: Buffer, start: number): number {
  if (allZero(bytes, start)) return bytes.length;
  let at = start;
  while (bytes[at] === 0) at++;
  return at;
}

/** Behind the first `length` bytes stand the same bytes once more, and nothing else. */
function isRepeated(bytes: Buffer, length: number): boolean {
  return bytes.length === 2 * length && bytes.compare(bytes, 0, length, length) === 0;
}

function startsGzip(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
}

function skipHeader(bytes: Buffer): number {
  if (bytes.length < HEADER) throw new ArchiveRefused("truncated", "The gzip header ends too early");
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
  if (nul < 0) throw new ArchiveRefused("truncated", "The gzip header ends too early");
  return nul + 1;
}

function afterHeaderCrc(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) throw new ArchiveRefused("truncated", "The gzip header ends too early");
  if (bytes.readUInt16LE(at) !== (crc32(bytes.subarray(0, at)) & 0xffff)) {
    throw new ArchiveRefused("corrupt", "Wrong gzip header checksum");
  }
  return at + 2;
}
