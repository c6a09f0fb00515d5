import { sql } from "kysely";
import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";
import type { Digest, FeedId, ListedArtifact } from "./model.ts";

/** One file of a project that somebody asked for. */
export interface ArtifactRow extends ListedArtifact {
  readonly id: number;
  readonly projectId: number;
  /** Digest of its bytes, once fetched; never changes. */
  readonly sha256: string | null;
  readonly refused: { readonly code: "changed-bytes" | "digest-mismatch" | "unknown"; readonly says: string } | null;
  /** When its bytes were last fetched, accepted or refused. */
  readonly fetchedAt: number | null;
}

/** The artifact, if it was ever asked for. Synchronous: a hot read. */
export function findArtifact(app: App, projectId: number, filename: string): ArtifactRow | undefined {
  const row = raw(app.database)
    .prepare("select * from artifacts where project_id = ? and filename = ?")
    .get(projectId, filename);
  return row && rowOf(row);
}

/** The artifact by its number. */
export function artifactById(app: App, id: number): ArtifactRow | undefined {
  const row = raw(app.database).prepare("select * from artifacts where id = ?").get(id);
  return row && rowOf(row);
}

/**
 * Remembers a listed artifact, keeping what is known of its bytes; the address and publish time follow the index, and until its bytes
 * are known so do the digests that they must have.
 */
export async function rememberArtifact(app: App, projectId: number, listed: ListedArtifact): Promise<ArtifactRow> {
  const follows = { url: listed.url, published_at: listed.publishedAt ?? null };
  await app.database
    .insertInto("artifacts")
    .values({
      project_id: projectId,
      filename: listed.filename,
      version: listed.version,
      digests: JSON.stringify(listed.digests),
      sha256: null,
      size: null,
      fetched_at: null,
      refused: null,
      ...follows,
    })
    .onConflict((conflict) =>
      conflict.columns(["project_id", "filename"]).doUpdateSet({
        ...follows,
        version: sql<string>`case when artifacts.sha256 is null then excluded.version else artifacts.version end`,
        digests: sql<string>`case when artifacts.sha256 is null then excluded.digests else artifacts.digests end`,
      }),
    )
    .execute();
  return findArtifact(app, projectId, listed.filename)!;
}

/** Records what the bytes turned out to be: their digest the first time, or why they are refused. */
export async function recordFetch(
  app: App,
  id: number,
  outcome:
    | { readonly sha256: string; readonly size: number }
    | { readonly refused: NonNullable<ArtifactRow["refused"]> },
): Promise<void> {
  const set =
    "refused" in outcome
      ? { refused: JSON.stringify(outcome.refused), fetched_at: app.clock() }
      : {
          sha256: outcome.sha256,
          size: outcome.size,
          // A file that is fetched again keeps its place in the order of first fetches.
          fetched_at: sql<number>`case when sha256 is null then ${app.clock()} else fetched_at end`,
          refused: null,
        };
  await app.database.updateTable("artifacts").set(set).where("id", "=", id).execute();
}

/** Files that a feed fetched and assessed, in the order of their first fetch: a list that only grows at its end. */
export async function fetchedArtifacts(app: App, feed: FeedId, skip: number, limit: number): Promise<FetchedRow[]> {
  const rows = await app.database
    .selectFrom("artifacts")
    .innerJoin("assessments", (join) => join.onRef("artifact_id", "=", "artifacts.id").on("feed", "=", feed))
    .innerJoin("projects", "projects.id", "project_id")
    .select(["name", "filename", "version", "sha256", "size", "fetched_at"])
    .where("sha256", "is not", null)
    .orderBy("fetched_at")
    .orderBy("artifacts.id")
    .offset(skip)
    .limit(limit)
    .execute();
  return rows.map(({ sha256, size, fetched_at, ...row }) => ({
    ...row,
    sha256: sha256!,
    size: Number(size),
    fetchedAt: Number(fetched_at),
  }));
}

/** One file of `fetchedArtifacts`. */
export interface FetchedRow {
  readonly name: string;
  readonly filename: string;
  readonly version: string;
  readonly sha256: string;
  readonly size: number;
  readonly fetchedAt: number;
}

/** Files of a project whose bytes are known, with what identifies them. Synchronous. */
export function fetchedFiles(
  app: App,
  projectId: number,
): readonly { readonly filename: string; readonly version: string; readonly sha256: string }[] {
  const rows = raw(app.database)
    .prepare(
      "select filename, version, sha256 from artifacts where project_id = ? and sha256 is not null and refused is null",
    )
    .all(projectId);
  return rows.map((row) => ({
    filename: String(row["filename"]),
    version: String(row["version"]),
    sha256: String(row["sha256"]),
  }));
}

/** Artifacts of a project whose bytes or address are known, by file name. Synchronous. */
export function artifactsOf(app: App, projectId: number): ReadonlyMap<string, ArtifactRow> {
  const rows = raw(app.database).prepare("select * from artifacts where project_id = ?").all(projectId);
  return new Map(rows.map((row) => [String(row["filename"]), rowOf(row)]));
}

function rowOf(row: Record<string, unknown>): ArtifactRow {
  return {
    id: Number(row["id"]),
    projectId: Number(row["project_id"]),
    filename: String(row["filename"]),
    version: String(row["version"]),
    url: String(row["url"]),
    digests: JSON.parse(String(row["digests"])) as Digest[],
    ...(row["published_at"] !== null && { publishedAt: Number(row["published_at"]) }),
    ...(row["size"] !== null && { size: Number(row["size"]) }),
    sha256: row["sha256"] === null ? null : String(row["sha256"]),
    fetchedAt: row["fetched_at"] === null ? null : Number(row["fetched_at"]),
    refused: row["refused"] === null ? null : (JSON.parse(String(row["refused"])) as ArtifactRow["refused"]),
  };
}
