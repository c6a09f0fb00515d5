import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { matchIndicators } from "../advisories/indicators.ts";
import { someMentioning } from "../advisories/mentions.ts";
import type { App } from "../app.ts";
import { artifactById } from "../catalog/artifacts.ts";
import { projectById } from "../catalog/projects.ts";
import { findAssessment } from "../catalog/verdicts.ts";
import { readListed } from "../inspection/assess.ts";
import type { Feeds } from "../policy/feeds.ts";
import type { Examiner } from "./examine.ts";

/** Brings a change of the URL lists to the files that were assessed before it, in the background and also after a `kill -9`. */
export interface Reassessment {
  /** Durably notes, before a change, that there will be one: if the process ends before `begin`, it is looked for some minutes later. */
  announce(key: string): Promise<void>;
  /** Starts what was announced under this key; nothing when nothing was. */
  begin(key: string): Promise<void>;
  /** Stops before the next files and waits for those under way. */
  close(): Promise<void>;
}

const KIND = "reassessment";
const BATCH = 100;
/** Between inspections that somebody waits for and those again by a newer engine. */
const PRIORITY = -5;
const ANNOUNCED_MS = 300_000;
/** Between batches, so that a machine with few cores stays free for its users. */
const PAUSE_MS = 20;

const payloadSchema = z.object({ after: z.number() });

/** Goes on where an earlier process left off. */
export function startReassessment(app: App, feeds: Feeds, examiner: Examiner): Reassessment {
  const announced = new Set<string>();
  const worker = app.queue
    .work(
      {
        async [KIND](payload, { key }) {
          const { after } = payloadSchema.parse(payload);
          const last = await lookAt(app, feeds, examiner, after);
          if (last !== undefined) await app.queue.enqueue(KIND, key, { after: last }, { priority: PRIORITY });
          await sleep(PAUSE_MS);
        },
      },
      { concurrency: 1 },
    )
    .catch((error: unknown): undefined => {
      app.log.error({ err: error }, "changes of URL lists cannot be brought to files assessed before");
    });
  return {
    async announce(key) {
      announced.add(key);
      await app.queue.enqueue(KIND, key, { after: 0 }, { priority: PRIORITY, runAt: app.clock() + ANNOUNCED_MS });
    },
    async begin(key) {
      if (announced.delete(key)) await app.queue.enqueue(KIND, key, { after: 0 }, { priority: PRIORITY });
    },
    async close() {
      await (await worker)?.stop();
    },
  };
}

/** Looks at some files, reassesses those that other listed addresses are found in now, and tells the last one's number; undefined at the end. */
async function lookAt(app: App, feeds: Feeds, examiner: Examiner, after: number): Promise<number | undefined> {
  const some = someMentioning(app, after, BATCH);
  for (const { artifactId, projectId, addresses } of some) {
    const listed = JSON.stringify(matchIndicators(app, addresses));
    const ecosystem = projectById(app, projectId)?.ecosystem;
    for (const feed of feeds.all.filter((one) => one.ecosystem === ecosystem)) {
      const assessment = findAssessment(app, feed.id, artifactId);
      if (assessment && JSON.stringify(readListed(assessment)) !== listed)
        await reassess(app, examiner, feed, artifactId);
    }
  }
  return some.length < BATCH ? undefined : some.at(-1)!.artifactId;
}

async function reassess(app: App, examiner: Examiner, feed: Feeds["all"][number], artifactId: number): Promise<void> {
  const project = projectById(app, artifactById(app, artifactId)!.projectId);
  if (!project?.document) return;
  const mirrored = { ...project, document: project.document, stale: false, freshUntil: 0 };
  try {
    await examiner.reassess(feed, mirrored, artifactId);
  } catch (error) {
    // One project's damaged index must not keep the change from all others.
    app.log.warn({ project: project.name, err: error }, "a file could not be reassessed");
  }
}
