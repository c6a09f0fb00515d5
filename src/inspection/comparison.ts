import type { EcosystemId, ListedArtifact, Severity } from "../catalog/model.ts";
import type { WithheldTwin } from "../tracking/resemblances.ts";
import type { Example } from "./detector.ts";
import type { InspectionFacts, Sighting } from "./model.ts";

/**
 * A rule that looks at a release among its surroundings: the release before, the other files, what the index says. Rule,
 * metadata, documentation and examples are in one file of `comparisons/`, named by its id. Pure. What comparisons see never withholds a
 * release; it only adds weight to what detectors found in the release itself (judge-among.ts).
 */
export interface Comparison {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly ecosystems: readonly EcosystemId[];
  /** Most log-odds points that it can add to others. */
  readonly points: number;
  /** Set where it counts by itself, beside nothing else: its points are then added in full. */
  readonly alone?: true;
  /** Two short paragraphs of Markdown: what it means and when it is harmless. */
  readonly why: string;
  compare(release: Surrounded): Iterable<Sighting>;
  readonly examples: { readonly matches: readonly ComparedExample[]; readonly passes: readonly ComparedExample[] };
}

/** One file of a release and what is known round it. Facts of older engines may lack members; what is not known is not compared. */
export interface Surrounded {
  readonly facts: InspectionFacts;
  /** What the index says of it. */
  readonly listed?: Listed;
  /** The release before it that was inspected and found clean. */
  readonly before?: { readonly facts: InspectionFacts; readonly listed?: Listed };
  /** Other files of the same release. */
  readonly siblings?: readonly InspectionFacts[];
  /** What the feed knows of the project. */
  readonly project?: ProjectKnown;
  /** The release withheld as malicious that it resembles most. */
  readonly twin?: WithheldTwin;
}

/** A project as its index tells it, in steps, so that an assessment does not have to be made again every day. */
export interface ProjectKnown {
  /** Normalised. */
  readonly name: string;
  /** How long ago its first release came to be: at most 7, 30 or 180 days, or longer. */
  readonly age: "days" | "weeks" | "months" | "years";
  /** It has more than a handful of versions. */
  readonly isEstablished: boolean;
  /** Patterns of names that are hosted here only. */
  readonly privateNames: readonly string[];
  /** Popular projects that the same account publishes, as far as this gate has their index. */
  readonly ownedToo: readonly string[];
}

/** The part of an index entry that comparisons look at. */
export type Listed = Pick<ListedArtifact, "publisher" | "attested" | "declares" | "metadataDigest">;

/** A release and the one before it, as files. */
export interface ComparedExample extends Example {
  readonly before?: Example["files"];
  readonly sdist?: Example["files"];
  readonly listed?: Listed;
  readonly listedBefore?: Listed;
  readonly project?: ProjectKnown;
  readonly twin?: WithheldTwin;
}
