import { type Advisory, advisoriesOf, affects, isFixOf } from "../advisories/match.ts";
import type { App } from "../app.ts";
import type { ListedArtifact, ProjectListing, Verdict } from "../catalog/model.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { raw } from "../storage/database/sqlite.ts";
import type { AdvisoryFact, ExceptionFact, Facts } from "./decide.ts";
import { type ExceptionRow, exceptionMatches, exceptionsOf } from "./exceptions.ts";
import { type Feed, originOf } from "./feeds.ts";

/** The project a listing was read from. */
export interface KnownProject {
  readonly id: number;
  /** Normalised. */
  readonly name: string;
  readonly firstFetchedAt: number;
}

/** Gathers what decisions about one project's artifacts rest on, in a handful of queries however many artifacts there are. Synchronous. */
export function projectFacts(
  app: App,
  feed: Feed,
  project: KnownProject,
  listing: ProjectListing,
): (artifact: ListedArtifact) => Facts {
  const { ecosystem } = feed;
  const assessed = assessmentsOf(app, feed, project.id);
  const firstSeen = firstSights(app, project);
  const advisories = advisoriesOf(app, ecosystem, project.name);
  const exceptionsFor = exceptionReader(exceptionsOf(app, feed, project.name), ecosystem, listing, firstSeen);
  const trustTimes = originOf(feed, project.name)?.upstream?.trust_times ?? true;
  const cleanReleases = fullyClean(listing, assessed);
  const siblingOf = worstSiblings(listing, assessed);
  const bornAtOf = (artifact: ListedArtifact) => birth(artifact, firstSeen(artifact), trustTimes);
  // Only advisories ask for it.
  const projectBornAt = advisories.length === 0 ? undefined : earliest(listing.artifacts, bornAtOf);
  const siblingFact = (sibling: ListedArtifact, verdict: Verdict) => ({
    filename: sibling.filename,
    verdict,
    exceptions: exceptionsFor(sibling),
  });
  return (artifact) => {
    const known = assessed.get(artifact.filename);
    const sibling = siblingOf(artifact);
    const bornAt = bornAtOf(artifact);
    const matching = advisories.filter((advisory) =>
      affects(advisory, ecosystem, { version: artifact.version, bornAt }, projectBornAt),
    );
    return {
      ecosystem,
      name: project.name,
      version: artifact.version,
      filename: artifact.filename,
      bornAt,
      ...(known?.verdict && { verdict: known.verdict }),
      ...(sibling && { sibling: siblingFact(sibling.artifact, sibling.verdict) }),
      releaseClean: cleanReleases.has(artifact.version),
      advisories: matching.map(advisoryFact),
      isFix: advisories.some((advisory) => isFixOf(advisory, artifact.version)),
      blockedUrls: known?.indicators ?? [],
      exceptions: exceptionsFor(artifact),
      ...(known?.refused && { refused: known.refused }),
    };
  };
}

/** When we first saw an artifact. */
export interface FirstSight {
  readonly at: number;
  /** When we first saw a file of this name, under whatever digest. */
  readonly nameAt: number;
  /** It appeared while we were watching its project; else it was there at our first look, and `at` is that look. */
  readonly watched: boolean;
}

/** Our first sight of each artifact of a project under its digest. Synchronous. */
export function firstSights(app: App, project: KnownProject): (artifact: ListedArtifact) => FirstSight {
  const seen = sightingsOf(app, project.id);
  return (artifact) => {
    const sightings = seen.get(artifact.filename) ?? [];
    const sighting = sightings.find(({ digest }) => digest === (artifact.digests[0] ?? "")) ?? sightings.at(-1);
    if (!sighting) return { at: project.firstFetchedAt, nameAt: project.firstFetchedAt, watched: false };
    return { at: sighting.at, nameAt: Math.min(...sightings.map(({ at }) => at)), watched: true };
  };
}

interface Assessed {
  readonly verdict?: Verdict;
  readonly indicators: Facts["blockedUrls"];
  readonly refused?: NonNullable<Facts["refused"]>;
}

function assessmentsOf(app: App, feed: Feed, projectId: number): Map<string, Assessed> {
  const rows = raw(app.database)
    .prepare(
      `select a.filename, a.refused, s.word, s.score, s.verdict, s.inputs,
              instr(coalesce(s.inputs, ''), '"indicators":[{') > 0 as flagged
       from artifacts a left join assessments s on s.artifact_id = a.id and s.feed = ?
       where a.project_id = ? and (a.refused is not null or s.word is not null)`,
    )
    .all(feed.id, projectId);
  return new Map(
    rows.map((row) => [
      String(row["filename"]),
      {
        ...(row["word"] !== null && { verdict: JSON.parse(String(row["verdict"])) as Verdict }),
        indicators: row["flagged"]
          ? (JSON.parse(String(row["inputs"])) as { indicators: Facts["blockedUrls"] }).indicators
          : [],
        ...(row["refused"] !== null && {
          refused: JSON.parse(String(row["refused"])) as NonNullable<Facts["refused"]>,
        }),
      },
    ]),
  );
}

function sightingsOf(app: App, projectId: number): Map<string, { digest: string; at: number }[]> {
  const rows = raw(app.database)
    .prepare("select filename, digest, first_seen_at from sightings where project_id = ?")
    .all(projectId);
  const seen = new Map<string, { digest: string; at: number }[]>();
  for (const row of rows) {
    const list = seen.get(String(row["filename"])) ?? [];
    list.push({ digest: String(row["digest"]), at: Number(row["first_seen_at"]) });
    seen.set(String(row["filename"]), list);
  }
  return seen;
}

/** When an artifact came to be: the later of upstream's word and our own first sight of this digest. Without a trusted word it is as young as our knowledge of it. */
function birth(artifact: ListedArtifact, { at, watched }: FirstSight, trustTimes: boolean): number {
  const told = trustTimes ? artifact.publishedAt : undefined;
  return told === undefined ? at : Math.max(told, watched ? at : 0);
}

function fullyClean(listing: ProjectListing, assessed: ReadonlyMap<string, Assessed>): ReadonlySet<string> {
  const clean = new Set<string>();
  if (assessed.size === 0) return clean;
  for (const { version, filename } of listing.artifacts) if (isClean(assessed.get(filename))) clean.add(version);
  for (const { version, filename } of listing.artifacts) if (!isClean(assessed.get(filename))) clean.delete(version);
  return clean;
}

/** The two files with the highest scores of each release are enough to tell any file its worst sibling. */
function worstSiblings(
  listing: ProjectListing,
  assessed: ReadonlyMap<string, Assessed>,
): (artifact: ListedArtifact) => { readonly artifact: ListedArtifact; readonly verdict: Verdict } | undefined {
  const worst = new Map<string, { readonly artifact: ListedArtifact; readonly verdict: Verdict }[]>();
  if (assessed.size > 0)
    for (const artifact of listing.artifacts) {
      const { version, filename } = artifact;
      const verdict = assessed.get(filename)?.verdict;
      if (!verdict || verdict.word === "unknown") continue;
      const known = [...(worst.get(version) ?? []), { artifact, verdict }];
      worst.set(version, known.sort((a, b) => b.verdict.score - a.verdict.score).slice(0, 2));
    }
  return ({ version, filename }) => worst.get(version)?.find((one) => one.artifact.filename !== filename);
}

function isClean(assessed: Assessed | undefined): boolean {
  return assessed?.verdict?.word === "clean" && assessed.indicators.length === 0 && !assessed.refused;
}

function earliest(
  artifacts: readonly ListedArtifact[],
  bornAt: (artifact: ListedArtifact) => number,
): number | undefined {
  let first: number | undefined;
  for (const artifact of artifacts) {
    const at = bornAt(artifact);
    if (first === undefined || at < first) first = at;
  }
  return first;
}

function advisoryFact({ id, kind, severity, source }: Advisory): AdvisoryFact {
  return { id, kind, severity, source };
}

/**
 * The exceptions that cover a file. Who recorded one looked at the files that the release had by then, so that one which appeared later, or
 * got another digest, is not covered; a release that is newer as a whole is, where the versions say so.
 */
function exceptionReader(
  rows: readonly ExceptionRow[],
  ecosystem: Feed["ecosystem"],
  { artifacts }: ProjectListing,
  firstSeen: (artifact: ListedArtifact) => FirstSight,
): (artifact: ListedArtifact) => readonly ExceptionFact[] {
  if (rows.length === 0) return () => [];
  const releaseSeenAt = new Map<string, number>();
  for (const artifact of artifacts) {
    const { nameAt } = firstSeen(artifact);
    releaseSeenAt.set(artifact.version, Math.min(nameAt, releaseSeenAt.get(artifact.version) ?? nameAt));
  }
  return (artifact) => {
    const { at } = firstSeen(artifact);
    const { version } = artifact;
    const isAddedAfter = (row: ExceptionRow) =>
      at > row.createdAt && (releaseSeenAt.get(version) ?? at) <= row.createdAt;
    return rows
      .filter((row) => exceptionMatches(row, ECOSYSTEMS[ecosystem], version) && !isAddedAfter(row))
      .map(({ id, detector, expiresAt }) => ({ id, detector, expiresAt }));
  };
}
