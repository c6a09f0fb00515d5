import type { EcosystemId, Severity } from "../catalog/model.ts";
import type { Phase, ReleaseTree, Sighting } from "./model.ts";

/**
 * A detector: rule, metadata, documentation and examples in one file of `detectors/`, named by its id. Pure and bounded.
 * Three readers: the runner (`detect`), the tests (`examples`), the documentation (`title`, `why`, examples).
 */
export interface Detector {
  /** File name without `.ts`; public, permanent, says what is seen: `setup-py-starts-process`. Exceptions refer to it. */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly ecosystems: readonly EcosystemId[];
  /** What it adds to the risk, as log-odds points; the judge turns the sum into a probability. */
  readonly points: number;
  /**
   * `capability`: what code can do, common in honest releases; on its own never makes a release suspicious.
   * `threat`: rare in honest releases.
   * `circumstance`: says nothing alone, and how far to trust what threats say; counts only where they hold the release without it.
   */
  readonly class: "capability" | "threat" | "circumstance";
  /** Group of findings of one behaviour; the judge counts the strongest of a group fully and the others little. */
  readonly group: string;
  /** Two short paragraphs of Markdown: what it means and when it is harmless. Sources (advisory, PEP, blog) as links without registry hosts. */
  readonly why: string;
  /**
   * Literals, ASCII, lower case, any of which must occur in some file for the detector to run at all; absent = always runs.
   * The prefilter searches all detectors' literals in one pass; `file.has(literal)` answers per file.
   */
  readonly literals?: readonly string[];
  detect(tree: ReleaseTree): Iterable<Sighting>;
  /** Inert and at most ten lines a file; hosts are example.invalid. Each is a set of files of one unpacked artifact. */
  readonly examples: {
    readonly matches: readonly Example[];
    readonly passes: readonly Example[];
    /** Variants an attacker would try that must still match. */
    readonly evasions?: readonly Example[];
  };
}

export interface Example {
  readonly ecosystem: EcosystemId;
  /** Form of the artifact; default sdist for pypi, npm for npm, nupkg for nuget. */
  readonly form?: ReleaseTree["form"];
  /** Path → text, below the usual top folder (`package/`, `name-1.0/`) which the test adds. */
  readonly files: Readonly<Record<string, string>>;
}

/** Order of phases for comparing: smaller runs earlier and is worse. */
export const PHASE_ORDER: Readonly<Record<Phase, number>> = { install: 0, start: 1, import: 2, call: 3, none: 4 };
