import type { App } from "../app.ts";
import { raw, writeRaw } from "../storage/database/sqlite.ts";
import type { EcosystemId } from "./model.ts";

/** A project of one origin as we know it. */
export interface ProjectRow {
  readonly id: number;
  readonly ecosystem: EcosystemId;
  /** An upstream's name, or `hosted`. */
  readonly origin: string;
  readonly name: string;
  /** sha256 of the stored index document; null when upstream said that there is none. */
  readonly document: string | null;
  readonly validators: Readonly<Record<string, { readonly etag?: string; readonly lastModified?: string }>>;
  readonly checkedAt: number;
  readonly firstFetchedAt: number;
}

/** A file name whose digest we first saw at a known time. */
export interface Sighting {
  readonly filename: string;
  readonly digest: string;
  readonly at: number;
}

/** The project, if it was ever asked for. Synchronous: a hot read. */
export function findProject(app: App, ecosystem: EcosystemId, origin: string, name: string): ProjectRow | undefined {
  const row = raw(app.database)
    .prepare("select * from projects where ecosystem = ? and name = ? and origin = ?")
    .get(ecosystem, name, origin);
  return row && rowOf(row);
}

/** The project by its number. */
export function projectById(app: App, id: number): ProjectRow | undefined {
  const row = raw(app.database).prepare("select * from projects where id = ?").get(id);
  return row && rowOf(row);
}

function rowOf(row: Record<string, unknown>): ProjectRow {
  return {
    id: Number(row["id"]),
    ecosystem: row["ecosystem"] as EcosystemId,
    origin: String(row["origin"]),
    name: String(row["name"]),
    document: row["document"] === null ? null : String(row["document"]),
    validators: JSON.parse(String(row["validators"])) as ProjectRow["validators"],
    checkedAt: Number(row["checked_at"]),
    firstFetchedAt: Number(row["first_fetched_at"]),
  };
}

/** What a look upstream brought: the document (or that there is none) and what appeared or changed since. */
export interface ProjectLook {
  readonly ecosystem: EcosystemId;
  readonly origin: string;
  readonly name: string;
  readonly document: string | null;
  readonly validators: ProjectRow["validators"];
  readonly sightings: readonly Sighting[];
  /** Known files whose declared digests are no longer the ones they were fetched under. */
  readonly changedBytes: readonly { readonly filename: string; readonly says: string }[];
  /** Files refused for changed bytes whose declared digests are again the ones they were fetched under. */
  readonly restored: readonly string[];
}

/** Records a look upstream in one transaction and returns the project. */
export async function recordLook(app: App, look: ProjectLook): Promise<ProjectRow> {
  const now = app.clock();
  await writeRaw(app.database, (database) => {
    const { id } = database
      .prepare(
        `insert into projects (ecosystem, origin, name, document, validators, checked_at, first_fetched_at)
         values (?, ?, ?, ?, ?, ?, ?)
         on conflict (ecosystem, name, origin) do update
         set document = excluded.document, validators = excluded.validators, checked_at = excluded.checked_at
         returning id`,
      )
      .get(look.ecosystem, look.origin, look.name, look.document, JSON.stringify(look.validators), now, now) as {
      id: number;
    };
    const sight = database.prepare(
      "insert or ignore into sightings (project_id, filename, digest, first_seen_at) values (?, ?, ?, ?)",
    );
    for (const { filename, digest, at } of look.sightings) sight.run(id, filename, digest, at);
    const refuse = database.prepare("update artifacts set refused = ? where project_id = ? and filename = ?");
    for (const { filename, says } of look.changedBytes)
      refuse.run(JSON.stringify({ code: "changed-bytes", says }), id, filename);
    for (const filename of look.restored) refuse.run(null, id, filename);
  });
  return findProject(app, look.ecosystem, look.origin, look.name)!;
}

/** Notes that upstream confirmed what we have. */
export async function recordUnchanged(app: App, projectId: number): Promise<void> {
  await app.database.updateTable("projects").set({ checked_at: app.clock() }).where("id", "=", projectId).execute();
}

/** Forgets a stored index document that turned out damaged, so that the next request fetches it anew; one that replaced it stays. */
export async function forgetDocument(app: App, projectId: number, document: string): Promise<void> {
  await app.database
    .updateTable("projects")
    .set({ document: null, validators: "{}", checked_at: 0 })
    .where("id", "=", projectId)
    .where("document", "=", document)
    .execute();
}

/** Names of projects of some origins that have a document, sorted, for the root index. */
export async function projectNames(
  app: App,
  ecosystem: EcosystemId,
  origins: readonly string[],
  limit: number,
  after = "",
): Promise<string[]> {
  if (origins.length === 0) return [];
  const rows = await app.database
    .selectFrom("projects")
    .select("name")
    .distinct()
    .where("ecosystem", "=", ecosystem)
    .where("origin", "in", origins)
    .where("document", "is not", null)
    .where("name", ">", after)
    .orderBy("name")
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}
