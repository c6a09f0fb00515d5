import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What a gate did, read from its data folder after it stopped. */
export interface Evidence {
  readonly served: number;
  readonly bytes: number;
  /** Requests that were told to come back later. */
  readonly waits: number;
  /** Artifacts that were inspected, those inspected ahead of time included. */
  readonly inspected: number;
  readonly withheld: readonly Withheld[];
}

/** One artifact that policy withholds, asked for or not; with a feed in audit mode, that it would withhold. */
export interface Withheld {
  readonly feed: string;
  readonly filename: string;
  readonly sentence: string;
  readonly score: number | null;
  /** What the score rests on: detector and points. */
  readonly because: string;
}

/** Reads the ledger and the standings of a stopped gate. */
export function readEvidence(data: string): Evidence {
  const database = new DatabaseSync(join(data, "portcullis.db"), { readOnly: true });
  try {
    const count = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
    const rows = database
      .prepare(
        `select t.feed, a.filename, t.sentence, s.score, s.verdict
         from standings t join artifacts a on a.id = t.artifact_id
         left join assessments s on s.artifact_id = t.artifact_id and s.feed = t.feed
         where t.state in ('held', 'blocked') or t.code = 'audit' order by t.feed, a.filename`,
      )
      .all();
    return {
      served: count("select count(*) from ledger where outcome = 'served'"),
      bytes: count("select sum(bytes) from ledger where outcome = 'served'"),
      waits: count("select count(*) from ledger where outcome = 'deferred'"),
      inspected: count("select count(*) from assessments"),
      withheld: rows.map((row) => ({
        feed: String(row["feed"]),
        filename: String(row["filename"]),
        sentence: String(row["sentence"]),
        score: row["score"] === null ? null : Number(row["score"]),
        because: contributionsOf(row["verdict"]),
      })),
    };
  } finally {
    database.close();
  }
}

function contributionsOf(verdict: unknown): string {
  if (typeof verdict !== "string") return "";
  const { contributions, because } = JSON.parse(verdict) as {
    contributions?: { detector: string; points: number }[];
    because?: string;
  };
  const points = (contributions ?? []).map((one) => `${one.detector} ${one.points.toFixed(1)}`);
  return [...(because === undefined ? [] : [because]), ...points].join(", ");
}
