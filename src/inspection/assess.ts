import { addressesOf, matchIndicators } from "../advisories/indicators.ts";
import type { App } from "../app.ts";
import type { ArtifactRow } from "../catalog/artifacts.ts";
import type { Finding, ListedArtifact, ProjectListing } from "../catalog/model.ts";
import { type AssessmentRow, findAssessment, type InspectionRow, recordAssessment } from "../catalog/verdicts.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { sha256Hex } from "../lib/digest.ts";
import type { Feed } from "../policy/feeds.ts";
import { projectKnown, remember, twinOf } from "./circumstances.ts";
import type { Listed, Surrounded } from "./comparison.ts";
import { type KnownRelease, releaseBefore, sourceOf } from "./known-releases.ts";
import type { InspectionFacts } from "./model.ts";
import { type Comparing, compareRelease, judgeAmong } from "./surroundings.ts";

/** What an assessment looked at beside the bytes; its hash tells whether it has to be made again. */
interface Inputs {
  readonly sha256: string;
  readonly engine: string;
  /** The release before this one as the index lists them. */
  readonly previous: string | null;
  /** The file that it was compared with: of the nearest lower version that was inspected and found clean. */
  readonly before: KnownFile | null;
  /** The release's source, where a wheel was compared with it. */
  readonly source: KnownFile | null;
  readonly comparing: Comparing;
  /** The release's other files. */
  readonly siblings: readonly string[];
  readonly listed: { readonly publishedAt: number | null; readonly yanked: boolean };
  readonly indicators: readonly { readonly source: string; readonly indicator: string }[];
}

type KnownFile = Pick<KnownRelease, "version" | "filename" | "sha256" | "engine">;

/** Concludes on one artifact of one feed from its inspection and what surrounds it, and records it unless the inputs are the ones of the assessment that stands. */
export async function assess(
  app: App,
  feed: Feed,
  listing: ProjectListing,
  artifact: ArtifactRow,
  inspection: InspectionRow,
): Promise<void> {
  const project = await projectKnown(app, feed, listing, artifact);
  const twin = twinOf(app, feed, artifact, inspection);
  const known = { ...(project && { project }), ...(twin && { twin }) };
  const { comparing, before, source } = surround(app, feed, listing, artifact, inspection, known);
  const { verdict, findings } = judgeAmong(inspection.verdict, comparing);
  const inputs: Inputs = {
    ...inputsOf(app, feed, listing, artifact, inspection),
    before: before ? fileOf(before) : null,
    source: source ? fileOf(source) : null,
    comparing: { ...comparing, findings },
  };
  const text = JSON.stringify(inputs);
  const inputsHash = sha256Hex(text);
  if (findAssessment(app, feed.id, artifact.id)?.inputsHash === inputsHash) return;
  // First, so that an assessment which is there was remembered, whenever the program ends.
  await remember(app, feed, artifact, inspection, verdict);
  await recordAssessment(app, {
    feed: feed.id,
    artifactId: artifact.id,
    verdict,
    engine: inspection.engine,
    inputsHash,
    inputs: text,
  });
}

/** The addresses on URL lists that an assessment found in its file. */
export function readListed({ inputs }: Pick<AssessmentRow, "inputs">): Inputs["indicators"] {
  return (JSON.parse(inputs) as Partial<Inputs>).indicators ?? [];
}

/** What an assessment recorded of the release's surroundings: findings of comparisons, and the version that it was compared with. */
export function readSurroundings({ inputs }: Pick<AssessmentRow, "inputs">): {
  readonly findings: readonly Finding[];
  readonly before?: string;
} {
  const { comparing, before } = JSON.parse(inputs) as Partial<Inputs>;
  return { findings: comparing?.findings ?? [], ...(before && { before: before.version }) };
}

function surround(
  app: App,
  feed: Feed,
  listing: ProjectListing,
  artifact: ArtifactRow,
  inspection: InspectionRow,
  circumstances: Pick<Surrounded, "project" | "twin">,
): { readonly comparing: Comparing; readonly before?: KnownRelease; readonly source?: KnownRelease } {
  const facts = inspection.facts as InspectionFacts | undefined;
  if (facts === undefined) return { comparing: { findings: [], known: [] } };
  const before = releaseBefore(app, feed, artifact, facts.form, inspection.engine);
  const source = facts.form === "wheel" ? sourceOf(app, feed, artifact, inspection.engine) : undefined;
  const listed = new Map(listing.artifacts.map((one) => [one.filename, one]));
  const findings = compareRelease({
    facts,
    ...listedAs(listed.get(artifact.filename)),
    ...(before && { before: { facts: before.facts, ...listedAs(listed.get(before.filename)) } }),
    ...(source && { siblings: [source.facts] }),
    ...circumstances,
  });
  const known = [...new Set(before?.findings.map(({ detector }) => detector))].sort();
  return { comparing: { findings, known }, ...(before && { before }), ...(source && { source }) };
}

function listedAs(listed: ListedArtifact | undefined): { readonly listed?: Listed } {
  return listed ? { listed } : {};
}

function fileOf({ version, filename, sha256, engine }: KnownRelease): KnownFile {
  return { version, filename, sha256, engine };
}

function inputsOf(
  app: App,
  feed: Feed,
  listing: ProjectListing,
  artifact: ArtifactRow,
  inspection: InspectionRow,
): Omit<Inputs, "before" | "source" | "comparing"> {
  const urls = (inspection.facts as { urls?: string[] } | undefined)?.urls ?? [];
  return {
    sha256: inspection.sha256,
    engine: inspection.engine,
    previous: previousVersion(feed, listing, artifact.version) ?? null,
    siblings: listing.artifacts
      .filter(({ version, filename }) => version === artifact.version && filename !== artifact.filename)
      .map(({ filename }) => filename)
      .sort(),
    listed: { publishedAt: artifact.publishedAt ?? null, yanked: Boolean(artifact.yanked) },
    indicators: matchIndicators(app, addressesOf(urls)),
  };
}

function previousVersion(feed: Feed, listing: ProjectListing, version: string): string | undefined {
  const { compareVersions } = ECOSYSTEMS[feed.ecosystem];
  let previous: string | undefined;
  for (const { version: other } of listing.artifacts)
    if (compareVersions(other, version) < 0 && (previous === undefined || compareVersions(other, previous) > 0))
      previous = other;
  return previous;
}
