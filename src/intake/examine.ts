import type { App } from "../app.ts";
import { type ArtifactRow, artifactById, artifactsOf, rememberArtifact } from "../catalog/artifacts.ts";
import type { WithCoreMetadata } from "../catalog/core-metadata.ts";
import type { Decision, ListedArtifact } from "../catalog/model.ts";
import { projectChanged } from "../catalog/revisions.ts";
import {
  findAssessment,
  findInspection,
  type Inspected,
  type InspectionRow,
  recordInspection,
} from "../catalog/verdicts.ts";
import { refuse } from "../errors.ts";
import { assess } from "../inspection/assess.ts";
import { ENGINE } from "../inspection/engine.ts";
import type { Inspection, InspectionFacts } from "../inspection/model.ts";
import type { InspectorPool } from "../inspection/pool.ts";
import { singleFlight } from "../lib/single-flight.ts";
import { applyPolicy } from "../policy/apply.ts";
import { projectFacts } from "../policy/facts.ts";
import { type Feed, originOf } from "../policy/feeds.ts";
import type { Mirror, MirroredProject } from "./mirror.ts";
import { refetchAt, type Stash } from "./stash.ts";

/** Fetches, inspects and assesses artifacts, and has policy decide about them. */
export interface Examiner {
  /** One artifact, from wherever it stands to a decision; concurrent callers share the work. Throws upstream trouble and DISK_FULL. */
  artifact(feed: Feed, project: MirroredProject, listed: ListedArtifact, urgent: boolean): Promise<Examined>;
  /** Inspects known bytes again with the engine of today and replaces what rests on the old one. */
  again(feed: Feed, project: MirroredProject, artifactId: number): Promise<void>;
  /** Concludes anew about an artifact from the inspection that is there, after something changed that it refers to. */
  reassess(feed: Feed, project: MirroredProject, artifactId: number): Promise<void>;
  /** From when on asking again makes sense about an artifact that could not be inspected or had other bytes than declared, epoch milliseconds; undefined for any other. */
  retryAt(feed: Feed, artifact: ArtifactRow): number | undefined;
  /** Every artifact of one release: the full assessment that a cooldown waits for. */
  release(feed: Feed, project: MirroredProject, version: string, urgent: boolean): Promise<void>;
}

/** An artifact with the decision about it. */
export interface Examined {
  readonly artifact: ArtifactRow;
  readonly decision: Decision;
}

/** Files of one release fetched and inspected at a time: somebody may have put thousands into it. */
const AT_ONCE = 8;

/** After this time an artifact that could not be inspected is tried again when somebody asks for it. */
const UNKNOWN_RETRY_MS = 600_000;

function isWorthRetrying(app: App, { verdict, at }: InspectionRow): boolean {
  return verdict.word === "unknown" && app.clock() - at >= UNKNOWN_RETRY_MS;
}

/** Today's engine's word, else the newest of another. */
function newestInspection(app: App, inspected: Inspected): InspectionRow | undefined {
  return findInspection(app, inspected, ENGINE) ?? findInspection(app, inspected);
}

function inspectedOf({ ecosystem }: Feed, { sha256, filename }: ArtifactRow): Inspected {
  return { sha256: sha256!, ecosystem, filename };
}

/** Stores the metadata file that an inspector took out of a wheel, and notes it among the facts. */
async function keepCoreMetadata(
  app: App,
  { projectId }: ArtifactRow,
  { facts, coreMetadata }: Inspection,
): Promise<(InspectionFacts & WithCoreMetadata) | undefined> {
  if (facts === undefined || coreMetadata === undefined) return facts;
  const bytes = Buffer.from(coreMetadata, "base64");
  const sha256 = await app.blobs.put(bytes);
  // The index announces it from now on, also when the decision about the wheel stays as it was.
  projectChanged(app, projectId);
  return { ...facts, coreMetadata: { sha256, size: bytes.length } };
}

/** When to ask again whoever still waits while the program ends. */
const RESTART_SECONDS = 30;

/** Opens the examiner; it holds nothing that needs closing. */
export function openExaminer(app: App, mirror: Mirror, stash: Stash, inspectors: InspectorPool): Examiner {
  const examinations = singleFlight<string, Examined>();
  const inspections = singleFlight<string, InspectionRow>();

  async function inspect(feed: Feed, artifact: ArtifactRow, urgent: boolean): Promise<InspectionRow> {
    const known = newestInspection(app, inspectedOf(feed, artifact));
    if (known && !isWorthRetrying(app, known)) return known;
    return inspectNow(feed, artifact, urgent);
  }

  function inspectNow(feed: Feed, artifact: ArtifactRow, urgent: boolean): Promise<InspectionRow> {
    const inspected = inspectedOf(feed, artifact);
    const { sha256, ecosystem, filename } = inspected;
    return inspections(`${ecosystem} ${sha256} ${filename}`, async () => {
      const location = await app.blobs.locate(sha256, artifact.size!);
      const inspection = await inspectors.inspect({ path: location!.path }, { filename, ecosystem, sha256, urgent });
      // An inspection that the end of the program broke off must not be taken for a property of the bytes.
      if (inspectors.closed && inspection.verdict.word === "unknown")
        throw refuse("BEING_INSPECTED", { filename, seconds: RESTART_SECONDS }, RESTART_SECONDS);
      const facts = await keepCoreMetadata(app, artifact, inspection);
      await recordInspection(app, inspected, { ...inspection, facts });
      return { ...inspection, facts, at: app.clock() };
    });
  }

  async function examine(
    feed: Feed,
    project: MirroredProject,
    listed: ListedArtifact,
    urgent: boolean,
  ): Promise<Examined> {
    const upstream = originOf(feed, project.name)!.upstream!;
    const artifact = await stash.fetch(upstream, await rememberArtifact(app, project.id, listed));
    const { listing } = await mirror.read(feed, project);
    if (!artifact.refused) await assess(app, feed, listing, artifact, await inspect(feed, artifact, urgent));
    const factsOf = projectFacts(app, feed, project, listing);
    const decision = await applyPolicy(app, feed, project, artifact, factsOf(listed));
    if (decision.code === "malicious") await applyToSiblings(feed, project, artifact, factsOf);
    return { artifact, decision };
  }

  /** What one file of a release turns out to be decides about those that were assessed before it. */
  async function applyToSiblings(
    feed: Feed,
    project: MirroredProject,
    artifact: ArtifactRow,
    factsOf: ReturnType<typeof projectFacts>,
  ): Promise<void> {
    for (const row of artifactsOf(app, project.id).values())
      if (row.version === artifact.version && row.id !== artifact.id && findAssessment(app, feed.id, row.id))
        await applyPolicy(app, feed, project, row, factsOf(row));
  }

  async function conclude(
    feed: Feed,
    project: MirroredProject,
    artifact: ArtifactRow,
    inspection: InspectionRow,
  ): Promise<void> {
    const { listing } = await mirror.read(feed, project);
    await assess(app, feed, listing, artifact, inspection);
    const factsOf = projectFacts(app, feed, project, listing);
    const decision = await applyPolicy(app, feed, project, artifact, factsOf(artifact));
    if (decision.code === "malicious") await applyToSiblings(feed, project, artifact, factsOf);
  }

  async function artifact(
    feed: Feed,
    project: MirroredProject,
    listed: ListedArtifact,
    urgent: boolean,
  ): Promise<Examined> {
    return examinations(`${feed.id} ${project.id} ${listed.filename}`, () => examine(feed, project, listed, urgent));
  }

  return {
    artifact,
    async again(feed, project, artifactId) {
      const artifact = artifactById(app, artifactId);
      if (!artifact?.sha256 || !(await app.blobs.locate(artifact.sha256, artifact.size ?? -1))) return;
      const inspection =
        findInspection(app, inspectedOf(feed, artifact), ENGINE) ?? (await inspectNow(feed, artifact, false));
      await conclude(feed, project, artifact, inspection);
    },
    async reassess(feed, project, artifactId) {
      const artifact = artifactById(app, artifactId);
      const inspection = artifact?.sha256 ? newestInspection(app, inspectedOf(feed, artifact)) : undefined;
      if (artifact && inspection) await conclude(feed, project, artifact, inspection);
    },
    retryAt(feed, artifact) {
      if (artifact.refused) return refetchAt(artifact);
      const known = artifact.sha256 === null ? undefined : newestInspection(app, inspectedOf(feed, artifact));
      return known?.verdict.word === "unknown" ? known.at + UNKNOWN_RETRY_MS : undefined;
    },
    async release(feed, project, version, urgent) {
      const { listing } = await mirror.read(feed, project);
      const siblings = listing.artifacts.filter((listed) => listed.version === version);
      const examined: Examined[] = [];
      for (let at = 0; at < siblings.length; at += AT_ONCE) {
        const some = siblings.slice(at, at + AT_ONCE);
        examined.push(...(await Promise.all(some.map((listed) => artifact(feed, project, listed, urgent)))));
      }
      // Only now is the release known as a whole; what was assessed and decided on the way was so without that.
      for (const { artifact: row } of examined)
        if (row.sha256 && !row.refused) await assess(app, feed, listing, row, await inspect(feed, row, urgent));
      const factsOf = projectFacts(app, feed, project, listing);
      for (const { artifact: row } of examined) await applyPolicy(app, feed, project, row, factsOf(row));
    },
  };
}
