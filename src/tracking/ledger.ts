import type { Insertable, Kysely, Selectable } from "kysely";
import type { App } from "../app.ts";
import type { FeedId } from "../catalog/model.ts";
import type { Database, LedgerTable } from "../storage/database/schema.ts";
import { writeRaw } from "../storage/database/sqlite.ts";

/** One file served or withheld, as recorded. */
export type LedgerRow = Readonly<Selectable<LedgerTable>>;

/** A row to record; its number is given by the ledger. */
export type NewLedgerRow = Readonly<Omit<Insertable<LedgerTable>, "id">>;

/**
 * Records a file served or withheld. Resolves once the row is durable (a `kill -9` or loss of power afterwards loses nothing);
 * rows of the same moment share one commit. Throws DISK_FULL; then none of that commit's rows is recorded.
 */
export function record({ database }: Pick<App, "database">, row: NewLedgerRow): Promise<void> {
  const writer = writerOf(database);
  writer.rows.push(row);
  writer.flushing ??= flush(database, writer);
  return writer.flushing;
}

/** Resolves once everything given to `record` so far is durable or refused. */
export async function flushLedger({ database }: Pick<App, "database">): Promise<void> {
  const { flushing, last } = writerOf(database);
  await Promise.allSettled([flushing, last]);
}

export interface LedgerQuery {
  /** Epoch milliseconds, inclusive. */
  readonly since?: number;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number;
  readonly feed?: FeedId;
  readonly project?: string;
  readonly subject?: string;
  readonly sha256?: string;
  readonly outcome?: LedgerRow["outcome"];
  /** The last page's `next`. */
  readonly after?: number;
  /** Rows of one page, 1 to 1,000; default 100. */
  readonly limit?: number;
}

export interface LedgerPage {
  /** In order of number, oldest first. */
  readonly rows: readonly LedgerRow[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: number;
}

/** One page of the ledger. */
export async function ledgerRows({ database }: Pick<App, "database">, query: LedgerQuery): Promise<LedgerPage> {
  const limit = Math.min(Math.max(query.limit ?? 100, 1), 1_000);
  let select = database
    .selectFrom("ledger")
    .selectAll()
    .orderBy("id")
    .limit(limit + 1);
  if (query.after !== undefined) select = select.where("id", ">", query.after);
  if (query.since !== undefined) select = select.where("at", ">=", query.since);
  if (query.until !== undefined) select = select.where("at", "<", query.until);
  for (const column of ["feed", "project", "subject", "sha256", "outcome"] as const) {
    const value = query[column];
    if (value !== undefined) select = select.where(column, "=", value);
  }
  const rows = await select.execute();
  const more = rows.length > limit;
  return { rows: more ? rows.slice(0, limit) : rows, ...(more && { next: rows[limit - 1]!.id }) };
}

/** The whole ledger that a query selects, page by page, for replay and recall. */
export async function* everyLedgerRow(app: Pick<App, "database">, query: LedgerQuery): AsyncGenerator<LedgerRow> {
  for (let after = query.after; ; ) {
    const page = await ledgerRows(app, { ...query, limit: 1_000, ...(after !== undefined && { after }) });
    yield* page.rows;
    if (page.next === undefined) return;
    after = page.next;
  }
}

interface Writer {
  rows: NewLedgerRow[];
  /** The commit that rows given now will be part of. */
  flushing: Promise<void> | undefined;
  /** The commit before it, still under way perhaps. */
  last: Promise<void> | undefined;
}

const WRITERS = new WeakMap<Kysely<Database>, Writer>();
/** How long a row waits for others of its commit. */
const GATHER_MS = 2;

function writerOf(database: Kysely<Database>): Writer {
  const known = WRITERS.get(database);
  if (known) return known;
  const writer: Writer = { rows: [], flushing: undefined, last: undefined };
  WRITERS.set(database, writer);
  return writer;
}

async function flush(database: Kysely<Database>, writer: Writer): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  let rows: readonly NewLedgerRow[] | undefined;
  try {
    await writeRaw(database, ({ prepare }) => {
      // taken only now that the connection is ours: rows that came while another transaction ran go along
      rows = takeRows(writer);
      const insert = prepare(INSERT);
      for (const row of rows) insert.run(...COLUMNS.map((column) => row[column] ?? null));
    });
  } finally {
    if (!rows) takeRows(writer);
  }
}

function takeRows(writer: Writer): readonly NewLedgerRow[] {
  const { rows } = writer;
  writer.rows = [];
  writer.last = writer.flushing;
  writer.flushing = undefined;
  return rows;
}

const COLUMNS = [
  "at",
  "subject",
  "client",
  "feed",
  "project",
  "version",
  "filename",
  "sha256",
  "outcome",
  "state",
  "code",
  "word",
  "score",
  "policy",
  "inputs_hash",
  "bytes",
  "address",
] as const satisfies readonly (keyof NewLedgerRow)[];

const INSERT = `insert into ledger (${COLUMNS.join(", ")}) values (${COLUMNS.map(() => "?").join(", ")})`;
