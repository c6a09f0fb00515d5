import type { Finding } from "../catalog/model.ts";
import type { Limits } from "../limits.ts";
import type { Detector } from "./detector.ts";
import { codeOf } from "./detectors/_sight.ts";
import type { Phase, ReleaseTree, Sighting } from "./model.ts";
import type { Hits } from "./prefilter.ts";
import { WEIGHTS } from "./weights.ts";

/** A finding together with when what it saw runs; the judge weighs by it. */
export interface Evidence {
  readonly finding: Finding;
  readonly phase: Phase;
  /** Share of the detector's points, 0 to 1. */
  readonly share: number;
}

export interface DetectorRun {
  /** In the order of the detector list, then as seen; the same tree gives the same evidence. */
  readonly evidence: readonly Evidence[];
  /** `id: message` of each detector that threw: what it would have found is not known. */
  readonly failures: readonly string[];
}

/**
 * What `detectors` see in `tree`, at most `limits.findings` findings and `limits.findingsPerDetector` of each detector. Where there are
 * more, those that count most are kept, of every detector its strongest first: no number of harmless sights hides another.
 */
export function runDetectors(
  tree: ReleaseTree,
  detectors: readonly Detector[],
  limits: Pick<Limits, "findings" | "findingsPerDetector">,
): DetectorRun {
  const seen: Evidence[][] = [];
  const failures: string[] = [];
  const hits = hitLiterals(tree);
  for (const detector of detectors) {
    if (!concerns(detector, tree, hits)) continue;
    const found: Evidence[] = [];
    try {
      for (const item of see(detector, tree)) found.push(item);
    } catch (error) {
      failures.push(`${detector.id}: ${printable(error instanceof Error ? error.message : String(error), 120)}`);
    }
    if (found.length > MOST_SEEN) failures.push(`${detector.id}: it saw more than ${MOST_SEEN} things`);
    seen.push(strongest(found, limits.findingsPerDetector));
  }
  return { evidence: within(seen, limits.findings), failures };
}

/** Sights of one detector that are weighed against each other. */
const MOST_SEEN = 2_000;

/** The `most` that weigh most, in the order they were seen. */
function strongest(found: readonly Evidence[], most: number): Evidence[] {
  if (found.length <= most) return [...found];
  const kept = new Set(found.toSorted((a, b) => weightOf(b) - weightOf(a)).slice(0, most));
  return found.filter((one) => kept.has(one));
}

function weightOf({ phase, share }: Evidence): number {
  return WEIGHTS.phases[phase] * share;
}

/** At most `most` of all: the strongest of each detector, the second strongest of each, and so on, in the order of detectors. */
function within(seen: readonly (readonly Evidence[])[], most: number): Evidence[] {
  const all = seen.flat();
  if (all.length <= most) return all;
  const ranked = seen.flatMap((found) =>
    found.toSorted((a, b) => weightOf(b) - weightOf(a)).map((one, rank) => ({ one, rank })),
  );
  const kept = new Set(
    ranked
      .toSorted((a, b) => a.rank - b.rank)
      .slice(0, most)
      .map(({ one }) => one),
  );
  return all.filter((one) => kept.has(one));
}

/** `text` on one line, control and invisible characters escaped, at most `length` characters. */
export function printable(text: string, length: number): string {
  let line = "";
  for (const character of text) {
    const shown = UNPRINTABLE.test(character) ? `\\u{${character.codePointAt(0)?.toString(16)}}` : character;
    if (line.length + shown.length > length - 1) return `${line}…`;
    line += shown;
  }
  return line;
}

const UNPRINTABLE = /\p{C}|\p{M}|\u2028|\u2029/u;

/** What occurs in any file of the tree; nothing when it has none. */
function hitLiterals({ files: [first, ...rest] }: ReleaseTree): Hits | undefined {
  return first?.hits.with(rest.map(({ hits }) => hits));
}

function concerns(detector: Detector, tree: ReleaseTree, hits: Hits | undefined): boolean {
  if (tree.ecosystem !== "unknown" && !detector.ecosystems.includes(tree.ecosystem)) return false;
  return detector.literals === undefined || hits?.hasAny(detector.literals) === true;
}

/** Share that counts of what stands in tests, documentation and scripts for developers, which no user runs. */
const APART = 0.5;

/** The same of what an install hook reaches over more than a few files: of a whole program that it loads, it calls little. */
const FAR = 0.6;

/** Code files of a release up to which what runs when it is called counts fully. */
const FEW_FILES = 100;

/**
 * Share that counts of what runs only when somebody calls it: among thousands of files some start, fetch or decode something for a
 * reason that nobody can see from outside, and such findings would add up.
 */
function shareOfCalls(tree: ReleaseTree): number {
  return 1 / (1 + 0.7 * Math.log10(Math.max(1, codeOf(tree).length / FEW_FILES)));
}

function* see(detector: Detector, tree: ReleaseTree): Iterable<Evidence> {
  const seen = new Set<string>();
  for (const sighting of detector.detect(tree)) {
    if (seen.size > MOST_SEEN) return;
    const finding = toFinding(detector, sighting);
    const key = `${finding.path}\0${finding.line}\0${finding.says}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const file = tree.file(sighting.path);
    const phase = sighting.phase ?? file?.phase ?? "install";
    const aside = (file?.apart === true ? APART : 1) * (file?.isFar === true ? FAR : 1);
    const share = (sighting.share ?? 1) * aside * (phase === "call" ? shareOfCalls(tree) : 1);
    yield { finding, phase, share };
  }
}

function toFinding(detector: Detector, sighting: Sighting): Finding {
  return {
    detector: detector.id,
    severity: sighting.severity ?? detector.severity,
    path: sighting.path,
    line: sighting.line ?? null,
    says: printable(sighting.says, 300),
    ...(sighting.layer === undefined ? {} : { layer: sighting.layer }),
    ...(sighting.inside === undefined ? {} : { inside: sighting.inside }),
    ...(sighting.column === undefined ? {} : { column: sighting.column }),
  };
}
