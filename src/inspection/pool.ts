import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { EcosystemId } from "../catalog/model.ts";
import { sha256Hex } from "../lib/digest.ts";
import { fairQueue } from "../lib/fair-queue.ts";
import type { Log } from "../lib/log.ts";
import type { Limits } from "../limits.ts";
import { type Inspector, type InspectorOptions, type Outcome, startInspector } from "./inspector-process.ts";
import { unknown } from "./judge.ts";
import type { Inspection, ReviewRequest } from "./model.ts";
import { readInspection } from "./read-answer.ts";
import { printable } from "./run-detectors.ts";
import type { WorkerRequest } from "./worker-loop.ts";

export interface PoolOptions extends InspectorOptions {
  /** Most processes at once; they are started when there is work for them. */
  readonly size: number;
  /** Processes that are started at once, because work will come soon; default 0. */
  readonly warm?: number;
  readonly log: Log;
}

/** Where the artifact is: a path below one of the pool's readable folders is read by the inspector itself, any other by us. */
export type ArtifactSource = { readonly path: string } | { readonly bytes: Buffer };

export interface ArtifactNote {
  readonly filename: string;
  readonly ecosystem?: EcosystemId;
  /** Lower-case hex, when known: an inspection of other bytes is not accepted. */
  readonly sha256?: string;
  /** Whether somebody waits for it; background work comes after. Default true. */
  readonly urgent?: boolean;
  /** On whose behalf: parties take turns. Default: one common party. */
  readonly party?: string;
  /** Asks for what a person needs to see beside the findings. */
  readonly review?: ReviewRequest;
}

/** Processes that inspect artifacts, one at a time each. */
export interface InspectorPool {
  /**
   * Inspects one artifact. Never rejects: what could not be inspected, for whatever reason, has the verdict `unknown` that
   * says why.
   */
  inspect(source: ArtifactSource, note: ArtifactNote): Promise<Inspection>;
  /** How much there is to do: artifacts waiting and running, and the mean milliseconds that the last ones took. */
  load(): { readonly waiting: number; readonly running: number; readonly meanMs: number };
  /** Whether the pool was closed: what became unknown since then says nothing about the artifact. */
  readonly closed: boolean;
  /** Ends all processes; what waits or runs becomes unknown. */
  close(): Promise<void>;
}

interface Job {
  readonly source: ArtifactSource;
  readonly note: ArtifactNote;
  readonly settle: (inspection: Inspection) => void;
  attempts: number;
}

/** A process that does not start is not the artifact's fault: another one is tried. */
const START_ATTEMPTS = 3;
/** Part of its memory bound above which a process is replaced before the next artifact. */
const FULL_AT = 0.6;

/** Opens a pool; `close` it, or its processes keep the program running. */
export function openInspectorPool(options: PoolOptions): InspectorPool {
  const { limits, log } = options;
  const readable = new Set(options.readable.map((folder) => resolve(folder)));
  const queue = fairQueue<Job>();
  const idle: Inspector[] = [];
  const busy = new Set<Inspector>();
  let closed = false;
  let engine = "none";
  let meanMs = 0;
  for (let started = 0; started < Math.min(options.warm ?? 0, options.size); started++)
    idle.push(startInspector(options));

  function dispatch(): void {
    while (queue.size > 0) {
      const inspector = takeIdle(idle) ?? (busy.size < options.size ? startInspector(options) : undefined);
      if (inspector === undefined) return;
      busy.add(inspector);
      void work(inspector, queue.shift()!);
    }
  }

  async function work(inspector: Inspector, job: Job): Promise<void> {
    const started = performance.now();
    job.attempts++;
    const outcome = await attempt(inspector, job, readable, limits);
    busy.delete(inspector);
    if (closed || isSpent(inspector, outcome, limits)) void inspector.end();
    else idle.push(inspector);
    if (outcome.kind === "not-started" && job.attempts < START_ATTEMPTS && !closed) {
      queue.push(job, job.note.party ?? "", job.note.urgent ?? true);
    } else {
      const inspection = await conclude(outcome, job, limits, engine, performance.now() - started);
      if (inspection.verdict.word === "unknown") {
        log.warn({ filename: job.note.filename, because: inspection.verdict.because }, "could not inspect an artifact");
      } else engine = inspection.engine;
      meanMs += (performance.now() - started - meanMs) / 8;
      job.settle(inspection);
    }
    dispatch();
  }

  return {
    inspect(source, note) {
      return new Promise((settle) => {
        const job: Job = { source, note, settle, attempts: 0 };
        if (closed) void conclude(CLOSED, job, limits, engine, 0).then(settle);
        else queue.push(job, note.party ?? "", note.urgent ?? true);
        dispatch();
      });
    },
    load: () => ({ waiting: queue.size, running: busy.size, meanMs }),
    get closed() {
      return closed;
    },
    async close() {
      closed = true;
      for (const job of queue.drain()) void conclude(CLOSED, job, limits, engine, 0).then(job.settle);
      await Promise.all([...idle.splice(0), ...busy].map((inspector) => inspector.end()));
    },
  };
}

const CLOSED: Outcome = { kind: "failed", because: "was ended" };

function takeIdle(idle: Inspector[]): Inspector | undefined {
  for (let inspector = idle.pop(); inspector !== undefined; inspector = idle.pop()) {
    if (inspector.alive) return inspector;
    void inspector.end();
  }
  return undefined;
}

/** Hands the job to the process, or says why not. */
async function attempt(
  inspector: Inspector,
  { source, note }: Job,
  readable: ReadonlySet<string>,
  limits: Limits,
): Promise<Outcome> {
  try {
    const size = "bytes" in source ? source.bytes.length : (await stat(source.path)).size;
    if (size > limits.artifactBytes) {
      return { kind: "failed", because: `is larger than the limit of ${limits.artifactBytes} bytes` };
    }
    const ecosystem = note.ecosystem === undefined ? {} : { ecosystem: note.ecosystem };
    const request: WorkerRequest = {
      size,
      filename: note.filename.slice(-1_000),
      ...ecosystem,
      ...(note.review && { review: note.review }),
    };
    if ("bytes" in source) return await inspector.run(request, source.bytes);
    if (isBelow(source.path, readable)) return await inspector.run({ ...request, path: source.path }, undefined);
    const bytes = await readFile(source.path);
    return await inspector.run({ ...request, size: bytes.length }, bytes);
  } catch (error) {
    return { kind: "failed", because: `could not be read: ${messageOf(error)}` };
  }
}

/** Whether a path is one of `folders` or lies below one. */
function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    if (folders.has(at)) return true;
    if (at === dirname(at)) return false;
  }
}

/** Whether the process is dead, has done its share, or has grown so much that the next artifact would suffer for it. */
function isSpent(inspector: Inspector, outcome: Outcome, limits: Limits): boolean {
  if (!inspector.alive || inspector.answered >= limits.inspectionsPerProcess) return true;
  const told = outcome.kind === "answer" ? (outcome.document as { rssMb?: unknown } | null)?.rssMb : 0;
  return typeof told !== "number" || told > limits.inspectorMemoryMb * FULL_AT;
}

async function conclude(outcome: Outcome, job: Job, limits: Limits, engine: string, ms: number): Promise<Inspection> {
  const answer = outcome.kind === "answer" ? readAnswer(outcome.document, job.note, limits) : outcome.because;
  if (typeof answer !== "string") return answer;
  const sha256 = job.note.sha256 ?? (await sha256Of(job.source, limits));
  return { sha256, engine, findings: [], facts: undefined, verdict: unknown(answer), ms };
}

/** The inspection, or why there is none. */
function readAnswer(document: unknown, note: ArtifactNote, limits: Limits): Inspection | string {
  const { inspection, failed } = (document ?? {}) as { inspection?: unknown; failed?: unknown };
  if (typeof failed === "string") return `inspection failed: ${printable(failed, 200)}`;
  try {
    const answer = readInspection(inspection, limits);
    if (note.sha256 === undefined || note.sha256 === answer.sha256) return answer;
    return `its bytes have the digest ${answer.sha256} instead of ${note.sha256}`;
  } catch (error) {
    return `the inspector's answer is invalid (${messageOf(error)})`;
  }
}

/** Empty when the bytes cannot be read. */
async function sha256Of(source: ArtifactSource, limits: Limits): Promise<string> {
  if ("bytes" in source) return sha256Hex(source.bytes);
  try {
    const hash = createHash("sha256");
    if ((await stat(source.path)).size > limits.artifactBytes) return "";
    for await (const chunk of createReadStream(source.path)) hash.update(chunk as Buffer);
    return hash.digest("hex");
  } catch {
    return "";
  }
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error), 200);
}
