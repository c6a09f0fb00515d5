import { sql } from "kysely";
import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";
import { projectChanged } from "./revisions.ts";

/** The metadata file of a wheel, taken out of the wheel when it was inspected; its bytes are a blob. */
export interface CoreMetadata {
  readonly sha256: string;
  readonly size: number;
}

/** What an inspection's facts hold of the metadata file, under this name. */
export interface WithCoreMetadata {
  readonly coreMetadata?: CoreMetadata;
}

/** Metadata files of a project's wheels that were inspected, by file name of the wheel. Synchronous. */
export function coreMetadataOf(app: App, projectId: number): ReadonlyMap<string, CoreMetadata> {
  const rows = raw(app.database)
    .prepare(
      `select a.filename, i.facts ->> '$.coreMetadata.sha256' as sha256, i.facts ->> '$.coreMetadata.size' as size
       from artifacts a join inspections i on i.sha256 = a.sha256 and i.ecosystem = 'pypi' and i.filename = a.filename
       where a.project_id = ? and i.facts ->> '$.coreMetadata.sha256' is not null`,
    )
    .all(projectId);
  return new Map(
    rows.map((row) => [String(row["filename"]), { sha256: String(row["sha256"]), size: Number(row["size"]) }]),
  );
}

/** Forgets a metadata file whose bytes are gone, until the wheel is inspected again. */
export async function forgetCoreMetadata(app: App, projectId: number, filename: string): Promise<void> {
  const sha256 = app.database
    .selectFrom("artifacts")
    .select("sha256")
    .where("project_id", "=", projectId)
    .where("filename", "=", filename);
  await app.database
    .updateTable("inspections")
    .set({ facts: sql<string>`json_remove(facts, '$.coreMetadata')` })
    .where("filename", "=", filename)
    .where("sha256", "=", sha256)
    .execute();
  projectChanged(app, projectId);
}
