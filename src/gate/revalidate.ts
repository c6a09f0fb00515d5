import type { Intake } from "../intake/intake.ts";
import type { Feed } from "../policy/feeds.ts";

/** What is served without a look at its index. */
export interface Unlooked {
  readonly project: { readonly name: string };
  /** When its project's index has to be looked at again, epoch milliseconds. */
  lookAt: number;
}

/** Indexes looked at at a time; others wait for the next request for a file of theirs. */
const AT_ONCE = 16;
/** How long an index is left alone after a look, whatever came of it. */
const PAUSE_MS = 15_000;

/**
 * Looks at old indexes behind files that are served: whoever asks for files alone learns what changed upstream hardly later than
 * whoever reads the index, and does not wait for it.
 */
export function openRevalidation({ app, mirror }: Intake): (feed: Feed, known: Unlooked) => void {
  let looking = 0;
  return (feed, known) => {
    const now = app.clock();
    if (now < known.lookAt || looking >= AT_ONCE) return;
    known.lookAt = now + PAUSE_MS;
    looking++;
    mirror
      .project(feed, known.project.name)
      .then(({ freshUntil }) => void (known.lookAt = Math.max(known.lookAt, freshUntil)))
      .catch((error: unknown) => app.log.debug({ project: known.project.name, err: error }, "could not look upstream"))
      .finally(() => looking--);
  };
}
