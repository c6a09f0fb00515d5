import { refuse } from "../errors.ts";

/**
 * The container of a backup: a plain tar, so that any tool can look inside. Only what we write is read back.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar)
 */

const BLOCK = 512;
/** Larger sizes do not fit into eleven octal digits and are written in base 256, as GNU tar does. */
const OCTAL_LIMIT = 8 ** 11;

/** The header block of a file; names have at most 100 ASCII characters. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100) throw new RangeError(`the name is too long for a tar: ${name}`);
  header.write(name, 0, "latin1");
  header.write("0000600\0" + "0000000\0" + "0000000\0", 100, "latin1");
  if (size < OCTAL_LIMIT) {
    header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  } else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(`${"0".repeat(11)}\0`, 136, "latin1");
  header.write("        0", 148, "latin1");
  header.write("ustar\0" + "00", 257, "latin1");
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** What fills a file's last block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What ends a tar. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** One file of a tar being read; `chunks` must be read to its end before the next file. */
export interface TarFile {
  readonly name: string;
  readonly size: number;
  readonly chunks: AsyncIterable<Buffer>;
}

/** The files of a tar as it streams by. Throws BACKUP_DAMAGED when it is no tar of ours or ends early. */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarFile> {
  const reader = openReader(stream);
  try {
    for (;;) {
      const header = await reader.exactly(BLOCK);
      if (header.every((byte) => byte === 0)) return;
      const { name, size } = readHeader(header);
      yield { name, size, chunks: reader.upTo(size) };
      await reader.exactly(tarPadding(size).length);
    }
  } finally {
    await reader.close();
  }
}

function readHeader(header: Buffer): { name: string; size: number } {
  const recorded = Number.parseInt(header.toString("latin1", 148, 156), 8);
  const isFile = header[156] === 0x30;
  const size =
    header[124] === 0x80
      ? Number(header.readBigUInt64BE(128))
      : Number.parseInt(header.toString("latin1", 124, 135), 8);
  if (recorded !== checksum(header) || !isFile || !Number.isSafeInteger(size))
    throw damaged("it is not a backup, or was changed");
  return { name: header.toString("latin1", 0, 100).replace(/\0.*$/s, ""), size };
}

/** The sum of the header's bytes with blanks in place of the sum itself. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

interface Reader {
  exactly(size: number): Promise<Buffer>;
  upTo(size: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

function openReader(stream: AsyncIterable<Buffer>): Reader {
  const source = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  async function* upTo(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      if (rest.length === 0) {
        const next = await source.next();
        if (next.done) throw damaged("it ends too early");
        rest = next.value;
      }
      const chunk = rest.subarray(0, left);
      rest = rest.subarray(chunk.length);
      left -= chunk.length;
      if (chunk.length > 0) yield chunk;
    }
  }
  return {
    upTo,
    async close() {
      await source.return?.();
    },
    async exactly(size) {
      const chunks: Buffer[] = [];
      for await (const chunk of upTo(size)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

function damaged(why: string): Error {
  return refuse("BACKUP_DAMAGED", { why });
}
