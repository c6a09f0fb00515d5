import type { App } from "../app.ts";
import { artifactsOf } from "../catalog/artifacts.ts";
import type { EcosystemId } from "../catalog/model.ts";
import { findProject } from "../catalog/projects.ts";
import { everythingChanged } from "../catalog/revisions.ts";
import { findAssessment } from "../catalog/verdicts.ts";
import { applyPolicy } from "../policy/apply.ts";
import { projectFacts } from "../policy/facts.ts";
import { type Feeds, originOf } from "../policy/feeds.ts";
import type { Mirror } from "./mirror.ts";

/**
 * Brings the standings of a project's assessed artifacts up to date on every feed, after an advisory, an exception or a policy
 * changed. What clients get does not wait for it: decisions in memory are dropped at once.
 */
export async function reapply(
  app: App,
  feeds: Feeds,
  mirror: Mirror,
  ecosystem: EcosystemId,
  name: string,
): Promise<void> {
  everythingChanged(app);
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
      if (findAssessment(app, feed.id, artifact.id)) await applyPolicy(app, feed, project, artifact, factsOf(artifact));
  }
}
