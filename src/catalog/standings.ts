import type { App } from "../app.ts";

/** Artifacts by feed and standing. */
export async function countStandings(app: App): Promise<{ feed: string; state: string; count: number }[]> {
  const rows = await app.database
    .selectFrom("standings")
    .select(({ fn }) => ["feed", "state", fn.countAll<number>().as("count")])
    .groupBy(["feed", "state"])
    .execute();
  return rows.map(({ feed, state, count }) => ({ feed, state, count: Number(count) }));
}

/** Resolves when the database answers; rejects when it does not. */
export async function checkDatabase(app: App): Promise<void> {
  await app.database.selectFrom("policies").select("hash").limit(1).execute();
}
