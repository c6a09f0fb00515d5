import type { Readable } from "node:stream";

/** Bytes of a stream in the portions that a protocol asks for. */
export interface ByteReader {
  /** The next `length` bytes; undefined when the stream ends before. */
  take(length: number): Promise<Buffer | undefined>;
}

/** Reads `stream` by portions; keeps at most one chunk more than was asked for. */
export function readPortions(stream: Readable): ByteReader {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  return {
    async take(length) {
      if (rest.length < length) {
        const portion = Buffer.allocUnsafe(length);
        let filled = rest.copy(portion);
        while (filled < length) {
          const next = await chunks.next();
          if (next.done === true) return undefined;
          const copied = next.value.copy(portion, filled);
          filled += copied;
          rest = next.value.subarray(copied);
        }
        return portion;
      }
      const portion = rest.subarray(0, length);
      rest = rest.subarray(length);
      return portion;
    },
  };
}

/** A JSON document as a frame: four bytes of length, big endian, then UTF-8. */
export function writeFrame(document: unknown): Buffer {
  const text = JSON.stringify(document);
  const frame = Buffer.allocUnsafe(4 + Buffer.byteLength(text));
  frame.writeUInt32BE(frame.length - 4);
  frame.write(text, 4);
  return frame;
}

/** The next frame's document; undefined at the end of the stream. Throws when it is longer than `maxBytes` or not JSON. */
export async function readFrame(reader: ByteReader, maxBytes: number): Promise<{ document: unknown } | undefined> {
  const head = await reader.take(4);
  if (head === undefined) return undefined;
  const length = head.readUInt32BE();
  if (length > maxBytes) throw new RangeError(`a frame of ${length} bytes where ${maxBytes} are allowed`);
  const body = await reader.take(length);
  return body === undefined ? undefined : { document: JSON.parse(body.toString("utf8")) as unknown };
}
