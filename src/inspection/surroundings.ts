import type { Finding, Verdict } from "../catalog/model.ts";
import type { Comparison, Surrounded } from "./comparison.ts";
import { COMPARISONS } from "./comparisons/index.ts";

import { probability } from "./judge.ts";
import { printable } from "./run-detectors.ts";
import { WEIGHTS, type Weights } from "./weights.ts";

/** What comparisons see of a release among its surroundings, and which detectors the release before had set off already. */
export interface Comparing {
  readonly findings: readonly Finding[];
  /** Ids; empty where there is no release before. */
  readonly known: readonly string[];
}

/** Findings kept of one comparison. */
const MOST_EACH = 10;

/** What all comparisons see, at most ten findings each, with what each is worth at most. Pure; the same surroundings give the same findings. */
export function compareRelease(
  release: Surrounded,
  comparisons: readonly Comparison[] = COMPARISONS,
): readonly Finding[] {
  const { ecosystem } = release.facts;
  return comparisons
    .filter((one) => ecosystem === "unknown" || one.ecosystems.includes(ecosystem))
    .flatMap((comparison) => seenBy(comparison, release));
}

function seenBy(comparison: Comparison, release: Surrounded): Finding[] {
  const findings: Finding[] = [];
  for (const { path, line, says, severity, phase = "none", share = 1 } of comparison.compare(release)) {
    if (findings.length >= MOST_EACH) break;
    const worth = comparison.points * share;
    findings.push({
      detector: comparison.id,
      severity: severity ?? comparison.severity,
      path,
      line: line ?? null,
      says: printable(says, 300),
      weighed: { phase, share, worth, points: 0 },
    });
  }
  return findings;
}

/**
 * The verdict of a release among its surroundings, and the findings with what each brought. Comparisons bring at most
 * `contextShare` of what those detectors bring that the release before had not set off, and never more than `context`: alone they bring
 * nothing, and what a project always did is not held against it because something else changed. Those that count alone bring all.
 */
export function judgeAmong(
  verdict: Verdict,
  { findings, known }: Comparing,
  weights: Weights = WEIGHTS,
): { readonly verdict: Verdict; readonly findings: readonly Finding[] } {
  const { scale } = verdict;
  if (scale === undefined || verdict.word === "unknown") return { verdict, findings };
  const all = [...Map.groupBy(findings, ({ detector }) => detector).values()].map(worthiest);
  const alone = all.filter(({ detector }) => COUNT_ALONE.has(detector));
  const strongest = all.filter(({ detector }) => !COUNT_ALONE.has(detector));
  const worth = strongest.reduce((sum, one) => sum + worthOf(one), 0);
  const news = verdict.contributions.filter(({ detector }) => !known.includes(detector));
  const room = news.reduce((sum, { points }) => sum + Math.max(points, 0), 0) * weights.contextShare;
  const brought = Math.min(worth, room, weights.context);
  if (brought <= 0 && alone.length === 0) return { verdict, findings };
  const points = new Map(alone.map((one) => [one, round(worthOf(one))]));
  if (brought > 0) for (const one of strongest) points.set(one, round((worthOf(one) * brought) / worth));
  const added = [...points.keys()].map((one) => ({ detector: one.detector, points: points.get(one) ?? 0 }));
  return {
    verdict: withContributions(verdict, scale, added),
    findings: findings.map((one) => ({ ...one, weighed: { ...one.weighed!, points: points.get(one) ?? 0 } })),
  };
}

const COUNT_ALONE = new Set(COMPARISONS.filter(({ alone }) => alone).map(({ id }) => id));

function withContributions(
  verdict: Verdict,
  scale: NonNullable<Verdict["scale"]>,
  added: Verdict["contributions"],
): Verdict {
  const contributions = [...verdict.contributions, ...added].sort(
    (a, b) => b.points - a.points || (a.detector < b.detector ? -1 : 1),
  );
  const score = probability(contributions.reduce((sum, { points }) => sum + points, scale.prior));
  const word = score >= scale.block ? "malicious" : score >= scale.hold ? "suspicious" : "clean";
  return { ...verdict, word, score, contributions };
}

function worthiest(findings: readonly Finding[]): Finding {
  return findings.reduce((best, one) => (worthOf(one) > worthOf(best) ? one : best));
}

function worthOf({ weighed }: Finding): number {
  return weighed?.worth ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
