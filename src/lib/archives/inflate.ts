import { inflateRawSync } from "node:zlib";
import { ArchiveRefused } from "./archive.ts";

/** Deflate cannot do better than this, so a larger declared size is a lie that is not worth allocating for. */
const BEST_DEFLATE_RATIO = 1032;
const SMALLEST_CHUNK = 64;

/** What one deflate stream at the start of `input` held, and how many bytes of `input` it took. */
export interface Inflated {
  readonly bytes: Buffer;
  readonly used: number;
}

/**
 * Inflates the raw deflate stream at the start of `packed`. `expected` is a hint for one exact allocation and may be a lie;
 * `undefined` when it holds more than `most` bytes. Throws ArchiveRefused `truncated` or `corrupt`.
 */
export function inflate(packed: Buffer, expected: number, most: number, path?: string): Inflated | undefined {
  const possible = Math.min(most, packed.length * BEST_DEFLATE_RATIO);
  const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(expected, possible) + SMALLEST_CHUNK);
  try {
    const done = inflateRawSync(packed, { chunkSize, maxOutputLength: Math.max(1, most), info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return done.buffer.length > most ? undefined : { bytes: done.buffer, used: done.engine.bytesWritten };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ERR_BUFFER_TOO_LARGE") return undefined;
    if (code === "Z_BUF_ERROR") throw new ArchiveRefused("truncated", "Compressed data end too early", path);
    if (code === "Z_DATA_ERROR" || code === "Z_NEED_DICT") {
      throw new ArchiveRefused("corrupt", "Compressed data are damaged", path);
    }
    throw error;
  }
}
