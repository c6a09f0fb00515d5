import { type Kysely, sql } from "kysely";

/** The tables of the first release: the catalog, what inspection and policy say of it, the ledger, tokens and jobs. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await createCatalog(database);
  await createJudgements(database);
  await createAdvisories(database);
  await createTokens(database);
  await createRecords(database);
  await createJobs(database);
}

async function createCatalog(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("projects")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("ecosystem", "text", (column) => column.notNull())
    .addColumn("origin", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("document", "text")
    .addColumn("validators", "text", (column) => column.notNull())
    .addColumn("checked_at", "bigint", (column) => column.notNull())
    .addColumn("first_fetched_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("projects_name", ["ecosystem", "name", "origin"])
    .execute();
  await database.schema
    .createTable("sightings")
    .addColumn("project_id", "integer", (column) => column.notNull().references("projects.id").onDelete("cascade"))
    .addColumn("filename", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("first_seen_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("sightings_key", ["project_id", "filename", "digest"])
    .execute();
  await database.schema
    .createTable("artifacts")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("project_id", "integer", (column) => column.notNull().references("projects.id").onDelete("cascade"))
    .addColumn("filename", "text", (column) => column.notNull())
    .addColumn("version", "text", (column) => column.notNull())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("digests", "text", (column) => column.notNull())
    .addColumn("published_at", "bigint")
    .addColumn("sha256", "text")
    .addColumn("size", "bigint")
    .addColumn("fetched_at", "bigint")
    .addColumn("refused", "text")
    .addUniqueConstraint("artifacts_name", ["project_id", "filename"])
    .execute();
  await database.schema.createIndex("artifacts_sha256").on("artifacts").column("sha256").execute();
}

async function createJudgements(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("inspections")
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("engine", "text", (column) => column.notNull())
    .addColumn("findings", "text", (column) => column.notNull())
    .addColumn("facts", "text")
    .addColumn("verdict", "text", (column) => column.notNull())
    .addColumn("ms", "double precision", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("inspections_key", ["sha256", "engine"])
    .execute();
  await database.schema
    .createTable("assessments")
    .addColumn("feed", "text", (column) => column.notNull())
    .addColumn("artifact_id", "integer", (column) => column.notNull().references("artifacts.id").onDelete("cascade"))
    .addColumn("word", "text", (column) => column.notNull())
    .addColumn("score", "double precision", (column) => column.notNull())
    .addColumn("verdict", "text", (column) => column.notNull())
    .addColumn("engine", "text", (column) => column.notNull())
    .addColumn("inputs_hash", "text", (column) => column.notNull())
    .addColumn("inputs", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("assessments_key", ["artifact_id", "feed"])
    .execute();
  await database.schema
    .createIndex("assessments_engine")
    .on("assessments")
    .columns(["engine", "artifact_id"])
    .execute();
  await database.schema
    .createTable("standings")
    .addColumn("feed", "text", (column) => column.notNull())
    .addColumn("artifact_id", "integer", (column) => column.notNull().references("artifacts.id").onDelete("cascade"))
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("code", "text", (column) => column.notNull())
    .addColumn("sentence", "text", (column) => column.notNull())
    .addColumn("until", "bigint")
    .addColumn("policy", "text", (column) => column.notNull())
    .addColumn("decided_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("standings_key", ["artifact_id", "feed"])
    .execute();
  await database.schema.createIndex("standings_until").on("standings").column("until").execute();
  await database.schema.createIndex("standings_state").on("standings").columns(["feed", "state"]).execute();
  await database.schema
    .createTable("exceptions")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("feed", "text", (column) => column.notNull())
    .addColumn("purl", "text", (column) => column.notNull())
    .addColumn("versions", "text", (column) => column.notNull())
    .addColumn("detector", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("author", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("revoked_at", "bigint")
    .addColumn("revoked_by", "text")
    .execute();
  await database.schema.createIndex("exceptions_purl").on("exceptions").columns(["purl", "expires_at"]).execute();
  await database.schema
    .createTable("policies")
    .addColumn("hash", "text", (column) => column.primaryKey().notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("first_used_at", "bigint", (column) => column.notNull())
    .execute();
}

async function createAdvisories(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("advisories")
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("ecosystem", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("severity", "text", (column) => column.notNull())
    .addColumn("title", "text", (column) => column.notNull())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("versions", "text", (column) => column.notNull())
    .addColumn("ranges", "text", (column) => column.notNull())
    .addColumn("published_at", "bigint", (column) => column.notNull())
    .addColumn("modified_at", "bigint", (column) => column.notNull())
    .addColumn("withdrawn_at", "bigint")
    .addPrimaryKeyConstraint("advisories_key", ["ecosystem", "name", "source", "id"])
    .execute();
  await database.schema.createIndex("advisories_id").on("advisories").columns(["source", "id"]).execute();
  await database.schema
    .createTable("advisory_sources")
    .addColumn("name", "text", (column) => column.primaryKey().notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("location", "text", (column) => column.notNull())
    .addColumn("tripped", "text")
    .addColumn("tripped_at", "bigint")
    .addColumn("imported_at", "bigint")
    .addColumn("entries", "integer", (column) => column.notNull())
    .execute();
  await database.schema
    .createTable("url_indicators")
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("indicator", "text", (column) => column.notNull())
    .addColumn("threat", "text", (column) => column.notNull())
    .addColumn("added_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("url_indicators_key", ["indicator", "source"])
    .execute();
  await database.schema.createIndex("url_indicators_source").on("url_indicators").column("source").execute();
}

async function createTokens(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("tokens")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .execute();
  await database.schema
    .createIndex("tokens_live_name")
    .on("tokens")
    .column("name")
    .unique()
    .where(sql.ref("revoked_at"), "is", null)
    .execute();
}

async function createRecords(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("ledger")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("client", "text", (column) => column.notNull())
    .addColumn("feed", "text", (column) => column.notNull())
    .addColumn("project", "text", (column) => column.notNull())
    .addColumn("version", "text", (column) => column.notNull())
    .addColumn("filename", "text", (column) => column.notNull())
    .addColumn("sha256", "text")
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("code", "text", (column) => column.notNull())
    .addColumn("word", "text")
    .addColumn("score", "double precision")
    .addColumn("policy", "text", (column) => column.notNull())
    .addColumn("inputs_hash", "text")
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .execute();
  await database.schema.createIndex("ledger_at").on("ledger").column("at").execute();
  await database.schema.createIndex("ledger_project").on("ledger").column("project").execute();
  await database.schema.createIndex("ledger_subject").on("ledger").column("subject").execute();
  await database.schema.createIndex("ledger_sha256").on("ledger").column("sha256").execute();
  await database.schema
    .createTable("events")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("feed", "text")
    .addColumn("purl", "text")
    .addColumn("data", "text", (column) => column.notNull())
    .execute();
  await database.schema.createIndex("events_at").on("events").column("at").execute();
  await database.schema.createIndex("events_kind").on("events").column("kind").execute();
  await database.schema.createIndex("events_purl").on("events").column("purl").execute();
}

async function createJobs(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("jobs")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("payload", "text", (column) => column.notNull())
    .addColumn("priority", "integer", (column) => column.notNull())
    .addColumn("run_at", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("lease_until", "bigint")
    .addColumn("failed_at", "bigint")
    .addColumn("last_error", "text")
    .execute();
  await database.schema
    .createIndex("jobs_waiting_key")
    .on("jobs")
    .columns(["kind", "key"])
    .unique()
    .where(sql.ref("lease_until"), "is", null)
    .where(sql.ref("failed_at"), "is", null)
    .execute();
  await database.schema
    .createIndex("jobs_order")
    .on("jobs")
    .expression(sql`kind, priority desc, run_at, id`)
    .where(sql.ref("lease_until"), "is", null)
    .where(sql.ref("failed_at"), "is", null)
    .execute();
  await database.schema
    .createIndex("jobs_leased")
    .on("jobs")
    .columns(["kind", "key"])
    .where(sql.ref("lease_until"), "is not", null)
    .execute();
  await database.schema
    .createIndex("jobs_failed")
    .on("jobs")
    .columns(["kind", "key"])
    .where(sql.ref("failed_at"), "is not", null)
    .execute();
}
