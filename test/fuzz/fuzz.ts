import { isDeepStrictEqual } from "node:util";
import { mutate, randomFrom } from "./mutate.ts";
import type { Target } from "./targets.ts";

/** How long to go on: until either is reached. */
export interface Effort {
  readonly seed: number;
  /** Of processor time. */
  readonly seconds: number;
  readonly inputs: number;
}

export interface Outcome {
  readonly inputs: number;
  /** Processor time of the slowest input. */
  readonly slowestMs: number;
  /** At most ten. */
  readonly failures: readonly { readonly bytes: Buffer; readonly says: string }[];
}

/** Processor time that no input of 64 KiB may take: an inspection has thirty seconds for all of a release. */
const LONGEST_MS = 5_000;
const MOST_FAILURES = 10;

/** Gives a target mutants of its seeds. Each has to be read within its time, without an error that is not the reader's own, and twice alike. */
export function fuzz(target: Target, { seed, seconds, inputs: most }: Effort): Outcome {
  const random = randomFrom(seed);
  const corpus = [...target.seeds];
  const failures: { bytes: Buffer; says: string }[] = [];
  const until = milliseconds() + seconds * 1_000;
  let slowestMs = 0;
  let inputs = 0;
  for (; inputs < most && milliseconds() < until && failures.length < MOST_FAILURES; inputs++) {
    const bytes = mutate(corpus[random(corpus.length)]!, corpus, random);
    const started = milliseconds();
    const says = problemWith(target, bytes, inputs % 8 === 0);
    const took = milliseconds() - started;
    slowestMs = Math.max(slowestMs, took);
    if (says !== undefined) failures.push({ bytes, says });
    else if (took > LONGEST_MS) failures.push({ bytes, says: `it took ${Math.round(took)} ms` });
    // Mutants of mutants go further from what the seeds say.
    else if (random(20) === 0) corpus[corpus.length < 400 ? corpus.length : random(corpus.length)] = bytes;
  }
  return { inputs, slowestMs, failures };
}

/** What is wrong with how the target reads `bytes`; undefined when nothing is. */
export function problemWith(target: Target, bytes: Buffer, twice: boolean): string | undefined {
  try {
    const first = target.read(Buffer.from(bytes));
    if (twice && !isDeepStrictEqual(first, target.read(Buffer.from(bytes))))
      return "it is read differently the second time";
    return undefined;
  } catch (error) {
    return (error as Error).stack ?? String(error);
  }
}

function milliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
