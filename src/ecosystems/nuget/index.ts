import type { ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { Ecosystem, IndexView, StoredDocument, WrittenIndex } from "../ecosystem.ts";
import { HIVES, type Hive } from "./addresses.ts";
import { writeVersionList } from "./flat-container.ts";
import { normalizeName } from "./names.ts";
import { isCovered, isRange, writeRange } from "./ranges.ts";
import { readProject } from "./read-project.ts";
import { writeRefusal } from "./refusal.ts";
import { writeRegistrationIndex } from "./registration.ts";
import { routes } from "./routes.ts";
import { readListing } from "./stored.ts";
import { compareParsed, compareVersions, type NuGetVersion, parseVersion } from "./versions.ts";

/** NuGet v3: what is served and how clients take it stands in README.md. */
export const nuget: Ecosystem = {
  id: "nuget",
  normalizeName,
  compareVersions,
  inRange: isCovered,
  isRange,
  writeRange,
  canonicalPath,
  routes,
  readProject,
  readListing,
  likely,
  writeIndex,
  sideUrl,
  // Which documents a client reads says more than its name does: restore reads version lists, where withheld versions are missing;
  // packages.config and Visual Studio read registrations, where they are unlisted. Both are written for everybody.
  showsWithheld: () => false,
  writeRefusal,
};

/** Clients push to the address with a slash at its end and without; ids are compared without case, so segments stay as they are. */
function canonicalPath(segments: readonly string[]): readonly string[] {
  return segments.length > 1 && segments.at(-1) === "" ? segments.slice(0, -1) : segments;
}

function writeIndex(document: StoredDocument, form: string, view: IndexView): WrittenIndex {
  if (form === "flat-container") return writeVersionList(document, view);
  if (Object.hasOwn(HIVES, form)) return writeRegistrationIndex(document, form as Hive, view);
  throw refuse("NOT_FOUND", { what: `the form ${form}` });
}

/** The manifest stands beside the package in the flat container, under a name of its own. */
function sideUrl(artifact: ListedArtifact, suffix: string): string | undefined {
  const folder = artifact.url.slice(0, artifact.url.lastIndexOf("/") + 1);
  if (!artifact.url.endsWith(`/${artifact.filename}`)) return undefined;
  const version = `.${artifact.version.toLowerCase()}.nupkg`;
  return suffix === ".nuspec" ? `${folder}${artifact.filename.slice(0, -version.length)}.nuspec` : undefined;
}

/**
 * New references take the latest stable version; restore takes the lowest that a project names, which is mostly what was latest
 * when somebody wrote it. So: the latest, the first of its minor line, the last of the minor line before, the last of the major
 * version before.
 */
function likely(listing: ProjectListing, offered: (artifact: ListedArtifact) => boolean): readonly ListedArtifact[] {
  const stable = listing.artifacts
    .map((artifact) => ({ artifact, version: parseVersion(artifact.version) }))
    .filter(
      (one): one is Candidate => one.version?.labels.length === 0 && !one.artifact.yanked && offered(one.artifact),
    )
    .sort((a, b) => compareParsed(b.version, a.version));
  const latest = stable[0];
  if (!latest) {
    const fallback = listing.artifacts.findLast((artifact) => !artifact.yanked && offered(artifact));
    return fallback ? [fallback] : [];
  }
  const [major, minor] = latest.version.numbers;
  const chosen = [
    latest,
    stable.findLast(({ version: { numbers } }) => numbers[0] === major && numbers[1] === minor),
    stable.find(({ version: { numbers } }) => numbers[0] === major && numbers[1] !== minor),
    stable.find(({ version: { numbers } }) => numbers[0] !== major),
  ];
  return [...new Set(chosen.flatMap((one) => (one ? [one.artifact] : [])))];
}

interface Candidate {
  readonly artifact: ListedArtifact;
  readonly version: NuGetVersion;
}
