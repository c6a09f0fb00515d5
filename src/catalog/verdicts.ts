import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";
import type { EcosystemId, FeedId, Finding, Verdict } from "./model.ts";

/**
 * What is inspected: bytes as files of one ecosystem under one name. Its rules look at both, so that an answer about the same bytes
 * elsewhere says nothing: whoever publishes a file in two registries would have it judged by the rules of the wrong one.
 */
export interface Inspected {
  readonly sha256: string;
  readonly ecosystem: EcosystemId;
  readonly filename: string;
}

/** What an engine saw in some bytes, as stored. `facts` is the engine's own and read by whoever knows its shape. */
export interface InspectionRow {
  readonly sha256: string;
  readonly engine: string;
  readonly findings: readonly Finding[];
  readonly facts: unknown;
  readonly verdict: Verdict;
  readonly ms: number;
  readonly at: number;
}

/** The inspection of some bytes by an engine; without one, the newest by any engine: old verdicts serve until re-inspection replaces them. */
export function findInspection(app: App, inspected: Inspected, engine?: string): InspectionRow | undefined {
  const { sha256, ecosystem, filename } = inspected;
  const of = "select * from inspections where sha256 = ? and ecosystem = ? and filename = ?";
  const row = engine
    ? raw(app.database).prepare(`${of} and engine = ?`).get(sha256, ecosystem, filename, engine)
    : raw(app.database).prepare(`${of} order by at desc limit 1`).get(sha256, ecosystem, filename);
  if (!row) return undefined;
  return {
    sha256,
    engine: String(row["engine"]),
    findings: JSON.parse(String(row["findings"])) as Finding[],
    facts: row["facts"] === null ? undefined : JSON.parse(String(row["facts"])),
    verdict: JSON.parse(String(row["verdict"])) as Verdict,
    ms: Number(row["ms"]),
    at: Number(row["at"]),
  };
}

/** Records an inspection; the same bytes and engine again replace it (an `unknown` that was tried again). */
export async function recordInspection(
  app: App,
  { sha256, ecosystem, filename }: Inspected,
  inspection: Omit<InspectionRow, "at">,
): Promise<void> {
  const row = {
    findings: JSON.stringify(inspection.findings),
    facts: inspection.facts === undefined ? null : JSON.stringify(inspection.facts),
    verdict: JSON.stringify(inspection.verdict),
    ms: inspection.ms,
    at: app.clock(),
  };
  await app.database
    .insertInto("inspections")
    .values({ sha256, ecosystem, filename, engine: inspection.engine, ...row })
    .onConflict((conflict) => conflict.columns(["sha256", "engine", "ecosystem", "filename"]).doUpdateSet(row))
    .execute();
}

/** The verdict on one artifact of one feed with everything it rests on. */
export interface AssessmentRow {
  readonly feed: FeedId;
  readonly artifactId: number;
  readonly verdict: Verdict;
  readonly engine: string;
  readonly inputsHash: string;
  /** JSON. */
  readonly inputs: string;
}

/** Records the assessment of an artifact on a feed. */
export async function recordAssessment(app: App, assessment: AssessmentRow): Promise<void> {
  const row = {
    word: assessment.verdict.word,
    score: assessment.verdict.score,
    verdict: JSON.stringify(assessment.verdict),
    engine: assessment.engine,
    inputs_hash: assessment.inputsHash,
    inputs: assessment.inputs,
    at: app.clock(),
  };
  await app.database
    .insertInto("assessments")
    .values({ feed: assessment.feed, artifact_id: assessment.artifactId, ...row })
    .onConflict((conflict) => conflict.columns(["artifact_id", "feed"]).doUpdateSet(row))
    .execute();
}

/** The assessment of an artifact on a feed, if there is one. Synchronous: a hot read. */
export function findAssessment(app: App, feed: FeedId, artifactId: number): AssessmentRow | undefined {
  const row = raw(app.database)
    .prepare("select * from assessments where artifact_id = ? and feed = ?")
    .get(artifactId, feed);
  if (!row) return undefined;
  return {
    feed,
    artifactId,
    verdict: JSON.parse(String(row["verdict"])) as Verdict,
    engine: String(row["engine"]),
    inputsHash: String(row["inputs_hash"]),
    inputs: String(row["inputs"]),
  };
}

/** An artifact of which some assessment rests on another engine than the one given. */
export interface OutdatedArtifact {
  readonly artifactId: number;
  readonly projectId: number;
}

/** Artifacts with assessments of other engines, oldest first, after number `after`, at most `limit`. */
export async function outdatedArtifacts(
  app: App,
  engine: string,
  after: number,
  limit: number,
): Promise<OutdatedArtifact[]> {
  const rows = await app.database
    .selectFrom("assessments")
    .innerJoin("artifacts", "artifacts.id", "artifact_id")
    .select(["artifact_id", "project_id"])
    .distinct()
    .where("engine", "<>", engine)
    .where("artifact_id", ">", after)
    .orderBy("artifact_id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ artifactId: row.artifact_id, projectId: row.project_id }));
}
