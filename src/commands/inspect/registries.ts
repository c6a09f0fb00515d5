import type { EcosystemId, ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import type { UpstreamConfig } from "../../config.ts";
import { ECOSYSTEMS } from "../../ecosystems/index.ts";
import { openUpstreamClient, type UpstreamClient } from "../../intake/upstream.ts";
import { digestHex } from "../../lib/digest.ts";
import type { Purl } from "../../lib/purl.ts";
import type { Limits } from "../../limits.ts";
import { type ConfigFlags, loadConfig } from "../../load-config.ts";
import { DEFAULT_FEED, type Feeds, openFeeds, originOf } from "../../policy/feeds.ts";

/** One file of a package on its registry. */
export interface RegistryFile {
  readonly filename: string;
  readonly listed: ListedArtifact;
  /** Its bytes, every declared digest checked. Rejects with the reason. */
  fetch(): Promise<Buffer>;
}

/** The registries that this machine's configuration names. */
export interface Registries {
  /**
   * The files of one version (of the latest when the package URL names none) that an installer would choose, and the source archive;
   * or the one file that the URL names. `accepted` digests, when there are any, leave out every other file. Rejects with the reason.
   */
  files(ecosystem: EcosystemId, purl: Purl, accepted: readonly string[]): Promise<readonly RegistryFile[]>;
  close(): Promise<void>;
}

/** Opens what the settings and the clients of this machine name; throws CONFIG_INVALID. */
export async function openRegistries(flags: ConfigFlags, limits: Limits): Promise<Registries> {
  const { config } = await loadConfig(flags);
  const feeds = openFeeds(config);
  const client = openUpstreamClient(config, limits);
  return {
    async files(ecosystem, purl, accepted) {
      const upstream = upstreamOf(feeds, ecosystem, purl.name);
      const listing = await readListing(client, upstream, ecosystem, purl.name);
      const chosen = choose(ecosystem, listing, purl, accepted);
      return chosen.map((artifact) => ({
        filename: artifact.filename,
        listed: artifact,
        fetch: () => fetchArtifact(client, upstream, artifact, accepted, limits),
      }));
    },
    close: () => client.close(),
  };
}

function upstreamOf(feeds: Feeds, ecosystem: EcosystemId, name: string): UpstreamConfig {
  const origin = originOf(feeds.get(DEFAULT_FEED, ecosystem), ECOSYSTEMS[ecosystem].normalizeName(name));
  if (origin?.upstream) return origin.upstream;
  throw new Error(
    origin
      ? "its name is private, so no upstream is asked for it"
      : `no ${ecosystem} registry is known; give --upstream-${ecosystem} URL`,
  );
}

async function readListing(
  client: UpstreamClient,
  upstream: UpstreamConfig,
  ecosystem: EcosystemId,
  name: string,
): Promise<ProjectListing> {
  const translator = ECOSYSTEMS[ecosystem];
  const answer = await translator.readProject(client.get(upstream), translator.normalizeName(name), undefined);
  if (answer.kind !== "document") throw new Error("the registry does not know it");
  return translator.readListing(answer.document);
}

function choose(
  ecosystem: EcosystemId,
  listing: ProjectListing,
  purl: Purl,
  accepted: readonly string[],
): readonly ListedArtifact[] {
  const { compareVersions, likely } = ECOSYSTEMS[ecosystem];
  const version = purl.version ?? listing.latest;
  if (version === undefined) throw new Error("the registry has no version of it");
  const released = listing.artifacts.filter((artifact) => compareVersions(artifact.version, version) === 0);
  if (released.length === 0) throw new Error(`the registry has no version ${version} of it`);
  const artifacts = released.filter((artifact) => mayBe(artifact, accepted));
  if (artifacts.length === 0) throw new Error("none of the registry's files has a digest that the lock file names");
  if (purl.filename !== undefined) {
    const named = artifacts.filter(({ filename }) => filename === purl.filename);
    if (named.length === 0) throw new Error(`the registry has no file ${purl.filename} of it`);
    return named;
  }
  const best = likely({ ...listing, artifacts, latest: version }, () => true);
  const sources = ecosystem === "pypi" ? artifacts.filter(({ filename }) => /\.(tar\.gz|zip)$/.test(filename)) : [];
  const all = new Set([...sources, ...best]);
  return all.size > 0 ? [...all] : artifacts.slice(0, 1);
}

/** Whether the index declares no digest that speaks against an accepted one. */
function mayBe(artifact: ListedArtifact, accepted: readonly string[]): boolean {
  const algorithms = new Set(accepted.map(algorithmOf));
  const comparable = artifact.digests.filter((digest) => algorithms.has(algorithmOf(digest)));
  return comparable.length === 0 || comparable.some((digest) => accepted.includes(digest));
}

async function fetchArtifact(
  client: UpstreamClient,
  upstream: UpstreamConfig,
  artifact: ListedArtifact,
  accepted: readonly string[],
  limits: Limits,
): Promise<Buffer> {
  const { status, body } = await client.open(upstream, artifact.url);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (status !== 200) throw new Error(`the registry answered ${status} for ${artifact.filename}`);
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.artifactBytes) throw new Error(`it is larger than the limit of ${limits.artifactBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
  }
  const bytes = Buffer.concat(chunks);
  checkDigests(bytes, artifact.digests, "the registry declares");
  if (accepted.length > 0) checkAccepted(bytes, accepted);
  return bytes;
}

function checkDigests(bytes: Buffer, digests: readonly string[], who: string): void {
  const wrong = digests.find((digest) => !hasDigest(bytes, digest));
  if (wrong !== undefined) throw new Error(`its bytes do not have the digest that ${who}: ${wrong}`);
}

function checkAccepted(bytes: Buffer, accepted: readonly string[]): void {
  if (!accepted.some((digest) => hasDigest(bytes, digest)))
    throw new Error("its bytes have no digest that the lock file names");
}

function hasDigest(bytes: Buffer, digest: string): boolean {
  const algorithm = algorithmOf(digest);
  if (algorithm !== "sha256" && algorithm !== "sha512" && algorithm !== "sha1" && algorithm !== "md5") return false;
  return digest === `${algorithm}:${digestHex(algorithm, bytes)}`;
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}
