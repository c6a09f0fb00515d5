import type { Phase } from "./model.ts";
import { POINTS } from "./points.ts";

/** What all together bring at most as long as none is worth `from`, in points. */
interface Ceiling {
  readonly from: number;
  readonly most: number;
}

/** Every number that turns evidence into a verdict; the only place where they are, with points.ts, which a command refits. */
export interface Weights {
  /** Log-odds of a release about which nothing was found. */
  readonly prior: number;
  /** Probability from which a release is suspicious (held) and malicious (blocked). */
  readonly hold: number;
  readonly block: number;
  /** Share of a detector's points that counts by when the thing seen runs. */
  readonly phases: Readonly<Record<Phase, number>>;
  /** Share that the second-strongest and every further detector of one group contributes. */
  readonly furtherOfGroup: number;
  /** Most points that capabilities can bring together; below what `hold` needs, whatever else is changed. */
  readonly capabilities: number;
  /** A release of which no detector alone is worth `from` points gets at most `most` together: many weak signs are not a strong one. */
  readonly hints: Ceiling;
  /** The same below what `block` needs: nothing is final that no detector alone would nearly have held. */
  readonly doubts: Ceiling;
  /** Groups of threats that say what a release is called, needs or cannot show, and not what it does: circumstances do not count beside them alone. */
  readonly noDeeds: readonly string[];
  /** Circumstances count beside one deed of `alone` points, or several of `together`. */
  readonly corroborated: { readonly alone: number; readonly together: number };
  /** Most points that comparisons with a release's surroundings can bring together, and the share of what is new in it that they can bring. */
  readonly context: number;
  readonly contextShare: number;
  /** Points by detector id that replace those the detector proposes itself. */
  readonly points: Readonly<Record<string, number>>;
}

/** The weights in force. */
export const WEIGHTS: Weights = {
  prior: -4,
  hold: 0.5,
  block: 0.9,
  phases: { install: 1, start: 1, import: 1, call: 0.75, none: 0.6 },
  furtherOfGroup: 0.25,
  capabilities: 2,
  hints: { from: 2.3, most: 3.5 },
  doubts: { from: 3.4, most: 6.1 },
  noDeeds: ["name", "declared", "shadowing", "dependency-confusion", "dependencies", "unreadable"],
  corroborated: { alone: 4.4, together: 0.5 },
  context: 2,
  contextShare: 0.5,
  points: POINTS,
};
