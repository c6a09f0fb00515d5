import type { Finding, Severity, VerdictWord } from "../../catalog/model.ts";
import { type Account, accountOf } from "../../inspection/account.ts";
import type { Inspection, InspectionFacts, Review } from "../../inspection/model.ts";
import type { Subject } from "./subjects.ts";

/** What is told of one top-level archive. */
export interface Result {
  readonly path: string;
  /** Null when its bytes could not be had. */
  readonly sha256: string | null;
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly findings: readonly Finding[];
  /** Why the verdict is unknown. */
  readonly because?: string;
  readonly contributions: readonly { readonly detector: string; readonly points: number }[];
  /** How the score came about; absent where nothing was weighed. */
  readonly account?: Account;
  readonly engine: string;
  readonly ms: number;
  /** Tree, layers and lines, when they were asked for. */
  readonly review?: Review;
  /** The release before that it was compared with. */
  readonly before?: ComparedRelease;
  /** Where a lock file names it. */
  readonly lockfile?: { readonly path: string; readonly line?: number };
}

/** A release before, and for a diff what is known of its files, with the texts of those that changed. */
export interface ComparedRelease {
  readonly path: string;
  readonly sha256: string;
  readonly verdict: VerdictWord;
  readonly facts?: InspectionFacts;
  /** Of the release itself. */
  readonly factsNow?: InspectionFacts;
  readonly review?: Review;
  readonly oldTexts?: Readonly<Record<string, string>>;
  readonly newTexts?: Readonly<Record<string, string>>;
}

/** The members of one line of `--format jsonl`, in this order; scripts rely on them. */
export interface ResultLine {
  readonly path: string;
  readonly sha256: string | null;
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly findings: readonly {
    readonly detector: string;
    readonly severity: Severity;
    readonly path: string;
    readonly line: number | null;
    readonly says: string;
  }[];
  readonly ms: number;
}

/** The finding that stands for "could not be inspected", so that every format says why. */
export const NOT_INSPECTED = "not-inspected";

/** What is told of one inspection; the line in a lock file is looked up only where something is to be said. */
export function resultOf(path: string, inspection: Inspection, lockfile: Subject["lockfile"]): Result {
  const { word, score, because, contributions } = inspection.verdict;
  const line = word === "clean" ? undefined : lockfile?.line();
  const account = accountOf(inspection.verdict, inspection.findings);
  return {
    path,
    sha256: inspection.sha256 || null,
    verdict: word,
    score: round(score, 10_000),
    findings: because === undefined ? inspection.findings : [notInspected(because), ...inspection.findings],
    ...(because === undefined ? {} : { because }),
    contributions,
    ...(account && { account }),
    engine: inspection.engine,
    ms: round(inspection.ms, 10),
    ...(inspection.review && { review: inspection.review }),
    ...(lockfile ? { lockfile: { path: lockfile.path, ...(line === undefined ? {} : { line }) } } : {}),
  };
}

/** A result as json and jsonl print it. */
export function lineOf({ path, sha256, verdict, score, findings, ms }: Result): ResultLine {
  const plain = findings.map(({ detector, severity, path, line, says }) => ({ detector, severity, path, line, says }));
  return { path, sha256, verdict, score, findings: plain, ms };
}

function notInspected(because: string): Finding {
  return { detector: NOT_INSPECTED, severity: "high", path: "", line: null, says: because };
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

/** How often each verdict was given. */
export type Counts = Record<VerdictWord, number>;

/** The exit code for what was found: 2 malicious, 3 something could not be inspected, 1 suspicious, 0 clean; the first that applies. */
export function exitCodeOf(counts: Counts): number {
  if (counts.malicious > 0) return 2;
  if (counts.unknown > 0) return 3;
  return counts.suspicious > 0 ? 1 : 0;
}
