import type { Verdict } from "../catalog/model.ts";
import type { Detector } from "./detector.ts";
import type { Evidence } from "./run-detectors.ts";
import { WEIGHTS, type Weights } from "./weights.ts";

/**
 * The verdict on a release from what detectors saw: log-odds are added up (the strongest detector of a group fully, others
 * little; capabilities capped below the threshold) and turned into a probability. `contributions` add up to the whole score.
 * `failures`, when there are any, make the verdict `unknown`: what was not looked at is not clean.
 */
export function judge(
  evidence: readonly Evidence[],
  failures: readonly string[],
  detectors: readonly Detector[],
  weights: Weights = WEIGHTS,
): Verdict {
  const contributions = contributionsOf(evidence, detectors, weights);
  const sum = contributions.reduce((total, { points }) => total + points, weights.prior);
  // Not rounded: policy takes the points of excepted detectors out of its log-odds again.
  const score = 1 / (1 + Math.exp(-Math.min(Math.max(sum, -MOST_LOG_ODDS), MOST_LOG_ODDS)));
  const word = score >= weights.block ? "malicious" : score >= weights.hold ? "suspicious" : "clean";
  if (word !== "malicious" && failures.length > 0) return unknown(`a detector failed: ${failures[0]}`, contributions);
  return { word, score, contributions };
}

/** Beyond this a double holds 0 or 1 and no log-odds any more. */
const MOST_LOG_ODDS = 30;

/** The verdict on what could not be inspected: treated as the worst, with the reason. */
export function unknown(because: string, contributions: Verdict["contributions"] = []): Verdict {
  return { word: "unknown", score: 1, because, contributions };
}

interface Weighed {
  readonly detector: Detector;
  readonly points: number;
}

function contributionsOf(evidence: readonly Evidence[], detectors: readonly Detector[], weights: Weights) {
  const strongest = strongestPerDetector(evidence, detectors, weights);
  const counted = [...Map.groupBy(strongest, (one) => one.detector.group).values()].flatMap((group) =>
    group.map((one, rank) => (rank === 0 ? one : { ...one, points: one.points * weights.furtherOfGroup })),
  );
  const capabilities = counted.filter((one) => one.detector.class === "capability");
  const threats = counted.filter((one) => one.detector.class === "threat");
  return [...threats, ...capped(capabilities, weights.capabilities)]
    .map((one) => ({ detector: one.detector.id, points: round(one.points) }))
    .sort((a, b) => b.points - a.points || (a.detector < b.detector ? -1 : 1));
}

/** Each detector once, by its worst sighting, strongest first. */
function strongestPerDetector(
  evidence: readonly Evidence[],
  detectors: readonly Detector[],
  weights: Weights,
): Weighed[] {
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  const best = new Map<string, Weighed>();
  for (const { finding, phase, share } of evidence) {
    const detector = byId.get(finding.detector);
    if (detector === undefined) continue;
    const points = (weights.points[detector.id] ?? detector.points) * weights.phases[phase] * share;
    if (points > (best.get(detector.id)?.points ?? 0)) best.set(detector.id, { detector, points });
  }
  return [...best.values()].sort((a, b) => b.points - a.points || (a.detector.id < b.detector.id ? -1 : 1));
}

/** Scaled down together so that their sum stays within `most`: many things that code can do are not yet a suspicion. */
function capped(weighed: readonly Weighed[], most: number): readonly Weighed[] {
  const sum = weighed.reduce((total, one) => total + one.points, 0);
  return sum <= most ? weighed : weighed.map((one) => ({ ...one, points: (one.points * most) / sum }));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
