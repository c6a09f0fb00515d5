import { setTimeout as sleep } from "node:timers/promises";
import { type AdvisorySource, concernedProjects, type SyncResult, syncSource } from "../advisories/sync.ts";
import type { App } from "../app.ts";
import { everythingChanged } from "../catalog/revisions.ts";
import type { UpstreamConfig } from "../config.ts";
import { refuse } from "../errors.ts";
import { durationMs } from "../lib/duration.ts";
import type { Feeds } from "../policy/feeds.ts";
import type { Examiner } from "./examine.ts";
import type { Mirror } from "./mirror.ts";
import { reapply } from "./reapply.ts";
import { startReassessment } from "./reassess.ts";
import type { UpstreamClient } from "./upstream.ts";

/** Lists of known malware, vulnerabilities and URLs, read again when their time comes. */
export interface AdvisoryLists {
  /** Reads one source now and applies what it says. Throws NOT_FOUND, BAD_REQUEST, UPSTREAM_UNAVAILABLE. */
  sync(name: string, options?: { readonly force?: boolean }): Promise<SyncResult>;
  close(): Promise<void>;
}

/** Starts reading every configured source, each in its own rhythm; a failure is logged and tried again next time. */
export function startAdvisoryLists(
  app: App,
  feeds: Feeds,
  {
    mirror,
    examiner,
    client,
  }: { readonly mirror: Mirror; readonly examiner: Examiner; readonly client: UpstreamClient },
): AdvisoryLists {
  const stopped = new AbortController();
  const { signal } = stopped;
  const reassessment = startReassessment(app, feeds, examiner);

  async function sync(source: AdvisorySource, options: { readonly force?: boolean } = {}): Promise<SyncResult> {
    const before = concernedProjects(app, source.name);
    const key = `${source.name} ${app.clock()}`;
    const result = await syncSource(app, source, (one) => fetchList(app, client, one), {
      ...options,
      beforeChange: () => reassessment.announce(key),
    });
    await reassessment.begin(key);
    everythingChanged(app);
    const concerned = new Map(
      [...before, ...concernedProjects(app, source.name)].map((one) => [`${one.ecosystem}/${one.name}`, one]),
    );
    for (const { ecosystem, name } of concerned.values()) await reapply(app, feeds, mirror, ecosystem, name);
    app.log.info({ ...result }, "read an advisory list");
    return result;
  }

  async function keepReading(source: AdvisorySource): Promise<void> {
    while (!signal.aborted) {
      await sync(source).catch((error: unknown) =>
        app.log.warn({ source: source.name, err: error }, "could not read an advisory list"),
      );
      await sleep(Math.min(Math.max(1000, durationMs(source.every)), LONGEST_SLEEP_MS), undefined, {
        signal,
        ref: false,
      }).catch(() => {});
    }
  }

  const running = app.config.advisories.map(keepReading);
  return {
    async sync(name, options) {
      const source = app.config.advisories.find((one) => one.name === name);
      if (!source) throw refuse("NOT_FOUND", { what: `the advisory source ${name}` });
      return sync(source, options);
    },
    async close() {
      stopped.abort();
      await Promise.all(running);
      await reassessment.close();
    },
  };
}

/** What a timer of Node.js can hold; it takes anything longer for a millisecond. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** An address that the operator chose: any host, but bounded like everything from outside. */
async function fetchList(app: App, client: UpstreamClient, source: AdvisorySource): Promise<Buffer> {
  const asUpstream: UpstreamConfig = {
    name: source.name,
    ecosystem: "npm",
    url: source.location,
    names: [],
    trust_times: false,
    allow_private_address: false,
  };
  const answer = await client.open(asUpstream, source.location, { compressed: true });
  if (answer.status !== 200) {
    answer.body.destroy();
    throw refuse("UPSTREAM_UNAVAILABLE", {
      upstream: source.name,
      what: "its list",
      why: `it answered ${answer.status}`,
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > app.limits.importBytes) {
      answer.body.destroy();
      throw refuse("TOO_LARGE", { what: `the list ${source.name}`, limit: `${app.limits.importBytes} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
