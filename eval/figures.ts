import type { VerdictWord } from "../src/catalog/model.ts";

/** How one archive was judged; tiers are the engine's own thresholds (hold: suspicious or malicious, block: malicious). */
export interface Judged {
  readonly path: string;
  readonly word: VerdictWord;
  readonly ms: number;
}

export interface SampleJudged extends Judged {
  readonly campaign: string;
  readonly stratum: string;
}

/** Shares are 0 to 1. Unknown is neither found nor clean: in service it is withheld, here it counts for nobody. */
export interface Recall {
  readonly archives: number;
  readonly campaigns: number;
  readonly unknown: number;
  readonly hold: Shares;
  readonly block: Shares;
  /** Per stratum: mean over campaigns at hold tier. */
  readonly strata: Readonly<Record<string, { readonly campaigns: number; readonly hold: number }>>;
}

interface Shares {
  /** Mean over campaigns of the share found in each: the primary figure. */
  readonly perCampaign: number;
  /** Standard error of it. */
  readonly standardError: number;
  readonly perArchive: number;
}

export interface FalsePositives {
  readonly archives: number;
  readonly missing: number;
  readonly hold: Rate;
  readonly block: Rate;
  readonly unknown: Rate;
}

interface Rate {
  readonly count: number;
  readonly share: number;
  /** Upper end of the 95 % interval (Wilson, one-sided; 3/n at zero). */
  readonly atMost: number;
}

export interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function recallOf(judged: readonly SampleJudged[]): Recall {
  const strata = Map.groupBy(judged, ({ stratum }) => stratum);
  return {
    archives: judged.length,
    campaigns: new Set(judged.map(({ campaign }) => campaign)).size,
    unknown: judged.filter(({ word }) => word === "unknown").length,
    hold: sharesOf(judged, isHeld),
    block: sharesOf(judged, isBlocked),
    strata: Object.fromEntries(
      [...strata].sort().map(([name, of]) => {
        return [name, { campaigns: campaignShares(of, isHeld).length, hold: mean(campaignShares(of, isHeld)) }];
      }),
    ),
  };
}

export function falsePositivesOf(judged: readonly Judged[], missing: number): FalsePositives {
  const rate = (is: (one: Judged) => boolean) => rateOf(judged.filter(is).length, judged.length);
  return {
    archives: judged.length,
    missing,
    hold: rate(isHeld),
    block: rate(isBlocked),
    unknown: rate(({ word }) => word === "unknown"),
  };
}

export function timesOf(judged: readonly { readonly ms: number }[]): Times {
  const sorted = judged.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

export function isHeld({ word }: Judged): boolean {
  return word === "suspicious" || word === "malicious";
}

export function isBlocked({ word }: Judged): boolean {
  return word === "malicious";
}

function sharesOf(judged: readonly SampleJudged[], is: (one: Judged) => boolean): Shares {
  const shares = campaignShares(judged, is);
  const perCampaign = mean(shares);
  const variance = mean(shares.map((share) => (share - perCampaign) ** 2));
  return {
    perCampaign,
    standardError: Math.sqrt(variance / Math.max(1, shares.length)),
    perArchive: judged.filter(is).length / Math.max(1, judged.length),
  };
}

function campaignShares(judged: readonly SampleJudged[], is: (one: Judged) => boolean): number[] {
  const campaigns = Map.groupBy(judged, ({ campaign }) => campaign);
  return [...campaigns.values()].map((of) => of.filter(is).length / of.length);
}

function rateOf(count: number, of: number): Rate {
  if (of === 0) return { count, share: 0, atMost: 1 };
  const share = count / of;
  if (count === 0) return { count, share, atMost: Math.min(1, 3 / of) };
  const z = 1.645;
  const centre = share + (z * z) / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return { count, share, atMost: Math.min(1, (centre + spread) / (1 + (z * z) / of)) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
