import { type Kysely, sql } from "kysely";

/**
 * An inspection belongs to bytes under one name in one ecosystem. What was recorded of bytes with several names may be an answer
 * about another of them: it goes, with the assessments that rest on it, and those files wait for an inspection of their own.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create table inspections_by_name (
    sha256 text not null, ecosystem text not null, filename text not null, engine text not null,
    findings text not null, facts text, verdict text not null, ms double precision not null, at bigint not null,
    constraint inspections_name_key primary key (sha256, ecosystem, filename, engine))`.execute(database);
  await sql`insert into inspections_by_name (sha256, ecosystem, filename, engine, findings, facts, verdict, ms, at)
    select i.sha256, min(p.ecosystem), min(a.filename), i.engine, i.findings, i.facts, i.verdict, i.ms, i.at
    from inspections i join artifacts a on a.sha256 = i.sha256 join projects p on p.id = a.project_id
    group by i.sha256, i.engine, i.findings, i.facts, i.verdict, i.ms, i.at
    having min(p.ecosystem) = max(p.ecosystem) and min(a.filename) = max(a.filename)`.execute(database);
  await sql`delete from assessments where artifact_id in (select id from artifacts where sha256 in (
    select a.sha256 from artifacts a join projects p on p.id = a.project_id where a.sha256 is not null
    group by a.sha256 having min(p.ecosystem) <> max(p.ecosystem) or min(a.filename) <> max(a.filename)))`.execute(
    database,
  );
  await sql`drop table inspections`.execute(database);
  await sql`alter table inspections_by_name rename to inspections`.execute(database);
}
