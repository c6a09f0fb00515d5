import type { Finding, Phase, Verdict } from "../catalog/model.ts";
import { probability } from "./judge.ts";

/** How a verdict came about, as data: prior + points of the findings = sum, whose probability lies in one of the tiers. */
export interface Account {
  /** Log-odds of a release about which nothing is known. */
  readonly prior: number;
  readonly sum: number;
  readonly probability: number;
  /** Probabilities from which a release is suspicious and malicious. */
  readonly hold: number;
  readonly block: number;
  /** Those findings that brought something, most first. */
  readonly entries: readonly AccountEntry[];
}

export interface AccountEntry {
  readonly detector: string;
  readonly points: number;
  /** What it would have been worth alone. */
  readonly worth: number;
  readonly phase?: Phase;
  readonly share?: number;
  /** Position of the finding it was counted by; absent where older engines did not record it. */
  readonly finding?: number;
}

/** The account of a verdict and its findings; undefined where nothing was weighed or an older engine recorded no scale. */
export function accountOf({ contributions, scale }: Verdict, findings: readonly Finding[]): Account | undefined {
  if (scale === undefined) return undefined;
  const { prior, hold, block } = scale;
  const sum = contributions.reduce((total, { points }) => total + points, prior);
  const entries = contributions.map(({ detector, points }): AccountEntry => {
    const at = findings.findIndex((one) => one.detector === detector && (one.weighed?.points ?? 0) !== 0);
    const weighed = findings[at]?.weighed;
    if (weighed === undefined) return { detector, points, worth: points };
    return { detector, points, worth: weighed.worth, phase: weighed.phase, share: weighed.share, finding: at };
  });
  return { prior, sum, probability: probability(sum), hold, block, entries };
}

/** Why an entry brought less than it is worth. */
export function lessThanWorth({ points, worth }: AccountEntry): string | undefined {
  if (worth - points < 0.005) return undefined;
  return `of ${worth.toFixed(2)}, as others say the same or such findings count little together`;
}
