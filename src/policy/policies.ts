import type { App } from "../app.ts";
import type { Policy } from "../config.ts";
import type { Feeds } from "./feeds.ts";

/** Keeps every policy that is in force under its hash, so that recorded decisions can be explained and replayed later. */
export async function recordPolicies(app: App, feeds: Feeds): Promise<void> {
  const now = app.clock();
  for (const { policyHash: hash, policy } of feeds.all)
    await app.database
      .insertInto("policies")
      .values({ hash, body: JSON.stringify(policy), first_used_at: now })
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .execute();
}

/** A policy that was once in force; undefined when none had that hash. */
export async function findPolicy(app: App, hash: string): Promise<Policy | undefined> {
  const row = await app.database.selectFrom("policies").select("body").where("hash", "=", hash).executeTakeFirst();
  return row && (JSON.parse(row.body) as Policy);
}
