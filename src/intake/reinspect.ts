import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "../app.ts";
import { projectById } from "../catalog/projects.ts";
import { findAssessment, outdatedArtifacts } from "../catalog/verdicts.ts";
import { ENGINE } from "../inspection/engine.ts";
import type { Feeds } from "../policy/feeds.ts";
import type { Examiner } from "./examine.ts";

/** Replaces verdicts of older engines in the background, behind everything that somebody waits for; until then they serve. */
export interface Reinspection {
  /** Stops before the next artifact and waits for the one under way. */
  close(): Promise<void>;
}

const BATCH = 100;
/** Between artifacts, so that a machine with few cores stays free for its users. */
const PAUSE_MS = 20;

/** Starts going through what other engines assessed, once. */
export function startReinspection(app: App, feeds: Feeds, examiner: Examiner): Reinspection {
  const stopped = new AbortController();
  const run = goThrough(app, feeds, examiner, stopped.signal).catch((error: unknown) => {
    if (!stopped.signal.aborted) app.log.error({ err: error }, "re-inspection stopped");
  });
  return {
    async close() {
      stopped.abort();
      await run;
    },
  };
}

async function goThrough(app: App, feeds: Feeds, examiner: Examiner, signal: AbortSignal): Promise<void> {
  let after = 0;
  for (;;) {
    const batch = await outdatedArtifacts(app, ENGINE, after, BATCH);
    if (batch.length === 0) return;
    for (const { artifactId, projectId } of batch) {
      if (signal.aborted) return;
      after = artifactId;
      await again(app, feeds, examiner, artifactId, projectId);
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

async function again(app: App, feeds: Feeds, examiner: Examiner, artifactId: number, projectId: number): Promise<void> {
  const project = projectById(app, projectId);
  if (!project?.document) return;
  const mirrored = { ...project, document: project.document, stale: false, freshUntil: 0 };
  for (const feed of feeds.all) {
    const assessment = findAssessment(app, feed.id, artifactId);
    if (!assessment || assessment.engine === ENGINE) continue;
    try {
      await examiner.again(feed, mirrored, artifactId);
    } catch (error) {
      app.log.warn({ err: error, artifact: artifactId }, "could not inspect again");
    }
  }
}
