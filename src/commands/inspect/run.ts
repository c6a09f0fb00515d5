import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { unknown } from "../../inspection/judge.ts";
import type { Inspection, ReviewRequest } from "../../inspection/model.ts";
import type { InspectorPool } from "../../inspection/pool.ts";
import { inOrder } from "../../lib/in-order.ts";
import { type Result, resultOf } from "./result.ts";
import { type Subject, type SubjectFile, type SubjectOptions, subjectsOf } from "./subjects.ts";

/** Subjects worked on at once beside those that inspectors are busy with: they wait for the network. */
const BESIDE_INSPECTORS = 6;
/** Results kept because one before them takes long. */
const AHEAD = 2_000;

/** How targets are found, and what is told of them. */
export interface RunOptions extends SubjectOptions {
  /** Asks for what a person needs to see beside the findings. */
  readonly review?: ReviewRequest;
}

/** Results for everything that `targets` name, in their order. */
export async function* inspectAll(
  targets: readonly string[],
  pool: InspectorPool,
  jobs: number,
  options: RunOptions,
): AsyncGenerator<Result> {
  const bounds = { atOnce: jobs + BESIDE_INSPECTORS, ahead: AHEAD };
  const work = (subject: Subject) => inspectSubject(subject, pool, options);
  for await (const results of inOrder(subjectsOf(targets, options), work, bounds)) yield* results;
}

/** More single files than this, and inspectors may read their folders instead: each path is an argument of each process. */
const SINGLE_FILES = 32;

/** Folders and files that inspectors may read for these targets; none of a name that Node would take for a pattern. */
export function readablePaths(targets: readonly string[]): string[] {
  const present = targets
    .filter((target) => !target.startsWith("pkg:"))
    .map((target) => ({ path: resolve(target), stat: statSync(target, { throwIfNoEntry: false }) }));
  const folders = present.filter(({ stat }) => stat?.isDirectory()).map(({ path }) => path);
  const files = present.filter(({ stat }) => stat?.isFile()).map(({ path }) => path);
  const readable = [...folders, ...(files.length > SINGLE_FILES ? files.map((path) => dirname(path)) : files)];
  return [...new Set(readable)].filter((path) => !path.includes("*")).slice(0, MOST_READABLE);
}

/** Beyond this we read for the inspectors. */
const MOST_READABLE = 200;

async function inspectSubject(subject: Subject, pool: InspectorPool, options: RunOptions): Promise<Result[]> {
  let files: readonly SubjectFile[];
  try {
    files = await subject.open();
  } catch (error) {
    return [resultOf(subject.path, unavailable(error), subject.lockfile)];
  }
  const results: Result[] = [];
  for (const file of files)
    results.push(resultOf(file.path, await inspectFile(file, pool, options.review), subject.lockfile));
  return results;
}

async function inspectFile(file: SubjectFile, pool: InspectorPool, review?: ReviewRequest): Promise<Inspection> {
  try {
    const { filename, ecosystem } = file;
    const source = await file.source();
    const absolute = "path" in source ? { path: resolve(source.path) } : source;
    return await pool.inspect(absolute, { filename, ...(ecosystem && { ecosystem }), ...(review && { review }) });
  } catch (error) {
    return unavailable(error);
  }
}

function unavailable(error: unknown): Inspection {
  const because = error instanceof Error ? error.message : String(error);
  return { sha256: "", engine: "none", findings: [], facts: undefined, verdict: unknown(because), ms: 0 };
}
