import type { App } from "../app.ts";
import { type ArtifactRow, findArtifact, rememberArtifact } from "../catalog/artifacts.ts";
import { type CoreMetadata, coreMetadataOf, forgetCoreMetadata } from "../catalog/core-metadata.ts";
import type { Decision, ListedArtifact } from "../catalog/model.ts";
import { revisionOf } from "../catalog/revisions.ts";
import { findAssessment } from "../catalog/verdicts.ts";
import type { Reply } from "../ecosystems/ecosystem.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { refuse } from "../errors.ts";
import type { Intake } from "../intake/intake.ts";
import type { MirroredProject } from "../intake/mirror.ts";
import { lru } from "../lib/lru.ts";
import { decide } from "../policy/decide.ts";
import { projectFacts } from "../policy/facts.ts";
import { type Feed, originOf } from "../policy/feeds.ts";
import { type NewLedgerRow, record } from "../tracking/ledger.ts";
import type { Caller } from "./open-gate.ts";
import { openRevalidation, type Unlooked } from "./revalidate.ts";
import { whyUrl } from "./views.ts";

/** Artifacts' bytes, each request decided and written into the ledger before the first byte leaves. */
export interface Files {
  /** The artifact, inspected first. Throws WITHHELD, BEING_INSPECTED, ARTIFACT_NOT_FOUND and what the mirror throws. */
  serve(feed: Feed, caller: Caller, name: string, filename: string): Promise<Reply>;
  /** A file that upstream serves beside an artifact (`FILENAME.metadata`), offered unless the artifact is withheld. */
  serveSide(feed: Feed, caller: Caller, name: string, filename: string, suffix: string): Promise<Reply>;
}

/** A decision about an artifact that stands until something it rests on changes. */
interface Settled extends Unlooked {
  readonly project: { readonly id: number; readonly name: string };
  readonly revision: string;
  readonly until: number;
  readonly artifact: ArtifactRow;
  readonly decision: Decision;
  readonly word: NewLedgerRow["word"];
  readonly score: number | null;
  readonly inputsHash: string | null;
}

const MOST_SETTLED = 10_000;

/** Opens the file door of an intake. */
export function openFiles(intake: Intake): Files {
  const { app } = intake;
  const settled = lru<string, Settled>({ weight: MOST_SETTLED });
  const revalidate = openRevalidation(intake);

  async function settle(feed: Feed, caller: Caller, name: string, filename: string): Promise<Settled> {
    const key = `${feed.id} ${name} ${filename}`;
    const known = settled.get(key);
    if (known && known.revision === revisionOf(app, known.project.id) && app.clock() < known.until) {
      if (await isStored(intake, known)) {
        revalidate(feed, known);
        return known;
      }
    }
    const project = await intake.mirror.project(feed, name);
    const listed = await findListed(intake, feed, project, filename);
    // Taken before anything is decided: what changes while we fetch and inspect must not pass for known.
    const revision = revisionOf(app, project.id);
    const found = await examineWithin(intake, feed, project, listed);
    if (!found) {
      await record(app, { ...entryOf(app.clock(), feed, caller, project.name, listed), outcome: "deferred" });
      const seconds = estimateSeconds(intake);
      throw refuse("BEING_INSPECTED", { filename: printable(filename), seconds }, seconds);
    }
    const assessment = findAssessment(app, feed.id, found.artifact.id);
    const settledNow: Settled = {
      project: { id: project.id, name: project.name },
      revision,
      until: settledUntil(intake, feed, found),
      artifact: found.artifact,
      decision: found.decision,
      word: assessment?.verdict.word ?? null,
      score: assessment?.verdict.score ?? null,
      inputsHash: assessment?.inputsHash ?? null,
      lookAt: project.freshUntil,
    };
    settled.set(key, settledNow);
    return settledNow;
  }

  return {
    async serve(feed, caller, name, filename) {
      const { artifact, decision, project, ...basis } = await settle(feed, caller, name, filename);
      const offered = decision.state === "visible";
      if (caller.method !== "HEAD")
        await record(app, {
          ...entryOf(app.clock(), feed, caller, project.name, artifact),
          sha256: artifact.sha256,
          word: basis.word ?? null,
          score: basis.score,
          inputs_hash: basis.inputsHash,
          state: decision.state,
          code: decision.code,
          outcome: offered ? "served" : "withheld",
          bytes: offered ? (artifact.size ?? 0) : 0,
        });
      if (!offered)
        throw refuse("WITHHELD", { sentence: decision.sentence, url: whyUrl(caller.root, feed, name, filename) });
      return fileReply(intake, artifact);
    },
    async serveSide(feed, caller, name, filename, suffix) {
      const project = await intake.mirror.project(feed, name);
      const listed = await findListed(intake, feed, project, filename);
      const { listing } = await intake.mirror.read(feed, project);
      const decision = decide(projectFacts(app, feed, project, listing)(listed), feed.policy, app.clock());
      if (decision.state === "held" || decision.state === "blocked") {
        const { state, code } = decision;
        const sha256 = findArtifact(app, project.id, filename)?.sha256 ?? null;
        await record(app, { ...entryOf(app.clock(), feed, caller, project.name, listed), sha256, state, code });
        throw refuse("WITHHELD", { sentence: decision.sentence, url: whyUrl(caller.root, feed, name, filename) });
      }
      const extracted = suffix === ".metadata" ? await findExtracted(app, project, listed) : undefined;
      return fileReply(intake, extracted ?? (await fetchSide(intake, feed, project, listed, suffix)));
    },
  };
}

interface Found {
  readonly artifact: ArtifactRow;
  readonly decision: Decision;
}

/** From what is known to a decision that lets bytes out or not; undefined when that takes longer than a client waits. The work goes on. */
async function examineWithin(
  intake: Intake,
  feed: Feed,
  project: MirroredProject,
  listed: ListedArtifact,
): Promise<Found | undefined> {
  const { app } = intake;
  const { listing } = await intake.mirror.read(feed, project);
  const decision = decide(projectFacts(app, feed, project, listing)(listed), feed.policy, app.clock());
  if (decision.state === "visible") return fetched(intake, feed, project, listed, decision);
  if (decision.state === "pending" && feed.policy.mode === "audit") {
    intake.prefetch.want(feed, project, [listed]);
    return fetched(intake, feed, project, listed, { ...decision, state: "visible" });
  }
  if (decision.state !== "pending" && decision.code !== "cooldown") {
    const artifact = await rememberArtifact(app, project.id, listed);
    const retryAt = retryAtOf(intake, feed, artifact, decision);
    if (retryAt === undefined || app.clock() < retryAt) return { artifact, decision };
  }
  const work = async (): Promise<Found> => {
    // A cooldown waits for the release as a whole.
    if (decision.code === "cooldown") await intake.examiner.release(feed, project, listed.version, true);
    return intake.examiner.artifact(feed, project, listed, true);
  };
  return within(app.limits.holdMs, work(), (error) =>
    app.log.warn(
      { project: project.name, filename: listed.filename, err: error },
      "an examination that nobody waited for failed",
    ),
  );
}

/** Bytes that could not be inspected, or were not the declared ones, may be better ones some time later. */
function retryAtOf(intake: Intake, feed: Feed, artifact: ArtifactRow, { code }: Decision): number | undefined {
  return code === "unknown" || code === "digest-mismatch" ? intake.examiner.retryAt(feed, artifact) : undefined;
}

/** Until when a decision stands if nothing that it rests on changes; what could not be inspected is tried again some time. */
function settledUntil(intake: Intake, feed: Feed, { artifact, decision }: Found): number {
  const retryAt = retryAtOf(intake, feed, artifact, decision);
  return Math.min(decision.until ?? Number.POSITIVE_INFINITY, retryAt ?? Number.POSITIVE_INFINITY);
}

/** The bytes of an artifact that is offered without (further) inspection; bytes that are not what was declared are refused all the same. */
async function fetched(
  intake: Intake,
  feed: Feed,
  project: MirroredProject,
  listed: ListedArtifact,
  decision: Decision,
): Promise<Found> {
  const row =
    findArtifact(intake.app, project.id, listed.filename) ?? (await rememberArtifact(intake.app, project.id, listed));
  const artifact = await intake.stash.fetch(originOf(feed, project.name)!.upstream!, row);
  if (!artifact.refused) return { artifact, decision };
  return intake.examiner.artifact(feed, project, listed, true);
}

/** The metadata file that inspection took out of a wheel, where upstream offers none. */
async function findExtracted(
  app: App,
  project: MirroredProject,
  listed: ListedArtifact,
): Promise<CoreMetadata | undefined> {
  if (listed.sideFiles?.[".metadata"] !== undefined) return undefined;
  const found = coreMetadataOf(app, project.id).get(listed.filename);
  if (!found || (await app.blobs.locate(found.sha256, found.size))) return found;
  // Nobody else has it: without its announcement clients read the wheel.
  await forgetCoreMetadata(app, project.id, listed.filename);
  return undefined;
}

async function fetchSide(
  intake: Intake,
  feed: Feed,
  project: MirroredProject,
  listed: ListedArtifact,
  suffix: string,
): Promise<ArtifactRow> {
  const filename = `${listed.filename}${suffix}`;
  const url = sideUrlOf(feed, listed, suffix);
  const absent = refuse("ARTIFACT_NOT_FOUND", { name: project.name, filename: printable(filename), feed: feed.name });
  if (url === undefined) throw absent;
  const digests = suffix === ".metadata" && listed.metadataDigest ? [listed.metadataDigest] : [];
  const side = await rememberArtifact(intake.app, project.id, { filename, version: listed.version, url, digests });
  const row = await intake.stash.fetch(originOf(feed, project.name)!.upstream!, side);
  if (row.refused) throw absent;
  return row;
}

/** Where upstream has a side file: as its index says, else by the ecosystem's rule, else beside the artifact. */
function sideUrlOf(feed: Feed, listed: ListedArtifact, suffix: string): string | undefined {
  if (listed.sideFiles) return listed.sideFiles[suffix];
  const { sideUrl } = ECOSYSTEMS[feed.ecosystem];
  return sideUrl ? sideUrl(listed, suffix) : `${listed.url}${suffix}`;
}

async function findListed(
  intake: Intake,
  feed: Feed,
  project: MirroredProject,
  filename: string,
): Promise<ListedArtifact> {
  const { listing } = await intake.mirror.read(feed, project);
  const listed = listing.artifacts.find((artifact) => artifact.filename === filename);
  if (!listed)
    throw refuse("ARTIFACT_NOT_FOUND", { name: project.name, filename: printable(filename), feed: feed.name });
  return listed;
}

async function isStored(intake: Intake, { artifact, decision }: Settled): Promise<boolean> {
  if (decision.state !== "visible") return true;
  if (artifact.sha256 === null || artifact.size === undefined) return false;
  return (await intake.app.blobs.locate(artifact.sha256, artifact.size)) !== undefined;
}

/** Bytes never change, but whether they are offered does: caches must ask each time, which costs them a 304. */
async function fileReply(intake: Intake, { sha256, size }: Pick<ArtifactRow, "sha256" | "size">): Promise<Reply> {
  const location = await intake.app.blobs.locate(sha256!, size!);
  if (!location) throw refuse("INTERNAL", { reference: `blob ${sha256}` });
  const headers = {
    "content-type": "application/octet-stream",
    "cache-control": intake.app.config.anonymous_reading ? "public, no-cache" : "private, no-cache",
    "x-content-type-options": "nosniff",
  };
  return { status: 200, headers, body: { ...location, etag: sha256! } };
}

function entryOf(at: number, feed: Feed, caller: Caller, project: string, artifact: ListedArtifact): NewLedgerRow {
  return {
    at,
    subject: caller.subject.name,
    client: caller.client.label,
    feed: feed.id,
    project,
    version: artifact.version,
    filename: artifact.filename,
    sha256: null,
    outcome: "withheld",
    state: "pending",
    code: "not-inspected",
    word: null,
    score: null,
    policy: feed.policyHash,
    inputs_hash: null,
    bytes: 0,
    address: caller.address,
  };
}

function estimateSeconds(intake: Intake): number {
  const { waiting, running, meanMs } = intake.inspectors.load();
  return Math.min(60, Math.max(5, Math.ceil(((waiting + running + 1) * Math.max(meanMs, 200)) / 1000)));
}

async function within<T>(
  ms: number,
  work: Promise<T>,
  onLateFailure: (error: unknown) => void,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let late = false;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      late = true;
      resolve(undefined);
    }, ms);
  });
  work.catch((error) => late && onLateFailure(error));
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
