import { cpus } from "node:os";
import { join, resolve } from "node:path";
import type { App } from "../app.ts";
import { type InspectorPool, openInspectorPool } from "../inspection/pool.ts";
import type { Feeds } from "../policy/feeds.ts";
import { type AdvisoryLists, startAdvisoryLists } from "./advisory-lists.ts";
import { type Examiner, openExaminer } from "./examine.ts";
import { type Mirror, openMirror } from "./mirror.ts";
import { openPrefetch, type Prefetch } from "./prefetch.ts";
import { startReinspection } from "./reinspect.ts";
import { openStash, type Stash } from "./stash.ts";
import { openUpstreamClient, type UpstreamClient } from "./upstream.ts";

/** What brings outside bytes in: the way upstream, index documents, artifacts, and the inspectors that look at them. */
export interface Intake {
  readonly app: App;
  readonly feeds: Feeds;
  readonly client: UpstreamClient;
  readonly mirror: Mirror;
  readonly stash: Stash;
  readonly inspectors: InspectorPool;
  readonly examiner: Examiner;
  readonly prefetch: Prefetch;
  readonly advisoryLists: AdvisoryLists;
  close(): Promise<void>;
}

/** Opens the intake of an app; `close` ends the inspectors and connections. */
export function openIntake(app: App, feeds: Feeds): Intake {
  const client = openUpstreamClient(app.config, app.limits);
  const size = app.config.inspectors ?? Math.max(1, Math.min(4, cpus().length));
  const readable = [join(resolve(app.config.data), "blobs")];
  const inspectors = openInspectorPool({ size, warm: 1, limits: app.limits, readable, log: app.log });
  const mirror = openMirror(app, client);
  const stash = openStash(app, client);
  const examiner = openExaminer(app, mirror, stash, inspectors);
  const prefetch = openPrefetch(app, examiner);
  const advisoryLists = startAdvisoryLists(app, feeds, { mirror, examiner, client });
  const reinspection = startReinspection(app, feeds, examiner);
  return {
    app,
    feeds,
    client,
    mirror,
    stash,
    inspectors,
    examiner,
    prefetch,
    advisoryLists,
    async close() {
      prefetch.close();
      await advisoryLists.close();
      await reinspection.close();
      await Promise.all([client.close(), inspectors.close()]);
    },
  };
}
