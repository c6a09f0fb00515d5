import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { EcosystemId } from "../catalog/model.ts";
import type { Packed } from "../lib/archives/packed.ts";
import { readFrame, readPortions, writeFrame } from "../lib/frames.ts";
import type { Limits } from "../limits.ts";
import type { Inspection, InspectionRequest, ReviewRequest } from "./model.ts";

/** The first frame that an inspector process gets. */
export interface WorkerSettings {
  readonly limits: Limits;
}

/** Each further frame: one artifact. `size` bytes follow the frame when it has no `path`. */
export interface WorkerRequest {
  readonly path?: string;
  readonly size: number;
  readonly filename: string;
  readonly ecosystem?: EcosystemId;
  readonly review?: ReviewRequest;
}

/** What an inspector process writes: once what it is, then one answer to each request. */
export type WorkerAnswer =
  | { readonly ready: string }
  | { readonly inspection: Inspection; readonly rssMb: number }
  | { readonly failed: string; readonly rssMb: number };

type Inspect = (request: InspectionRequest, limits: Limits) => Inspection | Promise<Inspection>;

/** Bytes of a request's frame without its artifact. */
const REQUEST_BYTES = 64 << 10;

/**
 * Answers requests from stdin on stdout until stdin ends. Plain frames instead of Node's own channel between processes:
 * the parent can bound what it reads before it reads it, and nothing but JSON is ever decoded there.
 */
export async function answerRequests(engine: string, inspect: Inspect): Promise<void> {
  // Ctrl-C and service managers signal the whole group; when to end is the parent's business, whose end closes stdin.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const input = readPortions(process.stdin);
  const settings = (await readFrame(input, REQUEST_BYTES))?.document as WorkerSettings | undefined;
  if (settings === undefined) return;
  answer({ ready: engine });
  for (;;) {
    const request = (await readFrame(input, REQUEST_BYTES))?.document as WorkerRequest | undefined;
    if (request === undefined) return;
    const sent = request.path === undefined ? await input.take(request.size) : undefined;
    answer(await respond(request, sent, settings.limits, inspect));
  }
}

async function respond(
  request: WorkerRequest,
  sent: Buffer | undefined,
  limits: Limits,
  inspect: Inspect,
): Promise<WorkerAnswer> {
  let file: number | undefined;
  try {
    file = sent === undefined ? openSync(request.path!, "r") : undefined;
    const bytes = sent ?? read(file!, limits.artifactBytes);
    const { filename, ecosystem, review } = request;
    const asked = { bytes, filename, ...(ecosystem && { ecosystem }), ...(review && { review }) };
    const inspection = await inspect(asked, limits);
    return { inspection, rssMb: rssMb() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error), rssMb: rssMb() };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Larger files are read where they are needed instead of wholly. */
const HELD = 32 << 20;

function read(file: number, maxBytes: number): Buffer | Packed {
  const { size } = fstatSync(file);
  if (size > maxBytes) throw new RangeError(`it is larger than ${maxBytes} bytes`);
  if (size <= HELD) return readPart(file, 0, size);
  return { length: size, slice: (start: number, end: number) => readPart(file, start, end - start) };
}

function readPart(file: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, start + filled);
    if (count === 0) throw new Error("it became shorter while it was read");
    filled += count;
  }
  return bytes;
}

function answer(document: WorkerAnswer): void {
  process.stdout.write(writeFrame(document));
}

function rssMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
