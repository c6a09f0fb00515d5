import { read } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FileBody, PreparedBody, Reply } from "../ecosystems/ecosystem.ts";
import { giveBuffer, takeBuffer } from "../lib/buffers.ts";
import { sha256Hex } from "../lib/digest.ts";
import { FILE_CHANGED, openFile } from "../lib/open-files.ts";

/** Sends a reply: conditional requests (RFC 9110 §13), byte ranges (§14), compressed representations, HEAD. Ends the response in every case. */
export async function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { body } = reply;
  if (reply.reason !== undefined && request.httpVersionMajor === 1) response.statusMessage = reasonPhrase(reply.reason);
  if (body === undefined) return sendBytes(request, response, reply, undefined, reply.headers);
  if (typeof body === "string") return sendBytes(request, response, reply, Buffer.from(body), reply.headers);
  if (Buffer.isBuffer(body)) return sendBytes(request, response, reply, body, withEtag(reply, body));
  if (body.kind === "prepared") return sendPrepared(request, response, reply, body);
  return sendFile(request, response, reply, body);
}

/** A text that may stand on the status line: printable ASCII, at most 200 characters (RFC 9112 §4; the text comes from attackers). */
export function reasonPhrase(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** Whether the client accepts gzip (RFC 9110 §12.5.3; `q=0` declines). */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  return header.split(",").some((part) => {
    const [coding, ...params] = part.trim().toLowerCase().split(";");
    return (
      (coding === "gzip" || coding === "x-gzip" || coding === "*") &&
      !params.some((param) => /^\s*q=0(\.0+)?$/.test(param))
    );
  });
}

/** Headers of one representation of a prepared document: each has its own validator (RFC 9110 §8.8.3.3). */
export function preparedHeaders(reply: Reply, body: PreparedBody, zipped: boolean): Record<string, string> {
  const headers: Record<string, string> = { ...reply.headers, etag: `"${body.etag}${zipped ? "-gz" : ""}"` };
  if (body.gzip !== undefined) headers["vary"] = addVary(headers["vary"]);
  if (zipped) headers["content-encoding"] = "gzip";
  return headers;
}

function sendPrepared(request: IncomingMessage, response: ServerResponse, reply: Reply, body: PreparedBody): void {
  const zipped = body.gzip !== undefined && acceptsGzip(request.headers["accept-encoding"]);
  sendBytes(request, response, reply, zipped ? body.gzip : body.identity, preparedHeaders(reply, body, zipped));
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  bytes: Buffer | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  if (reply.status === 200 && isUnchanged(request, headers)) {
    response.writeHead(304, validatorsOf(headers));
    response.end();
    return;
  }
  response.writeHead(reply.status, { ...headers, "content-length": bytes?.length ?? 0 });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  file: FileBody,
): Promise<void> {
  const headers: Record<string, string> = { ...reply.headers, etag: `"${file.etag}"`, "accept-ranges": "bytes" };
  if (isUnchanged(request, headers)) {
    response.writeHead(304, validatorsOf(headers));
    response.end();
    return;
  }
  const range = readRange(request, headers, file.size);
  if (range === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${file.size}`, "content-length": 0 });
    response.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  const length = end - start + 1;
  if (range) headers["content-range"] = `bytes ${start}-${end}/${file.size}`;
  if (request.method === "HEAD") {
    response.writeHead(range ? 206 : 200, { ...headers, "content-length": length });
    response.end();
    return;
  }
  await sendSlice(response, file, range ? 206 : 200, headers, start, length);
}

async function sendSlice(
  response: ServerResponse,
  file: FileBody,
  status: number,
  headers: Record<string, string>,
  start: number,
  length: number,
): Promise<void> {
  const opened = await openFile(file.path, file);
  try {
    let buffer = takeBuffer();
    // Read before the head is written, so that a vanished or shortened file is an error and not a broken body.
    let filled = await fill(opened.fd, buffer, start, length);
    response.writeHead(status, { ...headers, "content-length": length });
    for (let sent = filled; ; sent += filled) {
      await write(response, buffer, filled);
      if (sent >= length || response.destroyed) break;
      buffer = takeBuffer();
      filled = await fill(opened.fd, buffer, start + sent, length - sent);
    }
    response.end();
  } catch (error) {
    opened.forget();
    throw error;
  } finally {
    opened.release();
  }
}

/** Reads as much as the buffer holds of what is left; throws when the file is shorter than it has to be. */
async function fill(fd: number, buffer: Buffer, position: number, left: number): Promise<number> {
  const wanted = Math.min(buffer.length, left);
  const got = await new Promise<number>((resolve, reject) =>
    read(fd, buffer, 0, wanted, position, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  );
  if (got !== wanted)
    throw Object.assign(new Error(`a stored file ends after ${position + got} bytes`), { code: FILE_CHANGED });
  return got;
}

/** Resolves when the system has taken the bytes, so that the buffer can be used again, or the client is gone; then nobody may know who still reads it. */
function write(response: ServerResponse, buffer: Buffer, length: number): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.write(buffer.subarray(0, length), (error) => {
      response.off("close", resolve);
      if (!error) giveBuffer(buffer);
      resolve();
    });
  });
}

/** One byte range (RFC 9110 §14.2); several ranges, or one that another validator guards, are answered whole. */
function readRange(
  request: IncomingMessage,
  headers: Readonly<Record<string, string>>,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const text = request.headers.range;
  const guard = request.headers["if-range"];
  if (text === undefined || (guard !== undefined && guard !== headers["etag"])) return undefined;
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text.trim());
  if (!parts || (parts[1] === "" && parts[2] === "")) return undefined;
  if (parts[1] === "") {
    const suffix = Number(parts[2]);
    return suffix === 0 || size === 0 ? "unsatisfiable" : { start: Math.max(0, size - suffix), end: size - 1 };
  }
  const start = Number(parts[1]);
  const end = parts[2] === "" ? size - 1 : Math.min(Number(parts[2]), size - 1);
  if (start >= size) return "unsatisfiable";
  return start > end ? undefined : { start, end };
}

/** If-None-Match decides alone when it is there; else If-Modified-Since (RFC 9110 §13.2.2). */
function isUnchanged(request: IncomingMessage, headers: Readonly<Record<string, string>>): boolean {
  const tags = request.headers["if-none-match"];
  const etag = headers["etag"];
  if (tags !== undefined)
    return (
      etag !== undefined &&
      (tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag))
    );
  const since = request.headers["if-modified-since"];
  const modified = headers["last-modified"];
  if (since === undefined || modified === undefined) return false;
  const sinceMs = Date.parse(since);
  return Number.isFinite(sinceMs) && Date.parse(modified) <= sinceMs;
}

/** The headers that a 304 repeats (RFC 9110 §15.4.5). */
export function validatorsOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["etag", "last-modified", "cache-control", "vary", "expires", "content-location"])
    if (headers[name] !== undefined) kept[name] = headers[name];
  return kept;
}

function withEtag(reply: Reply, body: Buffer): Readonly<Record<string, string>> {
  if (reply.status !== 200 || reply.headers["etag"] !== undefined) return reply.headers;
  return { ...reply.headers, etag: `"${sha256Hex(body).slice(0, 32)}"` };
}

function addVary(vary: string | undefined): string {
  if (vary === undefined) return "Accept-Encoding";
  return /accept-encoding/i.test(vary) ? vary : `${vary}, Accept-Encoding`;
}
