import type { ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import { compareVersions, highest, isStable, majorOf } from "./versions.ts";

/** Artifacts worth inspecting before anybody asks. */
const MOST = 4;

/**
 * What a resolver is likely to choose next: the version that `latest` names, the highest stable one of each of the last
 * two majors, then the highest of all when it is a prerelease of the newest major. At most 4, best first. Of a build for one
 * platform only what `latest` names, and nothing when few clients run there: such files are large, and a client fetches one of many.
 */
export function likely(
  listing: ProjectListing,
  offered: (artifact: ListedArtifact) => boolean,
): readonly ListedArtifact[] {
  const byVersion = new Map<string, ListedArtifact>();
  for (const artifact of listing.artifacts) if (offered(artifact)) byVersion.set(artifact.version, artifact);
  const latest = latestOf(listing, byVersion);
  const { platform } = byVersion.get(latest ?? "") ?? {};
  if (platform !== undefined) return platform === "common" ? [byVersion.get(latest!)!] : [];
  const bestOfMajor = new Map<number, string>();
  for (const version of byVersion.keys()) {
    const major = majorOf(version);
    const best = bestOfMajor.get(major);
    if (isStable(version) && (best === undefined || compareVersions(version, best) > 0))
      bestOfMajor.set(major, version);
  }
  const majors = [...bestOfMajor].sort(([a], [b]) => b - a).slice(0, 2);
  const wanted = [latest, ...majors.map(([, version]) => version), highest(byVersion.keys())];
  return [...new Set(wanted)].flatMap((version) => byVersion.get(version ?? "") ?? []).slice(0, MOST);
}

/** With `latest` withheld, clients are given the highest stable version below it. */
function latestOf(listing: ProjectListing, offered: ReadonlyMap<string, ListedArtifact>): string | undefined {
  const { latest } = listing;
  if (latest === undefined || offered.has(latest)) return latest;
  return highest(offered.keys(), (version) => isStable(version) && compareVersions(version, latest) <= 0);
}
