import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { unknown } from "../../inspection/judge.ts";
import type { Inspection, ReviewRequest } from "../../inspection/model.ts";
import type { InspectorPool } from "../../inspection/pool.ts";
import { inOrder } from "../../lib/in-order.ts";
import { type Before, changedPlaces, compareWith } from "./before.ts";
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
  /** The release before, to compare with. */
  readonly before?: Promise<readonly Before[]>;
  /** Whether the texts of changed files are wanted as well. */
  readonly diff?: boolean;
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
  for (const file of files) results.push(await resultFor(file, subject, pool, options));
  return results;
}

async function resultFor(
  file: SubjectFile,
  { lockfile }: Subject,
  pool: InspectorPool,
  options: RunOptions,
): Promise<Result> {
  const alone = await inspectFile(file, pool, options.review);
  const compared = options.before && compareWith(alone, file, await options.before);
  const { inspection, before } = compared ?? { inspection: alone };
  const result = resultOf(file.path, inspection, lockfile);
  if (before === undefined) return result;
  const comparison = { path: before.path, sha256: before.inspection.sha256, verdict: before.inspection.verdict.word };
  if (!options.diff) return { ...result, before: comparison };
  const places = changedPlaces(inspection, before.inspection);
  const [oldTexts, newTexts] = await Promise.all([before.texts(places), textsOf(file, pool, places)]);
  const { facts, review } = before.inspection;
  const known = {
    ...(facts && { facts }),
    ...(inspection.facts && { factsNow: inspection.facts }),
    ...(review && { review }),
  };
  return { ...result, before: { ...comparison, ...known, oldTexts, newTexts } };
}

/** Inspects the release before; rejects with the reason when there is none to be had. What cannot be inspected compares with nothing. */
export async function inspectBefore(
  target: string,
  pool: InspectorPool,
  options: SubjectOptions,
): Promise<readonly Before[]> {
  const found: Before[] = [];
  for await (const subject of subjectsOf([target], options)) {
    for (const file of await subject.open()) {
      const inspection = await inspectFile(file, pool, { texts: [] });
      const texts = (places: readonly string[]) => textsOf(file, pool, places);
      found.push({ path: file.path, inspection, ...(file.listed && { listed: file.listed }), texts });
    }
  }
  return found;
}

async function textsOf(file: SubjectFile, pool: InspectorPool, texts: readonly string[]) {
  return (await inspectFile(file, pool, { texts })).review?.texts ?? {};
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
