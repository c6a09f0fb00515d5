import type { Detector } from "../src/inspection/detector.ts";
import type { Phase } from "../src/inspection/model.ts";
import type { Weights } from "../src/inspection/weights.ts";

/** What was seen in one archive: each detector's strongest share by the phase it counts in. */
export interface Seen {
  readonly detector: string;
  readonly phase: Phase;
  readonly share: number;
}

/** One archive to fit on. */
export interface Row {
  readonly evidence: readonly Seen[];
  /** Campaign of a malicious archive; absent for a harmless one. */
  readonly campaign?: string;
  /** How much the archive counts. */
  readonly weight: number;
}

const ROUNDS = 4;
const STEPS = 80;
const STEP = 0.4;
/** How dearly a detector's points leave what its author proposed, who knows more than a few hundred campaigns show. */
const STIFFNESS = 0.004;
/** Least and most of the proposal that the fit may make of it. */
const RANGE = [0.6, 1.35] as const;

/**
 * Points of all threat detectors by logistic regression on `rows`, prior, phases and shares as they are: each stays positive, within
 * `RANGE` of its proposal and near it where the rows say little. The same rows give the same points.
 */
export function fitPoints(
  rows: readonly Row[],
  detectors: readonly Detector[],
  weights: Weights,
): Readonly<Record<string, number>> {
  const byId = new Map(detectors.filter((one) => one.class === "threat").map((one) => [one.id, one]));
  const scale = new Map([...byId.keys()].map((id) => [id, 1]));
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  for (let round = 0; round < ROUNDS; round++) {
    // Which detector of a group counts fully depends on the points, so it is told anew each round.
    const features = rows.map((row) => featuresOf(row, byId, scale, weights));
    for (let step = 0; step < STEPS; step++) descend(rows, features, scale, weights.prior, total);
  }
  return Object.fromEntries(
    [...scale]
      .map(([id, factor]) => [id, Math.round(byId.get(id)!.points * factor * 100) / 100] as const)
      .filter(([id, points]) => Math.abs(points - byId.get(id)!.points) >= 0.05)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

type Features = readonly { readonly id: string; readonly worth: number }[];

/** What each detector is worth in this archive at its proposed points; the further ones of a group count less. */
function featuresOf(
  { evidence }: Row,
  byId: ReadonlyMap<string, Detector>,
  scale: ReadonlyMap<string, number>,
  weights: Weights,
): Features {
  const best = new Map<string, number>();
  for (const { detector, phase, share } of evidence) {
    const known = byId.get(detector);
    if (known === undefined) continue;
    best.set(detector, Math.max(best.get(detector) ?? 0, known.points * weights.phases[phase] * share));
  }
  const sorted = [...best].sort(([a, x], [b, y]) => y * scale.get(b)! - x * scale.get(a)! || (a < b ? -1 : 1));
  const groups = new Set<string>();
  return sorted.map(([id, worth]) => {
    const { group } = byId.get(id)!;
    const counted = groups.has(group) ? worth * weights.furtherOfGroup : worth;
    groups.add(group);
    return { id, worth: counted };
  });
}

function descend(
  rows: readonly Row[],
  features: readonly Features[],
  scale: Map<string, number>,
  prior: number,
  total: number,
): void {
  const slope = new Map([...scale].map(([id, factor]) => [id, 2 * STIFFNESS * (factor - 1)]));
  for (const [at, row] of rows.entries()) {
    const own = features[at]!;
    if (own.length === 0) continue;
    const sum = own.reduce((logOdds, { id, worth }) => logOdds + worth * scale.get(id)!, prior);
    const error = (1 / (1 + Math.exp(-sum)) - (row.campaign === undefined ? 0 : 1)) * (row.weight / total);
    for (const { id, worth } of own) slope.set(id, slope.get(id)! + error * worth);
  }
  for (const [id, factor] of scale) {
    scale.set(id, Math.min(RANGE[1], Math.max(RANGE[0], factor - STEP * slope.get(id)!)));
  }
}
