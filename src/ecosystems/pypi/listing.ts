import type { Digest, ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import type { StoredDocument } from "../ecosystem.ts";
import { type FileName, readFileName } from "./files.ts";
import { normalizeName } from "./names.ts";
import { openStored, type SimpleFile, type SimpleProject } from "./simple.ts";
import { compareVersions, isPrerelease } from "./versions.ts";

/** Listings of pages that are in use. */
const read = new WeakMap<SimpleProject, ProjectListing>();

/** What a stored document says, in our nouns; artifacts in the order of its files. */
export function readListing(document: StoredDocument): ProjectListing {
  const project = openStored(document);
  const known = read.get(project) ?? listingOf(project);
  read.set(project, known);
  return known;
}

function listingOf(project: SimpleProject): ProjectListing {
  const artifacts = project.files.map(readArtifact);
  const latest = latestOf(artifacts);
  const status = project.status?.status;
  return {
    name: project.name,
    artifacts,
    ...(latest !== undefined && { latest }),
    ...(status !== undefined && status !== "active" && { status }),
  };
}

/** One file in our nouns. */
export function readArtifact(file: SimpleFile): ListedArtifact {
  const digests = digestsOf(file.hashes);
  const metadata = typeof file.coreMetadata === "object" ? digestsOf(file.coreMetadata)[0] : undefined;
  return {
    filename: file.filename,
    version: file.version,
    url: file.url,
    digests,
    ...(file.size !== undefined && { size: file.size }),
    ...(file.uploadTime !== undefined && { publishedAt: Date.parse(file.uploadTime) }),
    ...(file.yanked !== false && { yanked: file.yanked }),
    ...(metadata !== undefined && { metadataDigest: metadata }),
    ...(file.provenance !== undefined && { attested: true }),
    sideFiles: {
      ...(file.coreMetadata !== false && { ".metadata": metadataAddress(file.url) }),
      ...(file.provenance !== undefined && { ".provenance": file.provenance }),
    },
  };
}

/**
 * The version that an unconstrained install would choose: the newest that is no pre-release, else the newest pre-release;
 * withdrawn ones never count (PEP 592, PEP 440 "Handling of pre-releases").
 */
export function latestOf(artifacts: readonly ListedArtifact[]): string | undefined {
  let latest: string | undefined;
  for (const { version, yanked } of artifacts) {
    if (yanked !== undefined && yanked !== false) continue;
    if (latest === undefined || (version !== latest && isPreferred(version, latest))) latest = version;
  }
  return latest;
}

/**
 * What installers fetch when they resolve without a constraint, best first, at most 4: of the newest version offered the
 * pure wheel, else the wheels of the most common platforms for the newest interpreters; the source archive when there is
 * no wheel.
 */
export function likely(
  listing: ProjectListing,
  offered: (artifact: ListedArtifact) => boolean,
): readonly ListedArtifact[] {
  const candidates = listing.artifacts.filter(offered);
  const latest = latestOf(candidates);
  if (latest === undefined) return [];
  const name = normalizeName(listing.name);
  const named = candidates
    .filter((artifact) => compareVersions(artifact.version, latest) === 0)
    .map((artifact) => ({ artifact, rank: rankOf(readFileName(artifact.filename, name)) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  const best = named[0]?.rank ?? 0;
  // A pure wheel serves everybody and a source archive is the last resort: neither has alternatives.
  const count = best >= PURE || best === SOURCE ? 1 : 4;
  return named.slice(0, count).map(({ artifact }) => artifact);
}

const PURE = 1_000_000;
const SOURCE = 1;

/** Platforms from the most to the least common where packages are installed. */
const PLATFORMS: readonly RegExp[] = [
  /manylinux\w*_x86_64/,
  /macosx\w*_(?:arm64|universal2)/,
  /win_amd64/,
  /manylinux\w*_aarch64/,
  /musllinux\w*_x86_64/,
  /macosx\w*_x86_64/,
];

function rankOf(name: FileName | undefined): number {
  if (name?.kind === "sdist") return SOURCE;
  if (name?.tags === undefined) return 0;
  const { python, abi, platform } = name.tags;
  const isPython3 = /(?:^|\.)(?:py3|cp3)/.test(python);
  if (platform === "any") return isPython3 ? PURE : 0;
  const place = PLATFORMS.findIndex((one) => one.test(platform));
  // Free-threaded builds (cp313t) and other interpreters are asked for rarely.
  if (place < 0 || !isPython3 || /\dt$/.test(abi) || /^pp/.test(python)) return 0;
  const minor = abi.includes("abi3") || abi === "none" ? 99 : Number(/cp3(\d{1,2})/.exec(python)?.[1] ?? 0);
  return 10 + (PLATFORMS.length - place) * 100 + minor;
}

function isPreferred(version: string, over: string): boolean {
  const pre = Number(isPrerelease(version)) - Number(isPrerelease(over));
  return pre === 0 ? compareVersions(version, over) > 0 : pre < 0;
}

function digestsOf(hashes: Readonly<Record<string, string>>): readonly Digest[] {
  return Object.entries(hashes).map(([algorithm, hex]) => `${algorithm}:${hex}` as Digest);
}

/** PEP 658: the file's address with `.metadata` appended to its path. */
function metadataAddress(url: string): string {
  if (!url.includes("?")) return `${url}.metadata`;
  const address = new URL(url);
  address.pathname += ".metadata";
  return address.href;
}
