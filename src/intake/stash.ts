import type { App } from "../app.ts";
import { type ArtifactRow, artifactById, recordFetch } from "../catalog/artifacts.ts";
import type { Digest } from "../catalog/model.ts";
import { projectChanged } from "../catalog/revisions.ts";
import type { UpstreamConfig } from "../config.ts";
import { singleFlight } from "../lib/single-flight.ts";
import type { BlobReceiver } from "../storage/blobs/blobs.ts";
import { discard, type OpenAnswer, type UpstreamClient, unavailable } from "./upstream.ts";

/** Bytes of artifacts, fetched once however many ask. */
export interface Stash {
  /**
   * The artifact with its bytes in the blob store, or with `refused` set when they are not what was declared, not what was known,
   * or too large. Throws UPSTREAM_UNAVAILABLE and DISK_FULL; then nothing is kept.
   */
  fetch(upstream: UpstreamConfig, artifact: ArtifactRow): Promise<ArtifactRow>;
}

/** How long bytes that did not match their declaration are not asked for again: an upstream may mend a broken file. */
const REFUSED_PAUSE_MS = 600_000;

/** Opens the stash; it holds nothing that needs closing. */
export function openStash(app: App, client: UpstreamClient): Stash {
  const flights = singleFlight<number, ArtifactRow>();

  async function fetch(upstream: UpstreamConfig, id: number): Promise<ArtifactRow> {
    const artifact = artifactById(app, id)!;
    if (await isSettled(app, artifact)) return artifact;
    const answer = await client.open(upstream, artifact.url);
    const outcome = await receive(app, upstream, artifact, answer);
    await recordFetch(app, id, outcome);
    if ("refused" in outcome) projectChanged(app, artifact.projectId);
    return artifactById(app, id)!;
  }

  return {
    async fetch(upstream, artifact) {
      return (await isSettled(app, artifact)) ? artifact : flights(artifact.id, () => fetch(upstream, artifact.id));
    },
  };
}

/** When refused bytes are asked for again, epoch milliseconds; undefined for those that changed, whose index has to change back first. */
export function refetchAt({ refused, fetchedAt }: ArtifactRow): number | undefined {
  return refused === null || refused.code === "changed-bytes" ? undefined : (fetchedAt ?? 0) + REFUSED_PAUSE_MS;
}

async function isSettled(app: App, artifact: ArtifactRow): Promise<boolean> {
  if (artifact.refused) return app.clock() < (refetchAt(artifact) ?? Number.POSITIVE_INFINITY);
  if (artifact.sha256 === null || artifact.size === undefined) return false;
  return (await app.blobs.locate(artifact.sha256, artifact.size)) !== undefined;
}

type Outcome = Parameters<typeof recordFetch>[2];

async function receive(
  app: App,
  upstream: UpstreamConfig,
  artifact: ArtifactRow,
  answer: OpenAnswer,
): Promise<Outcome> {
  if (answer.status !== 200) {
    discard(answer.body);
    throw unavailable(upstream, artifact.url, `its index lists the file, but it answered ${answer.status}`);
  }
  const declared = Number(answer.headers["content-length"] ?? Number.NaN);
  if (declared > app.limits.artifactBytes) {
    answer.body.destroy();
    return tooLarge(app);
  }
  const receiver = await app.blobs.receive();
  const startedAt = performance.now();
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (isDripping(performance.now() - startedAt, size, app.limits.upstreamIndexMs))
        throw new Error("it is too slow");
      if (size > app.limits.artifactBytes) {
        await receiver.abort();
        return tooLarge(app);
      }
      await receiver.write(chunk);
    }
  } catch (error) {
    await receiver.abort();
    if ((error as { code?: string }).code === "DISK_FULL") throw error;
    throw unavailable(upstream, artifact.url, (error as Error).message || "the answer broke off");
  }
  if (Number.isFinite(declared) && declared !== size) {
    await receiver.abort();
    throw unavailable(upstream, artifact.url, `it sent ${size} bytes of ${declared}`);
  }
  return settle(artifact, receiver);
}

/** Bytes per second below which an answer that took longer than an index document may is broken off: it would never end. */
const SLOWEST = 16 << 10;

function isDripping(ms: number, bytes: number, patienceMs: number): boolean {
  return ms > patienceMs && bytes < (ms / 1000) * SLOWEST;
}

async function settle(artifact: ArtifactRow, receiver: BlobReceiver): Promise<Outcome> {
  const { size, ...digests } = await receiver.commit();
  const mismatch = artifact.digests.find((digest) => !matches(digest, digests));
  if (mismatch) {
    const algorithm = mismatch.slice(0, mismatch.indexOf(":"));
    const says = `has other bytes than its index declares (${algorithm} differs)`;
    return { refused: { code: "digest-mismatch", says } };
  }
  if (artifact.sha256 !== null && artifact.sha256 !== digests.sha256)
    return {
      refused: { code: "changed-bytes", says: "has other bytes upstream than those known under this file name" },
    };
  return { sha256: digests.sha256, size };
}

function matches(digest: Digest, actual: Readonly<Record<string, string>>): boolean {
  const colon = digest.indexOf(":");
  const found = actual[digest.slice(0, colon)];
  return found === undefined || found === digest.slice(colon + 1).toLowerCase();
}

function tooLarge(app: App): Outcome {
  const megabytes = Math.floor(app.limits.artifactBytes / (1 << 20));
  return {
    refused: { code: "unknown", says: `is larger than the limit of ${megabytes} MiB, so it cannot be inspected` },
  };
}
