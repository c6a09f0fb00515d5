/** `node tools/node/run.mjs eval/reliability.ts DETAILS...`: whether scores are the probabilities they claim to be. See README.md. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** What a line of a details file tells about one archive. */
export interface Scored {
  readonly set: string;
  readonly path: string;
  readonly word: string;
  readonly score: number;
  /** Campaign of malware; absent for a harmless archive. */
  readonly campaign?: string;
}

/** Scores of one range. `claimed` and `observed` are 0 to 1; `observed` is what of the weight in the range is malware. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly malware: number;
  readonly harmless: number;
  readonly claimed: number;
  readonly observed: number;
}

/** Upper ends of the ranges; the thresholds are among them. */
const EDGES = [0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1] as const;

/** Mean score and share of malware per range of scores, without empty ranges; campaigns count alike and together as much as `weights` says. */
export function binsOf(all: readonly Scored[], weights: ReadonlyMap<Scored, number>): readonly Bin[] {
  return EDGES.flatMap((to, at) => {
    const from = EDGES[at - 1] ?? 0;
    const within = all.filter(({ score }) => score >= from && (score < to || to === 1));
    if (within.length === 0) return [];
    const malware = within.filter(({ campaign }) => campaign !== undefined);
    const total = weightOf(within, weights);
    const claimed = within.reduce((sum, one) => sum + one.score * weights.get(one)!, 0) / total;
    const harmless = within.length - malware.length;
    return [{ from, to, malware: malware.length, harmless, claimed, observed: weightOf(malware, weights) / total }];
  });
}

/** Weights of archives that come to 1: `odds` harmless ones to one of malware, campaigns alike, however many archives each has. */
export function weightsOf(all: readonly Scored[], odds: number): ReadonlyMap<Scored, number> {
  const campaigns = Map.groupBy(all, ({ campaign }) => campaign);
  const malware = campaigns.size - (campaigns.has(undefined) ? 1 : 0);
  return new Map(
    all.map((one) => {
      const of = campaigns.get(one.campaign)?.length ?? 1;
      return [one, (one.campaign === undefined ? odds / of : 1 / malware / of) / (odds + 1)];
    }),
  );
}

/** The table with the mean gap between claim and observation (weighted), and the mean squared error (Brier). */
export function writeReliability(all: readonly Scored[], odds: number): string {
  const weights = weightsOf(all, odds);
  const bins = binsOf(all, weights);
  const gap = bins.reduce((sum, { from, to, claimed, observed }) => {
    const within = all.filter(({ score }) => score >= from && (score < to || to === 1));
    return sum + Math.abs(claimed - observed) * weightOf(within, weights);
  }, 0);
  const brier = all.reduce(
    (sum, one) => sum + (one.score - (one.campaign === undefined ? 0 : 1)) ** 2 * weights.get(one)!,
    0,
  );
  return [
    `reliability at ${odds} harmless releases to one of malware`,
    "  score         malware  harmless  claimed  observed",
    ...bins.map(({ from, to, malware, harmless, claimed, observed }) =>
      [
        `  ${from.toFixed(2)} - ${to.toFixed(2)}`,
        String(malware).padStart(8),
        String(harmless).padStart(9),
        claimed.toFixed(3).padStart(8),
        observed.toFixed(3).padStart(9),
      ].join(" "),
    ),
    `  mean gap ${gap.toFixed(4)}, mean squared error ${brier.toFixed(4)}`,
    "",
  ].join("\n");
}

function weightOf(some: readonly Scored[], weights: ReadonlyMap<Scored, number>): number {
  return some.reduce((sum, one) => sum + weights.get(one)!, 0);
}

/** The archives that were judged; what is unknown has no probability, and GuardDog's scores are not ours. */
function readScored(file: string): readonly Scored[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Scored)
    .filter(({ set, word }) => word !== "unknown" && set !== "guarddog");
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { odds: { type: "string", default: "6" } },
  });
  process.stdout.write(writeReliability(positionals.flatMap(readScored), Number(values.odds)));
}
