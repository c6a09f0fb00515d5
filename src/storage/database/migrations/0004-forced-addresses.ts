import type { Kysely } from "kysely";

/** Addresses of URL lists that an administrator believed although established projects refer to them. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .alterTable("url_indicators")
    .addColumn("forced", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
