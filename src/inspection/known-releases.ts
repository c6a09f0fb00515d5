import type { App } from "../app.ts";
import { type ArtifactRow, fetchedFiles } from "../catalog/artifacts.ts";
import type { Finding } from "../catalog/model.ts";
import { findInspection } from "../catalog/verdicts.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import type { Feed } from "../policy/feeds.ts";
import type { InspectionFacts } from "./model.ts";

/** A file that was inspected, with what is kept of it: comparing fetches nothing again. */
export interface KnownRelease {
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
  readonly engine: string;
  readonly facts: InspectionFacts;
  readonly findings: readonly Finding[];
}

/** Files of lower versions that are looked at for one that is clean. */
const MOST_TRIED = 20;

/**
 * The file that a release is compared with: of the same form, of the nearest lower version that was inspected and found clean; of
 * several wheels the one for the same platform. Undefined where there is none, which never counts against a release.
 */
export function releaseBefore(
  app: App,
  feed: Feed,
  artifact: ArtifactRow,
  form: InspectionFacts["form"],
  engine: string,
): KnownRelease | undefined {
  const { compareVersions } = ECOSYSTEMS[feed.ecosystem];
  const suffix = suffixOf(artifact.filename);
  const lower = fetchedFiles(app, artifact.projectId)
    .filter(({ version }) => compareVersions(version, artifact.version) < 0)
    .sort(
      (a, b) => compareVersions(b.version, a.version) || likeness(b.filename, suffix) - likeness(a.filename, suffix),
    );
  for (const file of lower.slice(0, MOST_TRIED)) {
    const known = knownRelease(app, feed, file, engine);
    if (known?.facts.form === form && known.word === "clean") return known.release;
  }
  return undefined;
}

/** The source archive of a wheel's release, when it was inspected. */
export function sourceOf(app: App, feed: Feed, artifact: ArtifactRow, engine: string): KnownRelease | undefined {
  const { compareVersions } = ECOSYSTEMS[feed.ecosystem];
  const siblings = fetchedFiles(app, artifact.projectId).filter(
    ({ version, filename }) => !filename.endsWith(".whl") && compareVersions(version, artifact.version) === 0,
  );
  for (const file of siblings.slice(0, MOST_TRIED)) {
    const known = knownRelease(app, feed, file, engine);
    if (known?.facts.form === "sdist") return known.release;
  }
  return undefined;
}

function knownRelease(app: App, feed: Feed, file: ReturnType<typeof fetchedFiles>[number], engine: string) {
  const inspected = { sha256: file.sha256, ecosystem: feed.ecosystem, filename: file.filename };
  const row = findInspection(app, inspected, engine) ?? findInspection(app, inspected);
  const facts = row?.facts as InspectionFacts | undefined;
  if (row === undefined || facts === undefined) return undefined;
  const release: KnownRelease = { ...file, engine: row.engine, facts, findings: row.findings };
  return { release, facts, word: row.verdict.word };
}

/** What follows name and version of a wheel's file name: the platforms it is for. */
function suffixOf(filename: string): string {
  return /(-[^-]{1,60}-[^-]{1,60}-[^-]{1,100}\.whl)$/.exec(filename)?.[1] ?? filename.slice(-".whl".length);
}

function likeness(filename: string, suffix: string): number {
  return filename.endsWith(suffix) ? 1 : 0;
}
