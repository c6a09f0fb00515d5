import type { Digest, ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { ReadProject, StoredDocument, UpstreamGet } from "../ecosystem.ts";
import { bareName, encodeName, readName } from "./names.ts";
import { highest, isStable } from "./versions.ts";

/** JSON as it came: nothing in it has a type before it was looked at. */
export type Json = Readonly<Record<string, unknown>>;

/** One version of a packument that can be served: it has a tarball, and a file name that no other version has. */
export interface PackumentVersion {
  readonly version: string;
  readonly filename: string;
  /** Where upstream keeps the tarball. */
  readonly url: string;
  readonly manifest: Json;
  readonly dist: Json;
  /** Epoch milliseconds from `time`, when upstream says. */
  readonly publishedAt: number | undefined;
}

/** A packument after reading; versions in upstream's order. */
export interface Packument {
  readonly name: string;
  readonly root: Json;
  readonly versions: ReadonlyMap<string, PackumentVersion>;
  readonly tags: ReadonlyMap<string, string>;
}

/** Versions and tags as keys: nothing that a path, a header or an object's prototype could take for something else. */
const KEY = /^[0-9A-Za-z][0-9A-Za-z.+_~-]{0,255}$/;
/** A tarball's file name: one ASCII path segment. */
const FILE = /^(?!\.)[A-Za-z0-9_.+~!*'()@-]{1,300}\.(?:tgz|tar\.gz)$/;
/** Reading a large packument costs more than anything else here, and readers come in groups: the last ones are kept while memory allows. */
const recent = new WeakMap<Buffer, WeakRef<Packument>>();

/**
 * Fetches the full packument, conditionally: only it has `time` and install scripts. A body that is not the packument of
 * `name` is upstream trouble, not absence. https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md#getpackage
 */
export async function readProject(
  get: UpstreamGet,
  name: string,
  previous: StoredDocument | undefined,
): Promise<ReadProject> {
  const known = Object.values(previous?.validators ?? {})[0];
  const answer = await get(encodeName(name), { accept: "application/json", ...known });
  if (answer.status === 404) return { kind: "absent" };
  if (answer.status === 304) return { kind: "unchanged" };
  const validator = {
    ...(answer.etag === undefined ? {} : { etag: answer.etag }),
    ...(answer.lastModified === undefined ? {} : { lastModified: answer.lastModified }),
  };
  const document: StoredDocument = { body: answer.body, validators: { [answer.url]: validator } };
  const says = packumentProblem(document, name);
  if (says !== undefined) {
    throw refuse("UPSTREAM_UNAVAILABLE", { upstream: hostOf(answer.url), what: name, why: says });
  }
  return { kind: "document", document };
}

/** Reads a stored packument. Throws a SyntaxError or INVALID_NAME when it was not checked by `readProject`. */
export function readPackument(document: StoredDocument): Packument {
  const known = recent.get(document.body)?.deref();
  if (known !== undefined) return known;
  const root = asObject(JSON.parse(document.body.toString("utf8")));
  const name = readName(String(root["name"]));
  const packument = { name, root, versions: readVersions(name, root), tags: readTags(root) };
  recent.set(document.body, new WeakRef(packument));
  return packument;
}

/** Our nouns from a stored packument: one artifact per version, in upstream's order. */
export function readListing(document: StoredDocument): ProjectListing {
  const { name, versions, tags } = readPackument(document);
  const artifacts = [...versions.values()].map(artifactOf);
  const tagged = tags.get("latest");
  const latest =
    tagged !== undefined && versions.has(tagged)
      ? tagged
      : (highest(versions.keys(), isStable) ?? highest(versions.keys()));
  return { name, artifacts, ...(latest === undefined ? {} : { latest }) };
}

/** The version as an artifact. */
export function artifactOf(one: PackumentVersion): ListedArtifact {
  const platform = platformOf(one.manifest);
  const publisher = asObject(one.manifest["_npmUser"])["name"];
  return {
    filename: one.filename,
    version: one.version,
    url: one.url,
    digests: digestsOf(one.dist),
    ...(one.publishedAt === undefined ? {} : { publishedAt: one.publishedAt }),
    ...(platform === undefined ? {} : { platform }),
    ...(typeof publisher === "string" ? { publisher } : {}),
    ...(one.dist["attestations"] ? { attested: true } : {}),
    declares: { installs: saysThatInstallingRuns(one.manifest), dependencies: declaredDependencies(one.manifest) },
  };
}

function saysThatInstallingRuns({ hasInstallScript, gypfile, scripts }: Json): boolean {
  const { preinstall, install, postinstall } = asObject(scripts);
  return [hasInstallScript, gypfile, preinstall, install, postinstall].some(Boolean);
}

function declaredDependencies(manifest: Json): readonly string[] {
  const kinds = ["dependencies", "optionalDependencies", "peerDependencies"];
  return [...new Set(kinds.flatMap((kind) => Object.keys(asObject(manifest[kind]))))];
}

/** The value when it is a plain object, else an empty one. */
export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Where most clients run: servers and build machines, developers' machines. */
const COMMON_PLATFORMS = [
  { os: "linux", cpu: "x64", libc: "glibc" },
  { os: "darwin", cpu: "arm64", libc: "" },
  { os: "win32", cpu: "x64", libc: "" },
] as const;

/** npm reads the packuments of a tool's builds for every platform and fetches one. https://docs.npmjs.com/cli/configuring-npm/package-json#os */
function platformOf(manifest: Json): ListedArtifact["platform"] {
  const { os, cpu, libc } = manifest;
  if (os === undefined && cpu === undefined && libc === undefined) return undefined;
  const isCommon = COMMON_PLATFORMS.some(
    (one) => admits(os, one.os) && admits(cpu, one.cpu) && (one.libc === "" || admits(libc, one.libc)),
  );
  return isCommon ? "common" : "rare";
}

function admits(field: unknown, value: string): boolean {
  const words = Array.isArray(field) ? field.slice(0, 100) : field === undefined ? [] : [field];
  if (words.includes(`!${value}`)) return false;
  const named = words.filter((word) => typeof word === "string" && !word.startsWith("!"));
  return named.length === 0 || named.includes(value) || named.includes("any");
}

function packumentProblem(document: StoredDocument, name: string): string | undefined {
  try {
    const read = readPackument(document);
    return read.name === name ? undefined : "it answered with another package";
  } catch {
    return "it did not answer with a packument";
  }
}

function readVersions(name: string, root: Json): ReadonlyMap<string, PackumentVersion> {
  const listed = Object.entries(asObject(root["versions"])).filter(([version]) => KEY.test(version));
  const times = asObject(root["time"]);
  const files = fileNames(name, listed);
  const versions = new Map<string, PackumentVersion>();
  for (const [version, value] of listed) {
    const filename = files.get(version);
    const manifest = asObject(value);
    const dist = asObject(manifest["dist"]);
    const url = tarballUrl(dist);
    if (filename === undefined || url === undefined) continue;
    const publishedAt = readTime(times[version]);
    versions.set(version, { version, filename, url: url.href, manifest, dist, publishedAt });
  }
  return versions;
}

/**
 * A file name for each version, none twice: upstream's own last segment, which lock files hold. Whoever has npm's usual
 * name (`NAME-VERSION.tgz`) keeps it, so that a later version cannot take the name of an earlier one; of several others
 * with one name the first keeps it, and the rest get the usual name when it is free or are not listed at all.
 */
function fileNames(name: string, listed: readonly (readonly [string, unknown])[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const chosen = new Map<string, string>();
  const own = listed.map(([version, value]) => [version, ownFileName(value)] as const);
  const claim = (version: string, file: string | undefined): void => {
    if (file === undefined || !FILE.test(file) || chosen.has(version) || taken.has(file.toLowerCase())) return;
    taken.add(file.toLowerCase());
    chosen.set(version, file);
  };
  for (const [version, file] of own) if (file === usualFileName(name, version)) claim(version, file);
  for (const [version, file] of own) claim(version, file);
  for (const [version] of own) claim(version, usualFileName(name, version));
  return chosen;
}

function usualFileName(name: string, version: string): string {
  return `${bareName(name)}-${version}.tgz`;
}

function ownFileName(manifest: unknown): string | undefined {
  const path = tarballUrl(asObject(asObject(manifest)["dist"]))?.pathname ?? "";
  try {
    const last = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
    return FILE.test(last) ? last : undefined;
  } catch {
    return undefined;
  }
}

function tarballUrl(dist: Json): URL | undefined {
  const tarball = dist["tarball"];
  const url = typeof tarball === "string" && tarball.length < 4096 ? URL.parse(tarball) : null;
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

function readTags(root: Json): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const [tag, version] of Object.entries(asObject(root["dist-tags"]))) {
    if (KEY.test(tag) && typeof version === "string" && KEY.test(version)) tags.set(tag, version);
  }
  return tags;
}

function digestsOf(dist: Json): readonly Digest[] {
  const { integrity, shasum } = dist;
  const digests = new Set<Digest>();
  if (typeof integrity === "string") for (const part of integrity.slice(0, 2048).split(/\s+/)) addSri(digests, part);
  if (typeof shasum === "string" && /^[0-9a-f]{40}$/i.test(shasum)) digests.add(`sha1:${shasum.toLowerCase()}`);
  return [...digests];
}

/** https://www.w3.org/TR/SRI/#integrity-metadata-description; sha384 has no place among our digests. */
function addSri(digests: Set<Digest>, part: string): void {
  const [, algorithm, base64] = /^(sha512|sha256|sha1)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(part) ?? [];
  if (algorithm === undefined || base64 === undefined) return;
  const hex = Buffer.from(base64, "base64").toString("hex");
  const length = { sha512: 128, sha256: 64, sha1: 40 }[algorithm];
  if (hex.length === length) digests.add(`${algorithm as "sha512" | "sha256" | "sha1"}:${hex}`);
}

/** Epoch milliseconds of an ISO 8601 text with a date; undefined for anything else. */
export function readTime(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > 64 || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "npm";
}
