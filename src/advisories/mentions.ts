import { setImmediate as breathe } from "node:timers/promises";
import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";
import { addressesOf } from "./indicators.ts";

/** An inspected file and the addresses that it refers to, as lists spell them, its hosts among them. */
export interface Mentioning {
  readonly artifactId: number;
  readonly projectId: number;
  /** Found clean here, offered but for URL lists, and more than 90 days old: somebody would have said by now that it is malware. */
  readonly isEstablished: boolean;
  readonly addresses: ReadonlySet<string>;
}

/** Days after which what was found clean, and nobody has called malware, is established. */
export const ESTABLISHED_MS = 90 * 86_400_000;

/** Files read at a time; others get their turn between. */
const BATCH = 100;

/** Every assessed file, in slices short enough that requests are answered between them. */
export async function* mentioning(app: App): AsyncIterable<Mentioning> {
  for (let after = 0; ; await breathe()) {
    const some = someMentioning(app, after, BATCH);
    yield* some;
    if (some.length < BATCH) return;
    after = some.at(-1)!.artifactId;
  }
}

/** Assessed files after number `after` in the order of their numbers, at most `limit`. Synchronous. */
export function someMentioning(app: App, after: number, limit: number): readonly Mentioning[] {
  const believed = new Set(app.config.upstreams.flatMap(({ name, trust_times: isTrusted }) => (isTrusted ? name : [])));
  return raw(app.database)
    .prepare(SOME)
    .all(after, limit)
    .map((row) => ({
      artifactId: Number(row["id"]),
      projectId: Number(row["project_id"]),
      isEstablished:
        row["clean"] === 1 && app.clock() - bornAt(row, believed.has(String(row["origin"]))) > ESTABLISHED_MS,
      addresses: addressesOf(row["urls"] === null ? [] : (JSON.parse(String(row["urls"])) as string[])),
    }));
}

const SOME = `
  select a.id, a.project_id, a.published_at, a.fetched_at, p.origin,
    (select max(first_seen_at) from sightings g where g.project_id = a.project_id and g.filename = a.filename) as seen_at,
    (select json_extract(i.facts, '$.urls') from inspections i
     where i.sha256 = a.sha256 and i.ecosystem = p.ecosystem and i.filename = a.filename order by i.at desc limit 1) as urls,
    exists (select 1 from assessments s join standings t on t.artifact_id = s.artifact_id and t.feed = s.feed
            where s.artifact_id = a.id and s.word = 'clean' and (t.state = 'visible' or t.code = 'blocked-url')) as clean
  from artifacts a join projects p on p.id = a.project_id
  where a.id > ? and a.refused is null and exists (select 1 from assessments s where s.artifact_id = a.id)
  order by a.id limit ?`;

/** The later of what a believed upstream says and our own sight of a file that appeared while we watched. */
function bornAt(row: Readonly<Record<string, unknown>>, isBelieved: boolean): number {
  const told = isBelieved ? row["published_at"] : null;
  return Math.max(Number(told ?? row["fetched_at"]), Number(row["seen_at"] ?? 0));
}
