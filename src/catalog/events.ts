import type { Kysely } from "kysely";
import type { App } from "../app.ts";
import type { Database } from "../storage/database/schema.ts";
import type { FeedId } from "./model.ts";

/** Something that changed: who did it, to what, and the particulars. */
export interface Event {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `standing`, `exception`, `token`, `breaker`, … */
  readonly kind: string;
  /** Subject name, or the part of Portcullis that did it. */
  readonly actor: string;
  readonly feed: FeedId | null;
  readonly purl: string | null;
  readonly data: unknown;
}

export interface NewEvent {
  readonly kind: string;
  readonly actor: string;
  readonly feed?: FeedId;
  readonly purl?: string;
  /** JSON. */
  readonly data?: unknown;
}

/** Adds an event to the log, in the transaction of what it tells about when one is given. Nothing ever changes or removes it. */
export async function recordEvent(
  { database, clock }: Pick<App, "database" | "clock">,
  event: NewEvent,
  transaction: Kysely<Database> = database,
): Promise<void> {
  const { kind, actor, feed = null, purl = null, data = null } = event;
  await transaction
    .insertInto("events")
    .values({ at: clock(), kind, actor, feed, purl, data: JSON.stringify(data) })
    .execute();
}

export interface EventQuery {
  readonly kind?: string;
  readonly actor?: string;
  readonly feed?: FeedId;
  readonly purl?: string;
  /** Epoch milliseconds, inclusive. */
  readonly since?: number;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number;
  /** The last page's `next`. */
  readonly before?: number;
  /** Events of one page, 1 to 1,000; default 100. */
  readonly limit?: number;
}

/** One page of the log, newest first; `next` is where the following page begins, absent on the last one. */
export async function events(
  { database }: Pick<App, "database">,
  query: EventQuery,
): Promise<{ readonly events: readonly Event[]; readonly next?: number }> {
  const limit = Math.min(Math.max(query.limit ?? 100, 1), 1_000);
  let select = database
    .selectFrom("events")
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (query.before !== undefined) select = select.where("id", "<", query.before);
  if (query.since !== undefined) select = select.where("at", ">=", query.since);
  if (query.until !== undefined) select = select.where("at", "<", query.until);
  for (const column of ["kind", "actor", "feed", "purl"] as const) {
    const value = query[column];
    if (value !== undefined) select = select.where(column, "=", value);
  }
  const rows = await select.execute();
  const page = rows
    .slice(0, limit)
    .map((row) => ({ ...row, feed: row.feed as FeedId | null, data: JSON.parse(row.data) }));
  return { events: page, ...(rows.length > limit && { next: page.at(-1)!.id }) };
}
