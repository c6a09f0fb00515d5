import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { App } from "../app.ts";
import { projectById } from "../catalog/projects.ts";
import { findAssessment, outdatedArtifacts } from "../catalog/verdicts.ts";
import { ENGINE } from "../inspection/engine.ts";
import type { Feeds } from "../policy/feeds.ts";
import type { JobHandler, QueueWorker } from "../storage/queue/queue.ts";
import type { Examiner } from "./examine.ts";

/**
 * Replaces verdicts of older engines in the background, behind everything that somebody waits for; until then they serve. What is
 * to do is in the queue, so that it goes on where a process that was killed left it, and what failed is tried again.
 */
export interface Reinspection {
  /** Stops before the next artifact and waits for the one under way. */
  close(): Promise<void>;
}

/** Finds what is outdated, some at a time; the next time comes when those are done. */
const SURVEY = "reinspection-survey";
const REINSPECT = "reinspection";
const BATCH = 100;
/** Behind every other kind of job, and a survey behind what the one before has found. */
const PRIORITY = { [REINSPECT]: -10, [SURVEY]: -20 };
/** Between artifacts, so that a machine with few cores stays free for its users. */
const PAUSE_MS = 20;

const surveyPayload = z.object({ after: z.number() });
const reinspectPayload = z.object({ artifactId: z.number(), projectId: z.number() });

/** Has what other engines assessed looked for, and starts working on it. */
export function startReinspection(app: App, feeds: Feeds, examiner: Examiner): Reinspection {
  const handlers: Readonly<Record<string, JobHandler>> = {
    [SURVEY]: (payload) => survey(app, surveyPayload.parse(payload).after),
    async [REINSPECT](payload) {
      const { artifactId, projectId } = reinspectPayload.parse(payload);
      await again(app, feeds, examiner, artifactId, projectId);
      await sleep(PAUSE_MS);
    },
  };
  const worker = start(app, handlers).catch((error: unknown): undefined => {
    app.log.error({ err: error }, "verdicts of older engines cannot be replaced");
  });
  return {
    async close() {
      await (await worker)?.stop();
    },
  };
}

async function start(app: App, handlers: Readonly<Record<string, JobHandler>>): Promise<QueueWorker> {
  // One that waits already goes on from where it is.
  await app.queue.enqueue(SURVEY, ENGINE, { after: 0 }, { priority: PRIORITY[SURVEY] });
  return app.queue.work(handlers, { concurrency: 1 });
}

async function survey(app: App, after: number): Promise<void> {
  const found = await outdatedArtifacts(app, ENGINE, after, BATCH);
  const last = found.at(-1);
  if (last === undefined) return;
  await app.database.transaction().execute(async (transaction) => {
    for (const artifact of found)
      await app.queue.enqueue(REINSPECT, String(artifact.artifactId), artifact, {
        priority: PRIORITY[REINSPECT],
        in: transaction,
      });
    const next = { after: last.artifactId };
    await app.queue.enqueue(SURVEY, ENGINE, next, { priority: PRIORITY[SURVEY], in: transaction });
  });
}

async function again(app: App, feeds: Feeds, examiner: Examiner, artifactId: number, projectId: number): Promise<void> {
  const project = projectById(app, projectId);
  if (!project?.document) return;
  const mirrored = { ...project, document: project.document, stale: false, freshUntil: 0 };
  for (const feed of feeds.all) {
    const assessment = findAssessment(app, feed.id, artifactId);
    if (assessment && assessment.engine !== ENGINE) await examiner.again(feed, mirrored, artifactId);
  }
}
