import { createInflateRaw, type InflateRaw, inflateRawSync } from "node:zlib";
import { ArchiveRefused } from "./archive.ts";
import { PART, type Packed, partsOf } from "./packed.ts";

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
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw refusalOf(error, path);
  }
}

/**
 * Inflates the raw deflate stream that begins at `start` and ends before `end`, without holding what it holds: each part goes to
 * `take`, which may end it with false. Gives how many packed bytes the stream took, `undefined` when it was ended. Throws as `inflate`
 * does, and what `take` throws.
 */
export async function inflateParts(
  packed: Packed,
  start: number,
  end: number,
  take: (part: Buffer) => boolean,
  path?: string,
): Promise<number | undefined> {
  const inflater = createInflateRaw({ chunkSize: PART });
  const feeding = feed(inflater, partsOf(packed, start, end)).catch((error) => inflater.destroy(error));
  try {
    for await (const part of inflater) if (!take(part as Buffer)) return undefined;
    await feeding;
  } catch (error) {
    throw refusalOf(error, path);
  } finally {
    inflater.destroy();
  }
  return inflater.bytesWritten;
}

/** Writes until the stream has enough of it; its errors are told to whoever reads. */
async function feed(inflater: InflateRaw, parts: Iterable<Buffer>): Promise<void> {
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

function refusalOf(error: unknown, path: string | undefined): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "Z_BUF_ERROR") return new ArchiveRefused("truncated", "Compressed data end too early", path);
  if (code === "Z_DATA_ERROR" || code === "Z_NEED_DICT") {
    return new ArchiveRefused("corrupt", "Compressed data are damaged", path);
  }
  return error;
}
