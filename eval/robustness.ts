import type { VerdictWord } from "../src/catalog/model.ts";
import type { Inspection } from "../src/inspection/model.ts";
import type { InspectorPool } from "../src/inspection/pool.ts";
import { inOrder } from "../src/lib/in-order.ts";
import { recallOf, type SampleJudged } from "./figures.ts";
import type { Sample } from "./malware.ts";
import { obfuscated } from "./obfuscate/archive.ts";
import type { Obfuscation } from "./obfuscate/obfuscation.ts";

/** Recall on the same samples before and after one obfuscation; shares are means over campaigns, 0 to 1. */
export interface Robustness {
  readonly name: string;
  readonly what: string;
  readonly hold: Change;
  readonly block: Change;
  /** Archives that became unknown: withheld in service, counted as not found here. */
  readonly unknown: number;
}

interface Change {
  readonly before: number;
  readonly after: number;
  /** Points of a hundred; below zero when more is found than before. */
  readonly lost: number;
}

export interface RobustnessReport {
  readonly archives: number;
  readonly campaigns: number;
  readonly obfuscations: readonly Robustness[];
}

export interface Measuring {
  readonly pool: InspectorPool;
  readonly samples: AsyncGenerator<{ readonly sample: Sample; readonly bytes: Buffer | undefined }>;
  readonly obfuscations: readonly Obfuscation[];
  /** Fixes what is random in the obfuscations. */
  readonly seed: string;
  readonly atOnce: number;
  /** Told of every inspection; `name` is "" for the archive as it was. */
  readonly note: (name: string, sample: Sample, inspection: Inspection) => void;
}

/** Inspects each sample as it is and under each obfuscation. */
export async function measureRobustness(measuring: Measuring): Promise<RobustnessReport> {
  const judged = new Map<string, SampleJudged[]>();
  const results = inOrder(measuring.samples, (one) => judgeAll(one, measuring), {
    atOnce: measuring.atOnce,
    ahead: 100,
  });
  for await (const one of results) {
    for (const [name, verdict] of one) judged.set(name, [...(judged.get(name) ?? []), verdict]);
  }
  const before = recallOf(judged.get("") ?? []);
  return {
    archives: before.archives,
    campaigns: before.campaigns,
    obfuscations: measuring.obfuscations.map(({ name, what }) => {
      const after = recallOf(judged.get(name) ?? []);
      const change = (tier: "hold" | "block") => changeOf(before[tier].perCampaign, after[tier].perCampaign);
      return { name, what, hold: change("hold"), block: change("block"), unknown: after.unknown };
    }),
  };
}

async function judgeAll(
  { sample, bytes }: { readonly sample: Sample; readonly bytes: Buffer | undefined },
  { pool, obfuscations, seed, note }: Measuring,
): Promise<(readonly [string, SampleJudged])[]> {
  if (bytes === undefined) return [];
  const filename = sample.path.slice(sample.path.lastIndexOf("/") + 1);
  const results: (readonly [string, SampleJudged])[] = [];
  for (const obfuscation of [undefined, ...obfuscations]) {
    const rewritten = obfuscation === undefined ? bytes : obfuscated(bytes, obfuscation, `${seed} ${sample.path}`);
    const inspection = await pool.inspect({ bytes: rewritten }, { filename });
    const name = obfuscation?.name ?? "";
    note(name, sample, inspection);
    const word: VerdictWord = inspection.verdict.word;
    results.push([name, { ...sample, word, ms: inspection.ms }]);
  }
  return results;
}

function changeOf(before: number, after: number): Change {
  return { before, after, lost: (before - after) * 100 };
}
