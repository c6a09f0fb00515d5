import type { Verdict, Weighed } from "../catalog/model.ts";
import type { Detector } from "./detector.ts";
import type { Evidence } from "./run-detectors.ts";
import { WEIGHTS, type Weights } from "./weights.ts";

/**
 * The verdict on a release from what detectors saw: log-odds are added up (the strongest detector of a group fully, others
 * little; capabilities, and many weak signs without a strong one, capped below the threshold; circumstances
 * only where the rest holds the release) and turned into a probability. `contributions` add up to the whole score.
 * `failures`, when there are any, say what was not looked at and make the verdict `unknown`, the first of them being the reason, unless
 * the rest suffices for malicious: what was not looked at is not clean.
 */
export function judge(
  evidence: readonly Evidence[],
  failures: readonly string[],
  detectors: readonly Detector[],
  weights: Weights = WEIGHTS,
): Verdict {
  const contributions = contributionsOf(strongestOf(evidence, detectors, weights), weights);
  const sum = contributions.reduce((total, { points }) => total + points, weights.prior);
  // Not rounded: policy takes the points of excepted detectors out of its log-odds again.
  const score = probability(sum);
  const word = score >= weights.block ? "malicious" : score >= weights.hold ? "suspicious" : "clean";
  if (word !== "malicious" && failures.length > 0) return unknown(failures[0]!, contributions);
  const { prior, hold, block } = weights;
  return { word, score, contributions, scale: { prior, hold, block } };
}

/**
 * The judge's account: for each piece of evidence, in its order, what it was worth and what it brought. A detector counts once,
 * by its strongest finding; the others bring 0. The points add up to the verdict's contributions.
 */
export function weigh(
  evidence: readonly Evidence[],
  detectors: readonly Detector[],
  weights: Weights = WEIGHTS,
): readonly Weighed[] {
  const strongest = strongestOf(evidence, detectors, weights);
  const points = new Map(contributionsOf(strongest, weights).map((one) => [one.detector, one.points]));
  const counted = new Map(strongest.map(({ detector, at }) => [at, points.get(detector.id) ?? 0]));
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  return evidence.map((one, at) => ({
    phase: one.phase,
    share: round(one.share),
    worth: round(worthOf(one, byId, weights)),
    points: counted.get(at) ?? 0,
  }));
}

/** The evidence without circumstances that bring nothing: most releases are small, which nobody needs to be told. */
export function telling(
  evidence: readonly Evidence[],
  detectors: readonly Detector[],
  weights: Weights = WEIGHTS,
): readonly Evidence[] {
  const silent = new Set(detectors.filter((one) => one.class === "circumstance").map(({ id }) => id));
  if (!evidence.some(({ finding }) => silent.has(finding.detector))) return evidence;
  const weighed = weigh(evidence, detectors, weights);
  return evidence.filter(({ finding }, at) => !silent.has(finding.detector) || weighed[at]!.points > 0);
}

/** Log-odds as a probability. */
export function probability(logOdds: number): number {
  return 1 / (1 + Math.exp(-Math.min(Math.max(logOdds, -MOST_LOG_ODDS), MOST_LOG_ODDS)));
}

/** Beyond this a double holds 0 or 1 and no log-odds any more. */
const MOST_LOG_ODDS = 30;

/** The verdict on what could not be inspected: treated as the worst, with the reason. */
export function unknown(because: string, contributions: Verdict["contributions"] = []): Verdict {
  return { word: "unknown", score: 1, because, contributions };
}

/** A detector by its strongest finding. */
interface Counted {
  readonly detector: Detector;
  /** Which piece of evidence. */
  readonly at: number;
  readonly points: number;
}

function contributionsOf(strongest: readonly Counted[], weights: Weights): Verdict["contributions"] {
  const counted = [...Map.groupBy(strongest, (one) => one.detector.group).values()].flatMap((group) =>
    group.map((one, rank) => (rank === 0 ? one : { ...one, points: one.points * weights.furtherOfGroup })),
  );
  const capabilities = counted.filter((one) => one.detector.class === "capability");
  const threats = counted.filter((one) => one.detector.class === "threat");
  const all = [...threats, ...capped(capabilities, weights.capabilities)];
  const known = capped(all, ceilingOf(all, weights));
  const circumstances = counted.filter((one) => one.detector.class === "circumstance");
  return [...known, ...(areDeedsPlain(known, weights) ? circumstances : [])]
    .map((one) => ({ detector: one.detector.id, points: round(one.points) }))
    .sort((a, b) => b.points - a.points || (a.detector < b.detector ? -1 : 1));
}

/**
 * Whether they hold a release even without what is said about its name and by its description, and do so by more than one sign of
 * medium weight, which a harmless release may show.
 */
function areDeedsPlain(counted: readonly Counted[], { noDeeds, prior, hold, corroborated }: Weights): boolean {
  const deeds = counted.filter(({ detector }) => !noDeeds.includes(detector.group)).map(({ points }) => points);
  const held = probability(deeds.reduce((sum, points) => sum + points, prior)) >= hold;
  return (
    held &&
    (deeds.some((points) => points >= corroborated.alone) ||
      deeds.filter((points) => points >= corroborated.together).length > 1)
  );
}

/** What the strongest of them allows all of them together. */
function ceilingOf(counted: readonly Counted[], { hints, doubts }: Weights): number {
  const strongest = counted.reduce((most, { points }) => Math.max(most, points), 0);
  return strongest < hints.from ? hints.most : strongest < doubts.from ? doubts.most : Number.POSITIVE_INFINITY;
}

/** Each detector once, by its worst sighting, strongest first. */
function strongestOf(evidence: readonly Evidence[], detectors: readonly Detector[], weights: Weights): Counted[] {
  const byId = new Map(detectors.map((detector) => [detector.id, detector]));
  const best = new Map<string, Counted>();
  for (const [at, one] of evidence.entries()) {
    const detector = byId.get(one.finding.detector);
    if (detector === undefined) continue;
    const points = worthOf(one, byId, weights);
    if (points > (best.get(detector.id)?.points ?? 0)) best.set(detector.id, { detector, at, points });
  }
  return [...best.values()].sort((a, b) => b.points - a.points || (a.detector.id < b.detector.id ? -1 : 1));
}

function worthOf({ finding, phase, share }: Evidence, byId: ReadonlyMap<string, Detector>, weights: Weights): number {
  const detector = byId.get(finding.detector);
  if (detector === undefined) return 0;
  return (weights.points[detector.id] ?? detector.points) * weights.phases[phase] * share;
}

/** Scaled down together so that their sum stays within `most`: many things that code can do are not yet a suspicion. */
function capped(weighed: readonly Counted[], most: number): readonly Counted[] {
  const sum = weighed.reduce((total, one) => total + one.points, 0);
  return sum <= most ? weighed : weighed.map((one) => ({ ...one, points: (one.points * most) / sum }));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
