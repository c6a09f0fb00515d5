import { readFile, stat } from "node:fs/promises";
import type { App } from "../app.ts";
import { recordEvent } from "../catalog/events.ts";
import type { EcosystemId } from "../catalog/model.ts";
import type { Config } from "../config.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { Refusal, refuse } from "../errors.ts";
import { writeRaw } from "../storage/database/sqlite.ts";
import { alarmingWith, knownProjects } from "./breaker.ts";
import type { OsvAdvisory } from "./osv.ts";
import { readOsvList } from "./read-list.ts";
import { isChange, weighAddresses, whyPassedOver } from "./url-breaker.ts";
import { readUrlList, type UrlIndicator } from "./url-list.ts";

export type AdvisorySource = Config["advisories"][number];

/** Fetches a list from an http(s) address, bounded by `limits.importBytes`. */
export type FetchList = (source: AdvisorySource) => Promise<Buffer>;

/** How a source is read. */
export interface SyncOptions {
  /** Believe this reading although it would open the circuit breaker. */
  readonly force?: boolean;
  /** Awaited before other addresses count than before: files that were assessed already have to be looked at again. */
  readonly beforeChange?: () => Promise<void>;
}

/** What one reading of a source brought. */
export interface SyncResult {
  readonly source: string;
  readonly entries: number;
  readonly unread: number;
  /** Why the breaker opened: nothing of this reading counts, and what was read before still does; or, of addresses, some of them do not. */
  readonly tripped?: string;
}

/**
 * Reads a source and replaces what it said before, in one transaction. A source is a reporter, not an oracle: a reading that
 * would condemn established projects all at once opens its circuit breaker instead, until a later one does not or an
 * administrator reads it with `force`; so does a list with addresses that established projects refer to, for these alone. Throws
 * BAD_REQUEST for a list that cannot be read; then what was known stays.
 */
export async function syncSource(
  app: App,
  source: AdvisorySource,
  fetchList: FetchList,
  options: SyncOptions = {},
): Promise<SyncResult> {
  await rememberSource(app, source);
  const bytes = await readSource(app, source, fetchList);
  return source.kind === "osv"
    ? syncOsv(app, source, bytes, options.force ?? false)
    : syncUrls(app, source, bytes, options);
}

/** Every source that was ever read. */
export async function listSources(app: App) {
  const rows = await app.database.selectFrom("advisory_sources").selectAll().orderBy("name").execute();
  return rows.map((row) => ({
    name: row.name,
    kind: row.kind,
    location: row.location,
    entries: row.entries,
    importedAt: row.imported_at,
    tripped: row.tripped,
    trippedAt: row.tripped_at,
  }));
}

async function rememberSource(app: App, { name, kind, location }: AdvisorySource): Promise<void> {
  await app.database
    .insertInto("advisory_sources")
    .values({ name, kind, location, tripped: null, tripped_at: null, imported_at: null, entries: 0 })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ kind, location }))
    .execute();
}

async function readSource(app: App, source: AdvisorySource, fetchList: FetchList): Promise<Buffer> {
  if (/^https?:\/\//.test(source.location)) return fetchList(source);
  try {
    const { size } = await stat(source.location);
    if (size > app.limits.importBytes)
      throw refuse("TOO_LARGE", { what: source.location, limit: `${app.limits.importBytes} bytes` });
    return await readFile(source.location);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refuse("BAD_REQUEST", { why: `the list ${source.name} cannot be read: ${(error as Error).message}` });
  }
}

async function syncOsv(app: App, source: AdvisorySource, bytes: Buffer, force: boolean): Promise<SyncResult> {
  const { advisories, records, unread } = readList(source, () => readOsvList(bytes, app.limits));
  if (records === 0 || unread > records / 2)
    throw refuse("BAD_REQUEST", {
      why: `the list ${source.name} is not OSV: ${unread} of ${records} records could not be read`,
    });
  const rows = advisories.flatMap(normalized);
  const alarm = alarmingWith(app, source.name, rows);
  if (alarm !== undefined && !force) return trip(app, source, alarm, rows.length, unread);
  await writeRaw(app.database, (database) => {
    database.prepare("delete from advisories where source = ?").run(source.name);
    const insert = database.prepare(
      `insert or replace into advisories
       (id, source, ecosystem, name, kind, severity, title, url, versions, ranges, published_at, modified_at, withdrawn_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const one of rows)
      insert.run(
        ...[one.id, source.name, one.ecosystem, one.name, one.kind, one.severity, one.title, one.url],
        ...[JSON.stringify(one.versions), JSON.stringify(one.ranges), one.publishedAt, one.modifiedAt, one.withdrawnAt],
      );
    noteImport(database, app, source.name, rows.length);
  });
  return { source: source.name, entries: rows.length, unread };
}

async function syncUrls(
  app: App,
  source: AdvisorySource,
  bytes: Buffer,
  { force = false, beforeChange }: SyncOptions,
): Promise<SyncResult> {
  const { indicators, unread } = readList(source, () => readUrlList(bytes.toString("utf8")));
  if (indicators.length === 0 && unread > 0)
    throw refuse("BAD_REQUEST", { why: `the list ${source.name} holds no address that can be read` });
  const weighed = await weighAddresses(app, source.name, withoutOwnHosts(app.config, indicators));
  const { counted, passedOver, alarm } = weighed;
  if (alarm !== undefined && !force) return trip(app, source, alarm, indicators.length, unread);
  const rows = force ? [...counted, ...passedOver.map((one) => ({ ...one, isForced: true }))] : counted;
  if (isChange(app, source.name, rows)) await beforeChange?.();
  const why = force ? undefined : whyPassedOver(weighed);
  const now = app.clock();
  await writeRaw(app.database, (database) => {
    database.prepare("delete from url_indicators where source = ?").run(source.name);
    const insert = database.prepare(
      "insert or ignore into url_indicators (source, indicator, threat, added_at, forced) values (?, ?, ?, ?, ?)",
    );
    for (const { indicator, threat, isForced } of rows)
      insert.run(source.name, indicator, threat, now, isForced ? 1 : 0);
    noteImport(database, app, source.name, rows.length, why !== undefined);
  });
  return why === undefined
    ? { source: source.name, entries: rows.length, unread }
    : trip(app, source, why, rows.length, unread);
}

function readList<T>(source: AdvisorySource, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refuse("BAD_REQUEST", { why: `the list ${source.name} cannot be read: ${(error as Error).message}` });
  }
}

function noteImport(
  database: { prepare(sql: string): { run(...values: (string | number)[]): unknown } },
  app: App,
  name: string,
  entries: number,
  isTripped = false,
): void {
  const closes = isTripped ? "" : ", tripped = null, tripped_at = null";
  database
    .prepare(`update advisory_sources set imported_at = ?, entries = ?${closes} where name = ?`)
    .run(app.clock(), entries, name);
}

async function trip(
  app: App,
  source: AdvisorySource,
  why: string,
  entries: number,
  unread: number,
): Promise<SyncResult> {
  const opened = await app.database
    .updateTable("advisory_sources")
    .set({ tripped: why, tripped_at: app.clock() })
    .where("name", "=", source.name)
    .where((where) => where.or([where("tripped", "is", null), where("tripped", "<>", why)]))
    .executeTakeFirst();
  const told = { source: source.name, entries, unread, tripped: why };
  // One that stands open for the same reason was told already.
  if (opened.numUpdatedRows === 0n) return told;
  await recordEvent(app, { kind: "breaker", actor: source.name, data: { source: source.name, why } });
  app.log.error({ source: source.name, why }, "the circuit breaker of an advisory source opened");
  return told;
}

/** A project's name as feeds know it; a name that is none in its ecosystem concerns nothing here. */
function normalized(advisory: OsvAdvisory): OsvAdvisory[] {
  try {
    return [{ ...advisory, name: ECOSYSTEMS[advisory.ecosystem].normalizeName(advisory.name) }];
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** The hosts of our own upstreams are named in most honest packages; a list that names them is wrong. */
function withoutOwnHosts(config: Config, indicators: readonly UrlIndicator[]): readonly UrlIndicator[] {
  const own = new Set(config.upstreams.map(({ url }) => new URL(url).hostname));
  return indicators.filter(({ indicator }) => !own.has(indicator));
}

/** Names that a source's advisories concern, by ecosystem, among projects somebody here asked for. */
export function concernedProjects(app: App, source: string): readonly { ecosystem: EcosystemId; name: string }[] {
  return knownProjects(app, source);
}
