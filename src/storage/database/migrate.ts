import { type Kysely, Migrator, sql } from "kysely";
import { refuse } from "../../errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import type { Database } from "./schema.ts";

/** Brings the tables to the newest schema, in one transaction. Throws DATA_NEWER, touching nothing, when they are newer than this program. */
export async function migrate(database: Kysely<Database>): Promise<void> {
  const found = await newestMigration(database);
  if (found !== undefined && !(found in MIGRATIONS)) {
    throw refuse("DATA_NEWER", { found, known: Object.keys(MIGRATIONS).at(-1)! });
  }
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function newestMigration(database: Kysely<Database>): Promise<string | undefined> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "kysely_migration")) return undefined;
  const newest = await sql<{ name: string | null }>`select max(name) as name from kysely_migration`.execute(database);
  return newest.rows[0]?.name ?? undefined;
}
