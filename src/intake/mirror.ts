import type { App } from "../app.ts";
import { type ArtifactRow, artifactsOf } from "../catalog/artifacts.ts";
import type { Digest, ListedArtifact, ProjectListing } from "../catalog/model.ts";
import {
  findProject,
  forgetDocument,
  type ProjectLook,
  type ProjectRow,
  projectById,
  recordLook,
  recordUnchanged,
  type Sighting,
} from "../catalog/projects.ts";
import { projectChanged } from "../catalog/revisions.ts";
import type { UpstreamConfig } from "../config.ts";
import type { StoredDocument } from "../ecosystems/ecosystem.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { refuse } from "../errors.ts";
import { durationMs } from "../lib/duration.ts";
import { lru } from "../lib/lru.ts";
import { singleFlight } from "../lib/single-flight.ts";
import { type Feed, originOf } from "../policy/feeds.ts";
import { isUpstreamTrouble, type UpstreamClient, unavailable } from "./upstream.ts";

/** A project as this feed knows it now. */
export interface MirroredProject extends ProjectRow {
  readonly document: string;
  /** Upstream does not answer: this is what was known before. */
  readonly stale: boolean;
  /** Until when upstream need not be asked again, epoch milliseconds. */
  readonly freshUntil: number;
}

/** How long "there is no such project" is believed. */
const ABSENT_TTL_MS = 30_000;
/** How long upstream is left alone after it failed. */
const TROUBLE_PAUSE_MS = 15_000;

/** Index documents of upstream projects: fetched, revalidated, kept. */
export interface Mirror {
  /**
   * The project, asked of its one origin when what we have is older than the TTL; concurrent callers share one request. When
   * upstream is down, what is known is served and marked. Throws PROJECT_NOT_FOUND, NO_UPSTREAM, UPSTREAM_UNAVAILABLE.
   */
  project(feed: Feed, name: string): Promise<MirroredProject>;
  /** The stored index document and its listing; kept in memory while there is room, because reading a large one costs. */
  read(feed: Feed, project: MirroredProject): Promise<ReadProjectDocument>;
}

/** Opens the mirror; it holds nothing that needs closing. */
export function openMirror(app: App, client: UpstreamClient): Mirror {
  const looks = singleFlight<string, ProjectRow | undefined>();
  const reads = singleFlight<string, ReadProjectDocument>();
  /** Projects that upstream need not be asked about now: hot pages cost no query. */
  const fresh = lru<string, MirroredProject>({ weight: 10_000 });
  /** When an upstream said that it has no such project, which nobody had before: kept here alone, because names cost nothing to make up. */
  const absences = lru<string, number>({ weight: 10_000 });
  /** Until when an upstream is left alone about a project. */
  const troubles = lru<string, number>({ weight: 10_000 });
  const documents = lru<string, ReadProjectDocument>({
    weight: app.limits.memoryCacheBytes / 4,
    // A parsed listing weighs about as much as its document.
    weigh: ({ document }) => document.body.length * 2 + 1024,
  });

  async function project(feed: Feed, name: string): Promise<MirroredProject> {
    const upstream = upstreamOf(feed, name);
    const key = `${feed.ecosystem} ${upstream.name} ${name}`;
    const remembered = fresh.get(key);
    if (remembered && isWithin(app, remembered)) return remembered;
    if (isRecent(app, absences.get(key))) throw refuse("PROJECT_NOT_FOUND", { name, feed: feed.name });
    const known = findProject(app, feed.ecosystem, upstream.name, name);
    if (known && app.clock() < freshUntil(app, known)) return remember(key, presented(app, feed, known, false));
    if (known?.document && app.clock() < (troubles.get(key) ?? 0)) return presented(app, feed, known, true);
    try {
      const looked = await looks(key, () => look(app, client, upstream, feed, name));
      troubles.delete(key);
      if (!looked) {
        absences.set(key, app.clock());
        throw refuse("PROJECT_NOT_FOUND", { name, feed: feed.name });
      }
      return remember(key, presented(app, feed, looked, false));
    } catch (error) {
      if (!isUpstreamTrouble(error)) throw error;
      troubles.set(key, app.clock() + TROUBLE_PAUSE_MS);
      if (!known?.document || app.clock() - known.checkedAt > durationMs(app.config.network.stale_for)) throw error;
      app.log.warn({ upstream: upstream.name, project: name, err: error }, "upstream trouble; serving what is known");
      return presented(app, feed, known, true);
    }
  }

  function remember(key: string, mirrored: MirroredProject): MirroredProject {
    fresh.set(key, mirrored);
    return mirrored;
  }

  async function readKept(feed: Feed, mirrored: MirroredProject): Promise<ReadProjectDocument> {
    const key = `${feed.ecosystem} ${mirrored.document}`;
    const kept = documents.get(key);
    if (kept) return kept;
    return reads(key, async () => {
      try {
        const read = await readStored(app, feed, mirrored);
        documents.set(key, read);
        return read;
      } catch (error) {
        fresh.clear();
        throw error;
      }
    });
  }

  return {
    project,
    async read(feed, mirrored) {
      try {
        return await readKept(feed, mirrored);
      } catch (error) {
        // Whoever waited long for bytes may hold a document that was replaced meanwhile.
        const document = projectById(app, mirrored.id)?.document;
        if (!document || document === mirrored.document) throw error;
        return readKept(feed, { ...mirrored, document });
      }
    },
  };
}

/** An index document with the listing that was read from it. */
export interface ReadProjectDocument {
  readonly document: StoredDocument;
  readonly listing: ProjectListing;
}

function upstreamOf(feed: Feed, name: string): UpstreamConfig {
  const origin = originOf(feed, name);
  if (!origin) throw refuse("NO_UPSTREAM", { feed: feed.name, name, ecosystem: feed.ecosystem });
  // A private name is never asked of an upstream, whatever is or is not hosted here.
  if (!origin.upstream) throw refuse("PROJECT_NOT_FOUND", { name, feed: feed.name });
  return origin.upstream;
}

async function readStored(app: App, feed: Feed, project: MirroredProject): Promise<ReadProjectDocument> {
  const body = await app.documents.read(project.document);
  if (body) {
    const document: StoredDocument = { body, validators: project.validators };
    return { document, listing: ECOSYSTEMS[feed.ecosystem].readListing(document) };
  }
  await forgetDocument(app, project.id, project.document);
  const why = "the stored index was damaged and will be fetched again";
  throw refuse("UPSTREAM_UNAVAILABLE", { upstream: project.origin, what: project.name, why }, 1);
}

function freshUntil(app: App, known: ProjectRow): number {
  const ttl = known.document === null ? ABSENT_TTL_MS : durationMs(app.config.network.index_ttl);
  // A clock that was set back must not keep an old answer for longer.
  return known.checkedAt <= app.clock() ? known.checkedAt + ttl : 0;
}

function isRecent(app: App, absentAt: number | undefined): boolean {
  const age = app.clock() - (absentAt ?? Number.NEGATIVE_INFINITY);
  return age >= 0 && age < ABSENT_TTL_MS;
}

function isWithin(app: App, { checkedAt, freshUntil }: MirroredProject): boolean {
  const now = app.clock();
  return now < freshUntil && now >= checkedAt;
}

function presented(app: App, feed: Feed, row: ProjectRow, stale: boolean): MirroredProject {
  const { document } = row;
  if (document === null) throw refuse("PROJECT_NOT_FOUND", { name: row.name, feed: feed.name });
  return { ...row, document, stale, freshUntil: stale ? 0 : freshUntil(app, row) };
}

/** What upstream has now, recorded; undefined when it has nothing of a project that nobody knew. */
async function look(
  app: App,
  client: UpstreamClient,
  upstream: UpstreamConfig,
  feed: Feed,
  name: string,
): Promise<ProjectRow | undefined> {
  const ecosystem = ECOSYSTEMS[feed.ecosystem];
  const known = findProject(app, feed.ecosystem, upstream.name, name);
  const before = known?.document ? await app.documents.read(known.document) : undefined;
  const previous = before && { body: before, validators: known?.validators ?? {} };
  const answer = await ecosystem.readProject(client.get(upstream), name, previous);
  if (answer.kind === "unchanged" && known && before) {
    await recordUnchanged(app, known.id);
    return { ...known, checkedAt: app.clock() };
  }
  // An answer without sense is not "there is none".
  if (answer.kind === "unchanged") throw unavailable(upstream, name, "it says unchanged of what nobody has");
  const identity = { ecosystem: feed.ecosystem, origin: upstream.name, name };
  if (answer.kind === "absent" && !known) return undefined;
  if (answer.kind !== "document") {
    const gone = await recordLook(app, {
      ...identity,
      document: null,
      validators: {},
      sightings: [],
      changedBytes: [],
      restored: [],
    });
    projectChanged(app, gone.id);
    return gone;
  }
  const { body, validators } = answer.document;
  // Read before it is stored: a document that cannot be read is upstream trouble and must not replace one that can.
  const listing = ecosystem.readListing(answer.document);
  const { indexFiles } = app.limits;
  if (listing.artifacts.length > indexFiles) {
    throw unavailable(upstream, name, `it lists more files than the limit of ${indexFiles}`);
  }
  const document = await app.documents.put(body);
  const row = await recordLook(app, {
    ...identity,
    document,
    validators,
    sightings: previous && known ? sightings(ecosystem.readListing(previous), listing, known, app.clock()) : [],
    ...(known ? comparedBytes(app, known.id, listing) : { changedBytes: [], restored: [] }),
  });
  if (known?.document && known.document !== document) await app.documents.delete(known.document);
  projectChanged(app, row.id);
  return row;
}

/**
 * Digests that were not under their file name before: what age counts from, because an upstream time can be back-dated. A file that was
 * there under another digest keeps that one too, so that it does not pass for a new file.
 */
function sightings(before: ProjectListing, after: ProjectListing, project: ProjectRow, now: number): Sighting[] {
  const known = new Map(before.artifacts.map((artifact) => [artifact.filename, firstDigest(artifact)]));
  return after.artifacts.flatMap((artifact) => {
    const { filename } = artifact;
    const [was, is] = [known.get(filename), firstDigest(artifact)];
    if (was === is) return [];
    const sighting = { filename, digest: is, at: now };
    return was === undefined ? [sighting] : [{ filename, digest: was, at: project.firstFetchedAt }, sighting];
  });
}

/** Fetched files whose index entry now declares other bytes under the same algorithm, and those for which it no longer does. */
function comparedBytes(
  app: App,
  projectId: number,
  after: ProjectListing,
): Pick<ProjectLook, "changedBytes" | "restored"> {
  const known = artifactsOf(app, projectId);
  const changedBytes: { filename: string; says: string }[] = [];
  const restored: string[] = [];
  if (known.size === 0) return { changedBytes, restored };
  for (const { filename, digests } of after.artifacts) {
    const fetched = known.get(filename);
    if (!fetched?.sha256) continue;
    const same = digests.map((digest) => isSameBytes(fetched, digest)).filter((one) => one !== undefined);
    if (same.includes(false))
      changedBytes.push({ filename, says: "has other bytes upstream than those known under this file name" });
    else if (same.length > 0 && fetched.refused?.code === "changed-bytes") restored.push(filename);
  }
  return { changedBytes, restored };
}

/** Whether a digest is that of the bytes fetched; undefined when there is nothing to compare it with. */
function isSameBytes({ sha256, digests }: ArtifactRow, digest: Digest): boolean | undefined {
  const algorithm = digest.slice(0, digest.indexOf(":") + 1);
  const old = algorithm === "sha256:" ? `sha256:${sha256}` : digests.find((one) => one.startsWith(algorithm));
  return old === undefined ? undefined : old === digest;
}

function firstDigest(artifact: ListedArtifact): string {
  return artifact.digests[0] ?? "";
}
