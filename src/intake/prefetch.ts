import type { App } from "../app.ts";
import type { ListedArtifact } from "../catalog/model.ts";
import type { Feed } from "../policy/feeds.ts";
import type { Examiner } from "./examine.ts";
import type { MirroredProject } from "./mirror.ts";

/** Examines ahead of time what resolvers are likely to choose next, behind everything that somebody waits for. A hint: bounded, kept in memory, lost without harm. */
export interface Prefetch {
  want(feed: Feed, project: MirroredProject, artifacts: readonly ListedArtifact[]): void;
  /** Forgets what waits; what runs ends by itself. */
  close(): void;
}

const AT_ONCE = 4;
const MOST_WAITING = 1000;

interface Wish {
  readonly feed: Feed;
  readonly project: MirroredProject;
  readonly artifact: ListedArtifact;
}

/** Opens the prefetcher. */
export function openPrefetch(app: App, examiner: Examiner): Prefetch {
  const waiting: Wish[] = [];
  let running = 0;
  let closed = false;

  async function run({ feed, project, artifact }: Wish): Promise<void> {
    running++;
    try {
      await examiner.artifact(feed, project, artifact, false);
    } catch (error) {
      app.log.debug({ project: project.name, filename: artifact.filename, err: error }, "could not examine ahead");
    } finally {
      running--;
      next();
    }
  }

  function next(): void {
    while (!closed && running < AT_ONCE) {
      // The newest wish is the one whose client is about to ask.
      const wish = waiting.pop();
      if (!wish) return;
      void run(wish);
    }
  }

  return {
    want(feed, project, artifacts) {
      if (closed || !app.config.prefetch) return;
      for (const artifact of [...artifacts].reverse()) waiting.push({ feed, project, artifact });
      if (waiting.length > MOST_WAITING) waiting.splice(0, waiting.length - MOST_WAITING);
      next();
    },
    close() {
      closed = true;
      waiting.length = 0;
    },
  };
}
