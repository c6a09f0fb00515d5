import type { App } from "../app.ts";
import { artifactsOf } from "../catalog/artifacts.ts";
import type { Decision, EcosystemId } from "../catalog/model.ts";
import { findProject } from "../catalog/projects.ts";
import { everythingChanged } from "../catalog/revisions.ts";
import { findAssessment } from "../catalog/verdicts.ts";
import { applyPolicy } from "../policy/apply.ts";
import { projectFacts } from "../policy/facts.ts";
import { type Feed, type Feeds, originOf } from "../policy/feeds.ts";
import type { Mirror } from "./mirror.ts";

/** One artifact with the decision about it. */
export interface Reapplied {
  readonly feed: Feed;
  readonly version: string;
  readonly decision: Decision;
}

/**
 * Brings the standings of a project's assessed artifacts up to date on every feed, after an advisory, an exception or a policy
 * changed. What clients get does not wait for it: decisions in memory are dropped at once. Gives the decisions.
 */
export async function reapply(
  app: App,
  feeds: Feeds,
  mirror: Mirror,
  ecosystem: EcosystemId,
  name: string,
): Promise<readonly Reapplied[]> {
  everythingChanged(app);
  const all: Reapplied[] = [];
  for (const feed of feeds.all.filter((one) => one.ecosystem === ecosystem)) {
    const upstream = originOf(feed, name)?.upstream;
    const project = upstream && findProject(app, ecosystem, upstream.name, name);
    if (!project?.document) continue;
    const { listing } = await mirror.read(feed, {
      ...project,
      document: project.document,
      stale: false,
      freshUntil: 0,
    });
    const factsOf = projectFacts(app, feed, project, listing);
    for (const artifact of artifactsOf(app, project.id).values())
      if (findAssessment(app, feed.id, artifact.id)) {
        const decision = await applyPolicy(app, feed, project, artifact, factsOf(artifact));
        all.push({ feed, version: artifact.version, decision });
      }
  }
  return all;
}
