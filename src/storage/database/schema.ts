import type { ColumnType, Generated } from "kysely";
import type { EcosystemId, FeedId, StandingState, VerdictWord } from "../../catalog/model.ts";

/**
 * The tables. Times are INTEGER epoch milliseconds from app.clock, flags 0/1, JSON is TEXT, digests are lower-case hex TEXT, so
 * that SQLite and PostgreSQL share one schema. Keys from the first day: inspections belong to (sha256, ecosystem, file name, engine), assessments
 * and standings to (feed, artifact).
 */
export interface Database {
  projects: ProjectTable;
  sightings: SightingTable;
  artifacts: ArtifactTable;
  inspections: InspectionTable;
  assessments: AssessmentTable;
  standings: StandingTable;
  exceptions: ExceptionTable;
  advisories: AdvisoryTable;
  advisory_sources: AdvisorySourceTable;
  url_indicators: UrlIndicatorTable;
  tokens: TokenTable;
  ledger: LedgerTable;
  events: EventTable;
  policies: PolicyTable;
  jobs: JobTable;
  known_releases: KnownReleaseTable;
  culprit_files: CulpritFileTable;
  culprit_shingles: CulpritShingleTable;
  culprit_releases: CulpritReleaseTable;
  release_indicators: ReleaseIndicatorTable;
  common_features: CommonFeatureTable;
}

/** One project of one origin: an upstream's name, or `hosted`. Hosted and upstream projects of one name are two rows and never merged. */
interface ProjectTable {
  id: Generated<number>;
  ecosystem: EcosystemId;
  origin: string;
  /** Normalised. */
  name: string;
  /** sha256 of the stored index document in the blob store, null when upstream said that there is none. */
  document: string | null;
  /** JSON: validators by URL. */
  validators: string;
  /** Last time upstream confirmed it. */
  checked_at: number;
  first_fetched_at: number;
}

/** File names that appeared, vanished or changed after the project was first fetched: when we first saw *this digest* under the name. */
interface SightingTable {
  project_id: number;
  filename: string;
  /** First declared digest, empty when none is declared. */
  digest: string;
  first_seen_at: number;
}

/** A file that somebody asked for or that was fetched ahead: its bytes' digest, once known, never changes. */
interface ArtifactTable {
  id: Generated<number>;
  project_id: number;
  filename: string;
  version: string;
  url: string;
  /** JSON array of declared digests. */
  digests: string;
  published_at: number | null;
  sha256: string | null;
  size: number | null;
  fetched_at: number | null;
  /** JSON {code, says} when the bytes were refused: digest-mismatch, changed-bytes, too-large. */
  refused: string | null;
}

/** What the engine saw in some bytes. */
interface InspectionTable {
  sha256: string;
  ecosystem: EcosystemId;
  filename: string;
  engine: string;
  /** JSON Finding[]. */
  findings: string;
  /** JSON InspectionFacts or null. */
  facts: string | null;
  /** JSON Verdict, judged from findings alone. */
  verdict: string;
  ms: number;
  at: number;
}

/** The verdict on one artifact of one feed, with everything it was based on. */
interface AssessmentTable {
  feed: FeedId;
  artifact_id: number;
  word: VerdictWord;
  score: number;
  /** JSON Verdict. */
  verdict: string;
  engine: string;
  /** sha256 of `inputs`. */
  inputs_hash: string;
  /** JSON: predecessor, siblings, metadata, popularity, indicators that were looked at. */
  inputs: string;
  at: number;
}

/** What clients may see; written by policy/apply.ts alone. */
interface StandingTable {
  feed: FeedId;
  artifact_id: number;
  state: StandingState;
  code: string;
  sentence: string;
  until: number | null;
  policy: string;
  decided_at: number;
}

interface ExceptionTable {
  id: Generated<number>;
  /** Feed name, or `*`. */
  feed: string;
  /** purl without version. */
  purl: string;
  /** Version or range in the ecosystem's notation. */
  versions: string;
  /** Detector id, reason code, or `*`. */
  detector: string;
  reason: string;
  author: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  revoked_by: string | null;
}

interface AdvisoryTable {
  id: string;
  source: string;
  ecosystem: EcosystemId;
  /** Normalised. */
  name: string;
  kind: "malicious" | "vulnerable";
  severity: "low" | "moderate" | "high" | "critical";
  title: string;
  url: string;
  /** JSON: exact versions. */
  versions: string;
  /** JSON: [{introduced, fixed?, lastAffected?}]. */
  ranges: string;
  published_at: number;
  modified_at: number;
  withdrawn_at: number | null;
}

/** A feed of advisories or URLs is a reporter, not an oracle: it has a circuit breaker. */
interface AdvisorySourceTable {
  name: string;
  kind: "osv" | "urlhaus";
  location: string;
  /** Set when the breaker is open: why. */
  tripped: string | null;
  tripped_at: number | null;
  imported_at: number | null;
  entries: number;
}

interface UrlIndicatorTable {
  source: string;
  /** Canonical URL or bare host. */
  indicator: string;
  threat: string;
  added_at: number;
  /** An administrator believed it although established projects refer to it: 0 or 1. */
  forced: Generated<number>;
}

interface TokenTable {
  id: Generated<number>;
  /** sha256 of the secret. */
  hash: string;
  name: string;
  kind: "person" | "ci" | "admin";
  created_at: number;
  created_by: string;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
}

/** Every file served or withheld. Append-only. */
export interface LedgerTable {
  id: Generated<number>;
  at: number;
  subject: string;
  client: string;
  feed: FeedId;
  project: string;
  version: string;
  filename: string;
  sha256: string | null;
  outcome: "served" | "withheld" | "deferred";
  state: StandingState;
  code: string;
  word: VerdictWord | null;
  score: number | null;
  policy: string;
  inputs_hash: string | null;
  bytes: number;
  address: string;
}

/** Append-only log of everything that changed. */
interface EventTable {
  id: Generated<number>;
  at: number;
  kind: string;
  actor: string;
  feed: string | null;
  purl: string | null;
  /** JSON. */
  data: string;
}

/** Every policy that was ever in force, by hash, for replay. */
interface PolicyTable {
  hash: string;
  body: string;
  first_used_at: number;
}

interface JobTable {
  id: Generated<number>;
  kind: string;
  /** At most one waiting job per (kind, key). */
  key: string;
  payload: string;
  /** Larger first. */
  priority: number;
  run_at: number;
  attempts: number;
  /** Set while a worker holds it; past this time another may take it. */
  lease_until: ColumnType<number | null, number | null | undefined, number | null>;
  /** Set when the last attempt failed; kept for people to see. */
  failed_at: ColumnType<number | null, number | null | undefined, number | null>;
  last_error: string | null;
}

/** A release that was assessed, for recognising others like it. */
interface KnownReleaseTable {
  id: Generated<number>;
  ecosystem: EcosystemId;
  name: string;
  version: string;
  filename: string;
  sha256: string;
  /** What inspection said of its own bytes, without regard to others. */
  own: VerdictWord;
  /** 1 when its features are counted in common_features. */
  counted: number;
  /** Smallest number among the releases that it belongs with; null for those that belong with none. */
  campaign: number | null;
  first_seen_at: number;
}

/** The shape of a file in which something malicious or suspicious was found, once however many releases have it. */
interface CulpritFileTable {
  id: Generated<number>;
  /** 52 bits. */
  digest: number;
  tokens: number;
  /** JSON: the smallest shingle hashes, ascending. */
  shingles: string;
}

interface CulpritShingleTable {
  shingle: number;
  file: number;
}

interface CulpritReleaseTable {
  file: number;
  release: number;
  path: string;
}

/** `kind:value` found in a release that is not clean. */
interface ReleaseIndicatorTable {
  indicator: string;
  release: number;
}

/** In how many clean projects a shingle, a file or an indicator was seen. */
interface CommonFeatureTable {
  /** 52 bits. */
  feature: number;
  projects: number;
}
