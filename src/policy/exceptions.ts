import type { App } from "../app.ts";
import type { Ecosystem } from "../ecosystems/ecosystem.ts";
import { refuse } from "../errors.ts";
import { raw } from "../storage/database/sqlite.ts";
import type { Feed } from "./feeds.ts";
import { purlOf, readRule } from "./rules.ts";

/** A recorded, expiring permission despite a finding, bound to versions and to one detector or reason. */
export interface ExceptionRow {
  readonly id: number;
  readonly feed: string;
  readonly purl: string;
  readonly versions: string;
  readonly detector: string;
  readonly reason: string;
  readonly author: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
}

/** What a person asks for. */
export interface ExceptionRequest {
  /** `pkg:npm/left-pad@1.3.0`; a range needs the version part too, all versions are not possible. */
  readonly purl: string;
  readonly feed: string;
  readonly detector: string;
  readonly reason: string;
  readonly expiresAt: number;
}

/** Longest time an exception may last, milliseconds: it is to be looked at again. */
const LONGEST_MS = 366 * 86_400_000;

/** Records an exception. Throws BAD_REQUEST when it names no version, gives no reason or does not expire within a year. */
export async function recordException(app: App, request: ExceptionRequest, author: string): Promise<number> {
  const rule = readRule(request.purl);
  const now = app.clock();
  if (rule.range === "*" || rule.name.endsWith("*"))
    throw refuse("BAD_REQUEST", { why: "an exception is bound to versions: write pkg:ecosystem/name@version" });
  if (request.reason.trim().length < 3) throw refuse("BAD_REQUEST", { why: "an exception needs a reason" });
  if (!(request.expiresAt > now && request.expiresAt <= now + LONGEST_MS))
    throw refuse("BAD_REQUEST", { why: "an exception expires within a year from now" });
  const row = await app.database
    .insertInto("exceptions")
    .values({
      feed: request.feed,
      purl: purlOf(rule.ecosystem, rule.name),
      versions: rule.range,
      detector: request.detector,
      reason: request.reason.trim().slice(0, 1000),
      author,
      created_at: now,
      expires_at: request.expiresAt,
      revoked_at: null,
      revoked_by: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Ends an exception; throws NOT_FOUND when there is none in force under that number. Returns its purl. */
export async function revokeException(app: App, id: number, by: string): Promise<string> {
  const row = await app.database
    .updateTable("exceptions")
    .set({ revoked_at: app.clock(), revoked_by: by })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .returning("purl")
    .executeTakeFirst();
  if (!row) throw refuse("NOT_FOUND", { what: `exception ${id}` });
  return row.purl;
}

/** Every exception ever recorded, newest first, at most 1,000. */
export async function listExceptions(app: App): Promise<ExceptionRow[]> {
  const rows = await app.database.selectFrom("exceptions").selectAll().orderBy("id", "desc").limit(1000).execute();
  return rows.map((row) => rowOf(row as unknown as Record<string, unknown>));
}

/** Exceptions in force for a project on a feed. Synchronous: a hot read. */
export function exceptionsOf(app: App, feed: Feed, name: string): readonly ExceptionRow[] {
  return raw(app.database)
    .prepare("select * from exceptions where purl = ? and expires_at > ? and revoked_at is null and feed in ('*', ?)")
    .all(purlOf(feed.ecosystem, name), app.clock(), feed.name)
    .map(rowOf);
}

/** Whether an exception covers a version. */
export function exceptionMatches(row: Pick<ExceptionRow, "versions">, ecosystem: Ecosystem, version: string): boolean {
  return row.versions === version || ecosystem.inRange(version, row.versions);
}

function rowOf(row: Record<string, unknown>): ExceptionRow {
  return {
    id: Number(row["id"]),
    feed: String(row["feed"]),
    purl: String(row["purl"]),
    versions: String(row["versions"]),
    detector: String(row["detector"]),
    reason: String(row["reason"]),
    author: String(row["author"]),
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
    revokedAt: row["revoked_at"] === null ? null : Number(row["revoked_at"]),
    revokedBy: row["revoked_by"] === null ? null : String(row["revoked_by"]),
  };
}
