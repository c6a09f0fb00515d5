import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { refuse } from "../errors.ts";

/** A request's body, decompressed, at most `limit` bytes. Throws TOO_LARGE and BAD_REQUEST. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "gzip" && encoding !== "identity")
    throw refuse("BAD_REQUEST", { why: "the body is compressed in a way that is not understood; gzip is" });
  const source: Readable = encoding === "gzip" ? pipeline(request, createGunzip(), () => {}) : request;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw refuse("TOO_LARGE", { what: "the request", limit: `${limit} bytes` });
      chunks.push(chunk);
    }
  } catch (error) {
    if ((error as { code?: string }).code === "TOO_LARGE") throw error;
    throw refuse("BAD_REQUEST", { why: "the body could not be read" });
  }
  return Buffer.concat(chunks);
}
