import type { App } from "../app.ts";
import type { Decision, ListedArtifact } from "../catalog/model.ts";
import { projectChanged } from "../catalog/revisions.ts";
import { raw } from "../storage/database/sqlite.ts";
import { decide, type Facts } from "./decide.ts";
import type { KnownProject } from "./facts.ts";
import type { Feed } from "./feeds.ts";
import { purlOf } from "./rules.ts";

/**
 * Decides about one artifact on one feed and writes its standing, the only function that does. Idempotent; every trigger (an
 * inspection, an exception, an advisory, the end of a cooldown, a changed policy) ends here. A change is an event.
 */
export async function applyPolicy(
  app: App,
  feed: Feed,
  project: KnownProject,
  artifact: ListedArtifact & { readonly id: number },
  facts: Facts,
): Promise<Decision> {
  const now = app.clock();
  const decision = decide(facts, feed.policy, now);
  const before = standingOf(app, feed, artifact.id);
  if (before && isSame(before, decision, feed)) return decision;
  const row = {
    state: decision.state,
    code: decision.code,
    sentence: decision.sentence,
    until: decision.until ?? null,
    policy: feed.policyHash,
    decided_at: now,
  };
  await app.database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("standings")
      .values({ feed: feed.id, artifact_id: artifact.id, ...row })
      .onConflict((conflict) => conflict.columns(["artifact_id", "feed"]).doUpdateSet(row))
      .execute();
    if (before?.state === decision.state && before.code === decision.code) return;
    await transaction
      .insertInto("events")
      .values({
        at: now,
        kind: "standing",
        actor: "policy",
        feed: feed.id,
        purl: purlOf(feed.ecosystem, project.name, artifact.version),
        data: JSON.stringify({ filename: artifact.filename, from: before ?? null, to: decision }),
      })
      .execute();
  });
  projectChanged(app, project.id);
  return decision;
}

interface Standing {
  readonly state: string;
  readonly code: string;
  readonly sentence: string;
  readonly until: number | null;
  readonly policy: string;
}

function standingOf(app: App, feed: Feed, artifactId: number): Standing | undefined {
  return raw(app.database)
    .prepare("select state, code, sentence, until, policy from standings where artifact_id = ? and feed = ?")
    .get(artifactId, feed.id) as Standing | undefined;
}

function isSame(before: Standing, decision: Decision, feed: Feed): boolean {
  return (
    before.state === decision.state &&
    before.code === decision.code &&
    before.sentence === decision.sentence &&
    before.until === (decision.until ?? null) &&
    before.policy === feed.policyHash
  );
}
