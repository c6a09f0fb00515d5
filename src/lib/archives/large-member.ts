import { createHash } from "node:crypto";
import { crc32, createInflateRaw } from "node:zlib";
import { ArchiveRefused, type LargeMember } from "./archive.ts";
import type { Packed } from "./packed.ts";
import { STORED, wrongEnd, wrongSize } from "./zip.ts";
import type { ZipRecord } from "./zip-directory.ts";

/** Bytes of compressed data, and of content, that are looked at together. */
const CHUNK = 1 << 18;
const HEAD = 1 << 20;
/** What a zip's end record would take. */
const TAIL = 22;

/**
 * Passes once over the content of the zip member whose data begin at `start`, without ever holding it, and gives each part of it to
 * `look`, which may end the pass with false; then there is no answer. Size, checksum and the end of its data are checked as for any
 * member: throws ArchiveRefused.
 */
export async function passOver(
  packed: Packed,
  record: ZipRecord,
  start: number,
  look: (part: Buffer) => boolean,
): Promise<LargeMember | undefined> {
  const hash = createHash("sha256");
  const head = Buffer.alloc(Math.min(HEAD, record.size));
  let tail: Buffer = Buffer.alloc(0);
  let size = 0;
  let sum = 0;
  for await (const part of contentOf(packed, record, start)) {
    if (size + part.length > record.size) throw wrongSize(record);
    if (size < head.length) part.copy(head, size);
    size += part.length;
    sum = crc32(part, sum);
    hash.update(part);
    tail = Buffer.concat([tail, part.subarray(-TAIL)]).subarray(-TAIL);
    if (!look(part)) return undefined;
  }
  if (size !== record.size) throw wrongSize(record);
  if (sum !== record.crc) throw new ArchiveRefused("corrupt", "A member has a wrong checksum", record.name);
  return { size, head, tail, sha256: hash.digest("hex") };
}

async function* contentOf(packed: Packed, record: ZipRecord, start: number): AsyncIterable<Buffer> {
  if (record.method === STORED) {
    yield* partsOf(packed, start, start + record.packed);
    return;
  }
  const inflater = createInflateRaw({ chunkSize: CHUNK });
  const feeding = feed(inflater, partsOf(packed, start, start + record.packed));
  try {
    for await (const part of inflater) yield part as Buffer;
    await feeding;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR") {
      throw new ArchiveRefused("truncated", "Compressed data end too early", record.name);
    }
    if (code?.startsWith("Z_")) throw new ArchiveRefused("corrupt", "Compressed data are damaged", record.name);
    throw error;
  } finally {
    inflater.destroy();
  }
  if (inflater.bytesWritten !== record.packed) throw wrongEnd(record);
}

function* partsOf(packed: Packed, start: number, end: number): Iterable<Buffer> {
  for (let at = start; at < end; at += CHUNK) yield packed.slice(at, Math.min(end, at + CHUNK));
}

/** Writes until the stream has enough of it; errors are told to whoever reads. */
async function feed(inflater: ReturnType<typeof createInflateRaw>, parts: Iterable<Buffer>): Promise<void> {
  for (const part of parts) {
    if (inflater.destroyed || inflater.readableEnded) return;
    if (!inflater.write(part)) {
      await new Promise<void>((resolve) => {
        const go = () => {
          for (const event of ["drain", "close", "end", "error"]) inflater.off(event, go);
          resolve();
        };
        for (const event of ["drain", "close", "end", "error"]) inflater.on(event, go);
      });
    }
  }
  inflater.end();
}
