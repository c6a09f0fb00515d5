import { writeFile } from "node:fs/promises";
import { backup, DatabaseSync, type StatementSync } from "node:sqlite";
import { Kysely, SqliteAdapter, type SqliteDatabase, SqliteDialect } from "kysely";
import { Refusal, refuse } from "../../errors.ts";
import { lru } from "../../lib/lru.ts";
import { migrate } from "./migrate.ts";
import type { Database } from "./schema.ts";

/**
 * The embedded database: Node's own SQLite in WAL mode with synchronous=FULL, so that what was committed survives `kill -9`
 * and loss of power. One connection writes (Kysely lends it to one user at a time), another reads what is committed.
 * https://www.sqlite.org/wal.html
 */

/** A file in which everything is kept, or `:memory:` for tests. */
export type SqlitePath = string;

/** Prepared statements for hot paths; `prepare` compiles each text once. */
export interface Raw {
  prepare(sql: string): StatementSync;
}

/**
 * Opens (creating) the database and brings its schema up to date; `destroy()` closes it. Throws DATA_NEWER, DATA_DAMAGED and
 * DISK_FULL; DISK_FULL is also what any later write without room throws, after its transaction was undone.
 */
export async function openSqlite(path: SqlitePath): Promise<Kysely<Database>> {
  const connections = asRefusal(path, () => connect(path));
  const database = new Kysely<Database>({ dialect: new NodeSqliteDialect({ database: adapt(connections) }) });
  CONNECTIONS.set(database, connections);
  try {
    await migrate(database);
  } catch (error) {
    connections.close();
    throw error instanceof Refusal ? error : refusalOf(error, path);
  }
  return database;
}

/**
 * Statements that read what is committed, synchronously and without waiting for a transaction that is under way. In memory
 * (tests) there is one connection, so that they also see what is not committed yet.
 */
export function raw(database: Kysely<Database>): Raw {
  return connectionsOf(database).reading;
}

/**
 * Runs a synchronous function inside one transaction on the writing connection, alone: committed durably when the promise
 * resolves, undone when the function throws. For many rows at once, where Kysely's price per query counts.
 */
export async function writeRaw<T>(database: Kysely<Database>, write: (raw: Raw) => T): Promise<T> {
  const { writing, path } = connectionsOf(database);
  return database.connection().execute(async () =>
    asRefusal(path, () => {
      writing.sqlite.exec("begin immediate");
      try {
        const result = write(writing);
        writing.sqlite.exec("commit");
        return result;
      } catch (error) {
        if (writing.sqlite.isTransaction) writing.sqlite.exec("rollback");
        throw error;
      }
    }),
  );
}

/** The file that a database lives in, or `:memory:`. */
export function sqlitePath(database: Kysely<Database>): SqlitePath {
  return connectionsOf(database).path;
}

/**
 * Writes what is committed at one moment to a new database file, while the server goes on. Throws DISK_FULL.
 * https://www.sqlite.org/backup.html
 */
export async function snapshotSqlite(database: Kysely<Database>, file: string): Promise<void> {
  const { path, writing } = connectionsOf(database);
  if (path === ":memory:")
    return writeFile(file, await database.connection().execute(async () => writing.sqlite.serialize()));
  // a connection of its own, and all pages in one step: one consistent moment, without starting over whenever somebody writes
  const reading = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true, readOnly: true });
  try {
    await backup(reading, file, { rate: ALL_PAGES });
  } catch (error) {
    throw refusalOf(error, path);
  } finally {
    reading.close();
  }
}

/** Throws DATA_DAMAGED unless a database file is whole. Closes it again. */
export function checkSqliteFile(path: string): void {
  asRefusal(path, () => {
    const sqlite = new DatabaseSync(path, { defensive: true, readOnly: true });
    try {
      const said = sqlite.prepare("pragma integrity_check(1)").get()?.["integrity_check"];
      if (said !== "ok") throw refuse("DATA_DAMAGED", { file: path, why: String(said) });
    } finally {
      sqlite.close();
    }
  });
}

const ALL_PAGES = 2 ** 31 - 1;

interface Connection extends Raw {
  readonly sqlite: DatabaseSync;
}

interface Connections {
  readonly path: SqlitePath;
  readonly writing: Connection;
  readonly reading: Connection;
  close(): void;
}

const CONNECTIONS = new WeakMap<Kysely<Database>, Connections>();
const STATEMENTS_KEPT = 256;
const BUSY_TIMEOUT_MS = 5_000;

function connectionsOf(database: Kysely<Database>): Connections {
  const connections = CONNECTIONS.get(database);
  if (!connections) throw new TypeError("not an open SQLite database (a transaction has no raw statements)");
  return connections;
}

function connect(path: SqlitePath): Connections {
  const writing = connection(new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true }));
  try {
    writing.sqlite.exec(
      "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off; " +
        "pragma temp_store = memory; pragma cache_size = -8192; pragma journal_size_limit = 67108864",
    );
    if (path === ":memory:") return { path, writing, reading: writing, close: () => closeQuietly(writing) };
    const reading = connection(new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true, readOnly: true }));
    reading.sqlite.exec("pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -16384");
    return {
      path,
      writing,
      reading,
      close() {
        closeQuietly(reading);
        closeQuietly(writing);
      },
    };
  } catch (error) {
    closeQuietly(writing);
    throw error;
  }
}

function connection(sqlite: DatabaseSync): Connection {
  const statements = lru<string, StatementSync>({ weight: STATEMENTS_KEPT });
  return {
    sqlite,
    prepare(sql) {
      const known = statements.get(sql);
      if (known) return known;
      const statement = sqlite.prepare(sql);
      statements.set(sql, statement);
      return statement;
    },
  };
}

function closeQuietly({ sqlite }: Connection): void {
  if (sqlite.isOpen) sqlite.close();
}

class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/** SQLite can undo CREATE TABLE, whatever Kysely's own adapter says, so a migration that is killed half-way leaves nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** What Kysely wants of a driver, over node:sqlite. */
function adapt({ writing, path, close }: Connections): SqliteDatabase {
  return {
    close,
    prepare(sql) {
      // SQLite undoes a transaction itself when the disk is full; undoing it again must not hide why
      if (sql === "rollback" && !writing.sqlite.isTransaction) return NOTHING;
      const statement = asRefusal(path, () => writing.prepare(sql));
      return {
        reader: statement.columns().length > 0,
        // node:sqlite makes rows without prototype, which deepStrictEqual and some libraries do not take for objects
        all: (values) => asRefusal(path, () => statement.all(...bindable(values)).map((row) => ({ ...row }))),
        run: (values) => asRefusal(path, () => statement.run(...bindable(values))),
        // a statement being stepped must not be the cached one that the next query of the same text resets
        iterate: (values) => writing.sqlite.prepare(sql).iterate(...bindable(values)),
      };
    },
  };
}

const NOTHING = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

function bindable(values: readonly unknown[]): (string | number | bigint | null | Uint8Array)[] {
  return values as (string | number | bigint | null | Uint8Array)[];
}

function asRefusal<T>(path: SqlitePath, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw refusalOf(error, path);
  }
}

// https://www.sqlite.org/rescode.html
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
const SQLITE_IOERR_SHMSIZE = 4874;

function refusalOf(error: unknown, path: SqlitePath): unknown {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof code !== "number") return error;
  if ((code & 0xff) === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE)
    return refuse("DISK_FULL", { what: "the database" });
  if ((code & 0xff) === SQLITE_CORRUPT || (code & 0xff) === SQLITE_NOTADB) {
    return refuse("DATA_DAMAGED", { file: path, why: (error as Error).message });
  }
  return error;
}
