import type { Finding, VerdictWord } from "../catalog/model.ts";
import type { Account } from "../inspection/account.ts";
import type { InspectionFacts, Review } from "../inspection/model.ts";

/** Everything that a reviewer's page of one release shows. */
export interface ReleaseReport {
  /** As it was asked for. */
  readonly path: string;
  readonly sha256: string | null;
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly because?: string;
  readonly account?: Account;
  readonly findings: readonly Finding[];
  readonly review?: Review;
  readonly before?: ReportedBefore;
  readonly engine: string;
  readonly ms: number;
}

/** The release before, with what a diff needs. */
export interface ReportedBefore {
  readonly path: string;
  readonly verdict: VerdictWord;
  readonly facts?: InspectionFacts;
  /** Of the release itself. */
  readonly factsNow?: InspectionFacts;
  readonly review?: Review;
  /** Texts by place, of the release before and of this one. */
  readonly oldTexts?: Readonly<Record<string, string>>;
  readonly newTexts?: Readonly<Record<string, string>>;
}
