import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { readFrame, readPortions, writeFrame } from "../lib/frames.ts";
import { PROCESSOR_TIME_EVERY_MS, processorMs } from "../lib/processor-time.ts";
import { RESIDENT_MEMORY_EVERY_MS, residentMemoryMb } from "../lib/resident-memory.ts";
import type { Limits } from "../limits.ts";
import { ANSWER_BYTES } from "./read-answer.ts";
import { printable } from "./run-detectors.ts";
import type { WorkerRequest, WorkerSettings } from "./worker-loop.ts";

export interface InspectorOptions {
  readonly limits: Limits;
  /** Folders that the process may read besides the program itself. */
  readonly readable: readonly string[];
  /** Module that the process runs; default: worker.ts beside this file. Tests put misbehaving ones here. */
  readonly worker?: string;
}

/** What became of one request: an answer that nobody has checked yet, or why there is none. */
export type Outcome =
  | { readonly kind: "answer"; readonly document: unknown }
  | { readonly kind: "failed"; readonly because: string }
  /** The process never became ready: not the artifact's fault. */
  | { readonly kind: "not-started"; readonly because: string };

/** One locked-down process. After an outcome other than `answer` it is dead. */
export interface Inspector {
  readonly alive: boolean;
  /** Requests answered. */
  readonly answered: number;
  /** Hands over one request at a time, with the bytes when it names no path. Never rejects. */
  run(request: WorkerRequest, bytes: Buffer | undefined): Promise<Outcome>;
  /** Ends the process at once; resolves when it is gone. */
  end(): Promise<void>;
}

/**
 * Nothing of ours. glibc is told to give large blocks back to the system when they are freed: it would otherwise keep those that texts of
 * bundles leave behind, some 80 MiB after a large package.
 */
const ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: "131072" };
/** Starting may take longer than an inspection on a busy machine. */
const START_MS = 60_000;
/** Bytes that the process may write to stderr, where an honest one writes nothing. */
const NOISE_BYTES = 64 << 10;
/** Processor time that an artifact gets beside `inspectionMs`: a quarter of a second for each MiB, or the largest libraries would never be read. */
const MS_PER_BYTE = 250 / 2 ** 20;
/** MiB of the bound that are left to what V8 does not count as heap, where memory is looked at too seldom to hold the bound. */
const OUTSIDE_HEAP_MB = 96;

/**
 * Starts a Node.js that may read the program, its dependencies and `readable`, and may do nothing else: no other file, no socket,
 * no program, thread, database or add-on, no code from strings, nothing of our environment. The permission model is no wall against hostile
 * *code*, and none runs there; it bounds what a mistake of our readers could do.
 */
export function startInspector(options: InspectorOptions): Inspector {
  const worker = options.worker ?? join(import.meta.dirname, `worker${import.meta.filename.slice(-3)}`);
  const child = spawn(process.execPath, [...lockedDown(options, worker), worker], {
    env: ENVIRONMENT,
    cwd: dirname(worker),
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const fate = watchFate(child, options.limits);
  // Writing to a process that has just died is an error of the pipe; what it means is told by its exit.
  child.stdin.on("error", () => {});
  child.stdin.write(writeFrame({ limits: options.limits } satisfies WorkerSettings));
  const answers = readPortions(child.stdout as Readable);
  const ready = withDeadline(readFrame(answers, ANSWER_BYTES), START_MS, () => fate.kill("did not start in time"));
  // It may die before anybody asks it for something.
  ready.catch(() => fate.kill("printed something that is no answer"));
  let isReady = false;
  let answered = 0;

  async function exchange(request: WorkerRequest, bytes: Buffer | undefined): Promise<Outcome> {
    child.stdin.write(writeFrame(request));
    if (bytes !== undefined) child.stdin.write(bytes);
    const { inspectionWallMs } = options.limits;
    const time = watchTime(child, options.limits.inspectionMs + request.size * MS_PER_BYTE, fate);
    const late = () => fate.kill(`took longer than ${inspectionWallMs / 1000} s`);
    const frame = await withDeadline(readFrame(answers, ANSWER_BYTES), inspectionWallMs, late).finally(time.stop);
    if (frame === undefined) return { kind: "failed", because: await fate.told };
    answered++;
    return { kind: "answer", document: frame.document };
  }

  return {
    get alive() {
      return fate.alive();
    },
    get answered() {
      return answered;
    },
    async run(request, bytes) {
      const memory = watchMemory(child, options.limits, fate);
      try {
        isReady = (await ready) !== undefined;
        if (!isReady) return { kind: "not-started", because: await fate.told };
        return await exchange(request, bytes);
      } catch {
        fate.kill("answered with something that is no answer");
        return { kind: isReady ? "failed" : "not-started", because: await fate.told };
      } finally {
        clearInterval(memory);
      }
    },
    async end() {
      fate.kill("was ended");
      await fate.told;
    },
  };
}

/** Why the process ended, which its exit code alone does not tell. */
interface Fate {
  alive(): boolean;
  /** Ends the process for a reason; the first reason stays. */
  kill(because: string): void;
  /** Settles when the process is gone: the end of a sentence that begins with "the inspector". */
  readonly told: Promise<string>;
}

function watchFate(child: ChildProcess, limits: Limits): Fate {
  let reason: string | undefined;
  let noise = "";
  const kill = (because: string) => {
    reason ??= because;
    child.kill("SIGKILL");
    // Output that nobody reads would keep the process's end from being seen.
    child.stdout?.destroy();
  };
  child.stderr?.on("data", (chunk: Buffer) => {
    if (noise.length < NOISE_BYTES) noise += chunk.toString("latin1");
    else kill("printed without end");
  });
  const told = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => resolve(reason ?? nameOfDeath(code, signal, noise, limits)));
  });
  return { alive: () => reason === undefined && child.exitCode === null && child.signalCode === null, kill, told };
}

function nameOfDeath(code: number | null, signal: string | null, noise: string, limits: Limits): string {
  if (/heap out of memory|allocation failed/i.test(noise)) return outOfMemory(limits);
  if (signal === "SIGKILL") return "was killed by the system, as it does when memory runs out";
  const [error] = /^\w*Error\b.{0,150}/m.exec(noise) ?? [];
  return `crashed (${signal ?? `exit code ${code}`})${error === undefined ? "" : `: ${printable(error, 200)}`}`;
}

function outOfMemory(limits: Limits): string {
  return `ran out of memory (${limits.inspectorMemoryMb} MiB)`;
}

function watchMemory(child: ChildProcess, limits: Limits, fate: Fate): NodeJS.Timeout {
  return setInterval(async () => {
    const used = child.pid === undefined ? undefined : await residentMemoryMb(child.pid);
    if (used !== undefined && used > limits.inspectorMemoryMb) fate.kill(outOfMemory(limits));
  }, RESIDENT_MEMORY_EVERY_MS);
}

/**
 * Ends the process when one request has used its processor time. Waiting does not count: on a busy machine an honest package may
 * take minutes, and would otherwise be withheld for what others do.
 */
function watchTime(child: ChildProcess, mostMs: number, fate: Fate): { readonly stop: () => void } {
  const started = performance.now();
  const used = child.pid === undefined ? undefined : processorMs(child.pid);
  const look = async () => {
    const before = await used;
    const now = child.pid === undefined ? undefined : await processorMs(child.pid);
    const told = before !== undefined && now !== undefined;
    const spent = told ? now - before : performance.now() - started;
    if (spent < mostMs || stopped) return;
    fate.kill(`took longer than ${Math.round(mostMs / 100) / 10} s${told ? " of processor time" : ""}`);
  };
  let stopped = false;
  void look();
  const timer = setInterval(look, PROCESSOR_TIME_EVERY_MS);
  return {
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

function lockedDown(options: InspectorOptions, worker: string): string[] {
  return [
    "--permission",
    ...[...programFolders(), dirname(worker), ...options.readable].map((folder) => `--allow-fs-read=${folder}`),
    `--max-old-space-size=${heapMb(options.limits)}`,
    // Measured on large sdists and wheels: with 8 it takes 10 % more processor time, with more than 16 only more memory.
    "--max-semi-space-size=16",
    "--disallow-code-generation-from-strings",
    // Node's embedded database opens and writes files past the permission model.
    "--no-experimental-sqlite",
    "--no-warnings",
  ];
}

/** V8's own bound. The closer a heap is to it, the more often V8 collects: where somebody else watches, it is far away. */
function heapMb({ inspectorMemoryMb }: Limits): number {
  if (RESIDENT_MEMORY_EVERY_MS < 100) return Math.max(64, Math.ceil(inspectorMemoryMb * 1.5));
  return Math.max(64, inspectorMemoryMb - OUTSIDE_HEAP_MB);
}

/** The program's sources, its package.json, and every folder where Node looks for its dependencies. */
function programFolders(): string[] {
  const sources = dirname(import.meta.dirname);
  const folders = [sources, join(dirname(sources), "package.json")];
  for (let folder = dirname(sources); ; folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    if (existsSync(modules)) folders.push(modules);
    if (folder === dirname(folder)) return folders;
  }
}

async function withDeadline<T>(work: Promise<T>, ms: number, late: () => void): Promise<T> {
  const timer = setTimeout(late, ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
