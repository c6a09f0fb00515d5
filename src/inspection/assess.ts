import { matchIndicators } from "../advisories/indicators.ts";
import type { App } from "../app.ts";
import type { ArtifactRow } from "../catalog/artifacts.ts";
import type { ProjectListing } from "../catalog/model.ts";
import { findAssessment, type InspectionRow, recordAssessment } from "../catalog/verdicts.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { sha256Hex } from "../lib/digest.ts";
import type { Feed } from "../policy/feeds.ts";

/** What an assessment looked at beside the bytes; its hash tells whether it has to be made again. */
interface Inputs {
  readonly sha256: string;
  readonly engine: string;
  /** The release before this one, which later rules compare with; a missing one never blocks. */
  readonly previous: string | null;
  /** The release's other files. */
  readonly siblings: readonly string[];
  readonly listed: { readonly publishedAt: number | null; readonly yanked: boolean };
  readonly indicators: readonly { readonly source: string; readonly indicator: string }[];
}

/** Concludes on one artifact of one feed from its inspection and what surrounds it, and records it unless the inputs are the ones of the assessment that stands. */
export async function assess(
  app: App,
  feed: Feed,
  listing: ProjectListing,
  artifact: ArtifactRow,
  inspection: InspectionRow,
): Promise<void> {
  const inputs = JSON.stringify(inputsOf(app, feed, listing, artifact, inspection));
  const inputsHash = sha256Hex(inputs);
  if (findAssessment(app, feed.id, artifact.id)?.inputsHash === inputsHash) return;
  await recordAssessment(app, {
    feed: feed.id,
    artifactId: artifact.id,
    verdict: inspection.verdict,
    engine: inspection.engine,
    inputsHash,
    inputs,
  });
}

function inputsOf(
  app: App,
  feed: Feed,
  listing: ProjectListing,
  artifact: ArtifactRow,
  inspection: InspectionRow,
): Inputs {
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
    indicators: matchIndicators(app, urls),
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
