import type { App } from "../app.ts";
import type { ArtifactRow } from "../catalog/artifacts.ts";
import type { ListedArtifact, ProjectListing, Verdict } from "../catalog/model.ts";
import { findProject, type ProjectRow, projectById } from "../catalog/projects.ts";
import type { InspectionRow } from "../catalog/verdicts.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { exceptionMatches, exceptionsOf } from "../policy/exceptions.ts";
import type { Feed } from "../policy/feeds.ts";
import { raw } from "../storage/database/sqlite.ts";
import { rememberRelease } from "../tracking/known-releases.ts";
import { type WithheldTwin, withheldTwin } from "../tracking/resemblances.ts";
import type { ProjectKnown } from "./comparison.ts";
import type { InspectionFacts } from "./model.ts";
import { combinationOf, popularWordsIn } from "./names/combinations.ts";
import { lookalikesOf } from "./names/index.ts";

/** What the feed knows of a release's project: how new it is, which private names there are, whose the popular names like it are. */
export async function projectKnown(
  app: App,
  feed: Feed,
  listing: ProjectListing,
  artifact: ArtifactRow,
): Promise<ProjectKnown | undefined> {
  const project = projectById(app, artifact.projectId);
  if (project === undefined) return undefined;
  const versions = new Set(listing.artifacts.map(({ version }) => version));
  const listed = listing.artifacts.find(({ filename }) => filename === artifact.filename);
  return {
    name: project.name,
    age: ageOf(app.clock() - bornAt(listing, project)),
    isEstablished: versions.size > ESTABLISHED,
    privateNames: feed.origins.flatMap(({ pattern, upstream }) => (upstream ? [] : [pattern])).slice(0, MOST_PATTERNS),
    ownedToo: await ownedToo(app, feed, project, listed),
  };
}

/** Versions of a project that somebody looks after. */
const ESTABLISHED = 10;
const MOST_PATTERNS = 1_000;
const DAY_MS = 86_400_000;

function ageOf(ms: number): ProjectKnown["age"] {
  return ms <= 7 * DAY_MS ? "days" : ms <= 30 * DAY_MS ? "weeks" : ms <= 180 * DAY_MS ? "months" : "years";
}

/** When the first of its files came to be; without any time, when this gate first looked. */
function bornAt(listing: ProjectListing, project: ProjectRow): number {
  let first: number | undefined;
  for (const { publishedAt } of listing.artifacts)
    if (publishedAt !== undefined && publishedAt < (first ?? Number.POSITIVE_INFINITY)) first = publishedAt;
  return first ?? project.firstFetchedAt;
}

/** Of the popular projects that the name is near, those whose index this gate has and that the same account publishes. */
async function ownedToo(
  app: App,
  feed: Feed,
  project: ProjectRow,
  listed: ListedArtifact | undefined,
): Promise<readonly string[]> {
  if (listed?.publisher === undefined) return [];
  const owned: string[] = [];
  for (const name of popularNear(feed, project.name))
    if ((await publishersOf(app, feed, project.origin, name)).has(listed.publisher)) owned.push(name);
  return owned;
}

function popularNear(feed: Feed, name: string): readonly string[] {
  const lookalikes = lookalikesOf(feed.ecosystem);
  const near = [
    lookalikes.find(name)?.popular,
    combinationOf(lookalikes, name)?.popular,
    ...popularWordsIn(lookalikes, name),
  ];
  return [...new Set(near)].filter((one) => one !== undefined).slice(0, MOST_NEAR);
}

const MOST_NEAR = 4;

async function publishersOf(app: App, feed: Feed, origin: string, name: string): Promise<ReadonlySet<string>> {
  const document = findProject(app, feed.ecosystem, origin, name)?.document;
  const body = document ? await app.documents.read(document) : undefined;
  if (body === undefined) return new Set();
  const { artifacts } = ECOSYSTEMS[feed.ecosystem].readListing({ body, validators: {} });
  return new Set(artifacts.flatMap(({ publisher }) => publisher ?? []));
}

/** The release withheld as malicious that this one resembles most, unless an exception lets that one through. */
export function twinOf(
  app: App,
  feed: Feed,
  artifact: ArtifactRow,
  inspection: InspectionRow,
): WithheldTwin | undefined {
  const print = (inspection.facts as InspectionFacts | undefined)?.fingerprint;
  const name = projectById(app, artifact.projectId)?.name;
  if (print === undefined || name === undefined) return undefined;
  const { ecosystem } = feed;
  return withheldTwin(raw(app.database), { ecosystem, name, sha256: inspection.sha256, print }, (twin) =>
    exceptionsOf(app, { ...feed, ecosystem: twin.ecosystem }, twin.name).some((row) =>
      exceptionMatches(row, ECOSYSTEMS[twin.ecosystem], twin.version),
    ),
  );
}

/** Lets later releases be recognised by this one. Idempotent. */
export async function remember(
  app: App,
  feed: Feed,
  artifact: ArtifactRow,
  inspection: InspectionRow,
  verdict: Verdict,
): Promise<void> {
  const print = (inspection.facts as InspectionFacts | undefined)?.fingerprint;
  const name = projectById(app, artifact.projectId)?.name;
  if (print === undefined || name === undefined) return;
  await rememberRelease(app, {
    ecosystem: feed.ecosystem,
    name,
    version: artifact.version,
    filename: artifact.filename,
    sha256: inspection.sha256,
    own: inspection.verdict.word,
    word: verdict.word,
    print,
    culprits: culpritPaths(inspection),
  });
}

/** Paths of files with findings that brought points. */
function culpritPaths({ findings }: InspectionRow): readonly string[] {
  return [...new Set(findings.filter(({ weighed }) => (weighed?.points ?? 1) > 0).map(({ path }) => path))];
}
