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
  const exceptions = exceptionsOf(app, feed, project.name);
  const trustTimes = originOf(feed, project.name)?.upstream?.trust_times ?? true;
  const cleanReleases = fullyClean(listing, assessed);
  const siblingOf = worstSiblings(listing, assessed);
  const bornAtOf = (artifact: ListedArtifact) => birth(artifact, firstSeen(artifact), trustTimes);
  // Only advisories ask for it.
  const projectBornAt = advisories.length === 0 ? undefined : earliest(listing.artifacts, bornAtOf);
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
      ...(sibling && { sibling }),
      releaseClean: cleanReleases.has(artifact.version),
      advisories: matching.map(advisoryFact),
      isFix: advisories.some((advisory) => isFixOf(advisory, artifact.version)),
      blockedUrls: known?.indicators ?? [],
      exceptions: exceptionFacts(exceptions, ecosystem, artifact.version),
      ...(known?.refused && { refused: known.refused }),
    };
  };
}

/** When we first saw an artifact. */
export interface FirstSight {
  readonly at: number;
  /** It appeared while we were watching its project; else it was there at our first look, and `at` is that look. */
  readonly watched: boolean;
}

/** Our first sight of each artifact of a project under its digest. Synchronous. */
export function firstSights(app: App, project: KnownProject): (artifact: ListedArtifact) => FirstSight {
  const seen = sightingsOf(app, project.id);
  return (artifact) => {
    const sightings = seen.get(artifact.filename) ?? [];
    const sighting = sightings.find(({ digest }) => digest === (artifact.digests[0] ?? "")) ?? sightings.at(-1);
    return sighting ? { at: sighting.at, watched: true } : { at: project.firstFetchedAt, watched: false };
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
): (artifact: ListedArtifact) => Facts["sibling"] {
  const worst = new Map<string, NonNullable<Facts["sibling"]>[]>();
  if (assessed.size > 0)
    for (const { version, filename } of listing.artifacts) {
      const verdict = assessed.get(filename)?.verdict;
      if (!verdict || verdict.word === "unknown") continue;
      const known = [...(worst.get(version) ?? []), { filename, verdict }];
      worst.set(version, known.sort((a, b) => b.verdict.score - a.verdict.score).slice(0, 2));
    }
  return ({ version, filename }) => worst.get(version)?.find((one) => one.filename !== filename);
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

function exceptionFacts(rows: readonly ExceptionRow[], ecosystem: Feed["ecosystem"], version: string): ExceptionFact[] {
  return rows
    .filter((row) => exceptionMatches(row, ECOSYSTEMS[ecosystem], version))
    .map(({ id, detector, expiresAt }) => ({ id, detector, expiresAt }));
}
