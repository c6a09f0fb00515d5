import type { Kysely } from "kysely";

/** What releases are recognised by when they come again under another name, and which belong together. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("known_releases")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("ecosystem", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("version", "text", (column) => column.notNull())
    .addColumn("filename", "text", (column) => column.notNull())
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("own", "text", (column) => column.notNull())
    .addColumn("counted", "integer", (column) => column.notNull())
    .addColumn("campaign", "integer")
    .addColumn("first_seen_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("known_releases_key", ["ecosystem", "name", "filename", "sha256"])
    .execute();
  await database.schema.createIndex("known_releases_campaign").on("known_releases").column("campaign").execute();
  await database.schema
    .createTable("culprit_files")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("digest", "bigint", (column) => column.notNull().unique())
    .addColumn("tokens", "integer", (column) => column.notNull())
    .addColumn("shingles", "text", (column) => column.notNull())
    .execute();
  await database.schema
    .createTable("culprit_shingles")
    .addColumn("shingle", "bigint", (column) => column.notNull())
    .addColumn("file", "integer", (column) => column.notNull().references("culprit_files.id").onDelete("cascade"))
    .addPrimaryKeyConstraint("culprit_shingles_key", ["shingle", "file"])
    .execute();
  await database.schema
    .createTable("culprit_releases")
    .addColumn("file", "integer", (column) => column.notNull().references("culprit_files.id").onDelete("cascade"))
    .addColumn("release", "integer", (column) => column.notNull().references("known_releases.id").onDelete("cascade"))
    .addColumn("path", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("culprit_releases_key", ["file", "release"])
    .execute();
  await database.schema.createIndex("culprit_releases_release").on("culprit_releases").column("release").execute();
  await database.schema
    .createTable("release_indicators")
    .addColumn("indicator", "text", (column) => column.notNull())
    .addColumn("release", "integer", (column) => column.notNull().references("known_releases.id").onDelete("cascade"))
    .addPrimaryKeyConstraint("release_indicators_key", ["indicator", "release"])
    .execute();
  await database.schema.createIndex("release_indicators_release").on("release_indicators").column("release").execute();
  await database.schema
    .createTable("common_features")
    .addColumn("feature", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("projects", "integer", (column) => column.notNull())
    .execute();
}
