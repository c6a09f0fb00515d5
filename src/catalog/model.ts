/** The nouns of the system. docs/glossary.md says what each means; nothing here does anything. */

export type EcosystemId = "pypi" | "npm" | "nuget";
export const ECOSYSTEM_IDS: readonly EcosystemId[] = ["pypi", "npm", "nuget"];

/** A digest as `algorithm:hex`, lower case, e.g. `sha256:9f86…`. Algorithms: sha256, sha512, sha1, md5. */
export type Digest = `${"sha256" | "sha512" | "sha1" | "md5"}:${string}`;

/** One immutable file of a release as an index document lists it, before or after anybody fetched it. */
export interface ListedArtifact {
  /** The file name, unique within its project, exactly as clients ask for it. */
  readonly filename: string;
  readonly version: string;
  /** Where its bytes are, absolute. */
  readonly url: string;
  /** Every digest that the index document declares; may be empty (NuGet registrations declare none). */
  readonly digests: readonly Digest[];
  readonly size?: number;
  /** When upstream says that it was published, epoch milliseconds; absent when the document does not say. */
  readonly publishedAt?: number;
  /** It runs on some platforms only, common or rare ones: guides what is fetched ahead of time; absent = on all. */
  readonly platform?: "common" | "rare";
  /** The publisher withdrew it: `true` or the reason. */
  readonly yanked?: boolean | string;
  /** Digest of the separate metadata file (PEP 658), when upstream serves one. */
  readonly metadataDigest?: Digest;
  /** Where upstream serves the artifact's side files, absolute, by suffix (`.metadata`, `.provenance`); the others do not exist. */
  readonly sideFiles?: Readonly<Record<string, string>>;
  /** The account that published it, where the index says so. */
  readonly publisher?: string;
  /** The index has attestations of where it was built. */
  readonly attested?: true;
  /** What the index says that installing does, where it says so beside the file's own manifest. */
  readonly declares?: { readonly installs: boolean; readonly dependencies: readonly string[] };
}

/** What an index document says of one project, in our nouns. */
export interface ProjectListing {
  /** The name as its publisher spells it. */
  readonly name: string;
  readonly artifacts: readonly ListedArtifact[];
  /** Version that an unconstrained install would choose, by this ecosystem's own rule, given every version listed. */
  readonly latest?: string;
  /** Upstream's own project status (PEP 792), when it is not active. */
  readonly status?: "archived" | "quarantined" | "deprecated";
}

/** What clients may see of one artifact on one feed. */
export type StandingState = "visible" | "pending" | "held" | "blocked";

/** The outcome of policy for one artifact on one feed, with its reason. Produced by policy/decide.ts alone. */
export interface Decision {
  readonly state: StandingState;
  /** Why, as a stable word: see `ReasonCode`. */
  readonly code: ReasonCode;
  /** One sentence for a terminal: names the thing, says why and what to do; printable ASCII, at most 300 characters. */
  readonly sentence: string;
  /** When it will change by itself (end of a cooldown), epoch milliseconds. */
  readonly until?: number;
  /** In audit mode: what enforce would have decided. */
  readonly wouldBe?: { readonly state: StandingState; readonly code: ReasonCode };
}

/** Why an artifact stands as it does: stable words for the API, the ledger and exceptions. */
export type ReasonCode =
  | "clean" // inspected, nothing that policy withholds
  | "policy-off" // the feed's mode is off
  | "audit" // the feed's mode is audit: offered although enforce would withhold it
  | "allowed" // an allow rule or an exception lets it through
  | "not-inspected" // nobody has inspected it yet
  | "malicious" // inspection's verdict
  | "suspicious" // inspection's verdict
  | "unknown" // could not be inspected: crashed, timed out, unreadable, too large
  | "known-malware" // an advisory says so
  | "vulnerable" // an advisory says so and policy withholds at its severity
  | "blocked-url" // it refers to a URL on a block list
  | "denied" // a deny rule of policy
  | "cooldown" // younger than the cooldown and not yet fully assessed clean
  | "changed-bytes" // its bytes differ from those known under the same file name
  | "digest-mismatch"; // its bytes differ from what the index document declares

/** What inspection concludes of one file. Unknown is never clean. */
export type VerdictWord = "clean" | "suspicious" | "malicious" | "unknown";

export type Severity = "info" | "low" | "medium" | "high" | "critical";

/** One thing that one detector saw, at a path. Belongs to (sha256, engine version, rule set). */
export interface Finding {
  readonly detector: string;
  readonly severity: Severity;
  /** Member path inside the archive; members of nested archives are joined with `!/`. Empty for the archive itself. */
  readonly path: string;
  /** One-based line, or null where lines mean nothing. */
  readonly line: number | null;
  /** One sentence: what is there. At most 300 characters, control characters escaped. */
  readonly says: string;
  /** How many decodings lie between the file's text and what was seen; 0 = as written. */
  readonly layer?: number;
  /** Which decoded layer of the release it lies in, counted from 1, and the line of that layer's own text. */
  readonly inside?: { readonly layer: number; readonly line: number };
  /** One-based column in the line, or in the line of the layer's own text. */
  readonly column?: number;
  /** What the judge made of it; absent in what older engines recorded. */
  readonly weighed?: Weighed;
}

/** When code of a file runs by itself; earlier is worse. `none` = data, documentation, tests. */
export type Phase = "install" | "start" | "import" | "call" | "none";

/** What one finding was worth to the judge, in log-odds. */
export interface Weighed {
  /** When what was seen runs. */
  readonly phase: Phase;
  /** Share of the detector's points that it is worth, 0 to 1. */
  readonly share: number;
  /** The detector's points, times the weight of the phase, times the share. */
  readonly worth: number;
  /** What it added to the sum in the end; less than `worth` where others say the same. */
  readonly points: number;
}

/** What inspection says of one file, everything included that explains it. */
export interface Verdict {
  readonly word: VerdictWord;
  /** Calibrated risk, 0 (harmless) to 1. For `unknown`: 1, because it is treated as the worst. */
  readonly score: number;
  /** Why it is unknown; absent otherwise. */
  readonly because?: string;
  /** What each finding contributed to the score, largest first. */
  readonly contributions: readonly { readonly detector: string; readonly points: number }[];
  /** What the sum began with, in log-odds, and the probabilities from which a release is suspicious and malicious; absent in what older engines recorded. */
  readonly scale?: { readonly prior: number; readonly hold: number; readonly block: number };
}

/** Who asks: from the token, never from headers. */
export interface Subject {
  /** `anonymous`, or the token's own name such as `ci:web-shop` or `person:ada`. */
  readonly name: string;
  readonly kind: "anonymous" | "person" | "ci" | "admin";
}

/** `feed name/ecosystem`, e.g. `default/npm`: one endpoint with one policy. */
export type FeedId = `${string}/${EcosystemId}`;
