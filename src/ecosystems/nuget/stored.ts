import type { Digest, ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import type { StoredDocument } from "../ecosystem.ts";
import { httpUrlOf, isObject, type JsonObject, objectsOf, textOf } from "./json.ts";
import { fileNameOf } from "./names.ts";
import type { UpstreamServices } from "./upstream-services.ts";
import { compareParsed, formatVersion, isSemVer2, type NuGetVersion, parseVersion } from "./versions.ts";

/** The JSON that is stored for a project: the registration as upstream wrote it, its pages gathered in one document. */
export interface StoredBody {
  readonly format: 1;
  readonly name: string;
  readonly services: UpstreamServices;
  readonly pages: readonly StoredPage[];
}

export interface StoredPage {
  /** Upstream's address of the page. */
  readonly id: string;
  /** Upstream's mark of the page's last change; absent when it gives none. */
  readonly commit?: string;
  /** Whether the page was part of the index document. */
  readonly inlined: boolean;
  /** Registration leaf objects, untouched. */
  readonly items: readonly unknown[];
}

/** One version of a project, read from a registration leaf. */
export interface Leaf {
  readonly version: NuGetVersion;
  /** Normalised and in lower case: how the version stands in URLs. */
  readonly urlVersion: string;
  readonly semVer2: boolean;
  readonly listed: boolean;
  /** The catalogEntry, untouched. */
  readonly entry: JsonObject;
  readonly artifact: ListedArtifact;
}

export interface Registration {
  /** Normalised id. */
  readonly id: string;
  /** Ascending, each version once. */
  readonly leaves: readonly Leaf[];
}

/** Documents that were read before: a gate keeps the hot ones in memory, and reading a thousand versions takes tens of milliseconds. */
const readBefore = new WeakMap<StoredDocument, Registration>();

/** The stored JSON of a document that we wrote. */
export function readBody(document: StoredDocument): StoredBody {
  return JSON.parse(document.body.toString("utf8")) as StoredBody;
}

/** The versions of a stored document. Leaves that no client could read (no version, another id) are left out. */
export function readRegistration(document: StoredDocument): Registration {
  const before = readBefore.get(document);
  if (before) return before;
  const body = readBody(document);
  const byVersion = new Map<string, Leaf>();
  for (const page of body.pages) {
    for (const item of page.items) {
      const leaf = readLeaf(item, body);
      if (leaf && !byVersion.has(leaf.urlVersion)) byVersion.set(leaf.urlVersion, leaf);
    }
  }
  const leaves = [...byVersion.values()].sort((a, b) => compareParsed(a.version, b.version));
  const registration = { id: body.name, leaves };
  readBefore.set(document, registration);
  return registration;
}

/** Our nouns from a stored document. */
export function readListing(document: StoredDocument): ProjectListing {
  const { id, leaves } = readRegistration(document);
  const latest = latestOf(leaves);
  const newest = latest ?? leaves.at(-1);
  return {
    name: textOf(newest?.entry["id"]) ?? id,
    artifacts: leaves.map((leaf) => leaf.artifact),
    ...(latest && { latest: latest.artifact.version }),
    ...(isObject(latest?.entry["deprecation"]) && { status: "deprecated" as const }),
  };
}

/** What an install without a version takes: the highest listed stable version, else the highest listed one. */
export function latestOf(leaves: readonly Leaf[]): Leaf | undefined {
  const listed = leaves.filter((leaf) => leaf.listed);
  return listed.findLast((leaf) => leaf.version.labels.length === 0) ?? listed.at(-1);
}

function readLeaf(item: unknown, body: StoredBody): Leaf | undefined {
  if (!isObject(item) || !isObject(item["catalogEntry"])) return undefined;
  const entry = item["catalogEntry"];
  const version = parseVersion(textOf(entry["version"]) ?? "");
  if (!version || textOf(entry["id"])?.toLowerCase() !== body.name) return undefined;
  const urlVersion = formatVersion(version).toLowerCase();
  const url = artifactUrl(item, body, urlVersion);
  if (url === undefined) return undefined;
  const listed = (item["listed"] ?? entry["listed"]) !== false;
  return {
    version,
    urlVersion,
    semVer2: isSemVer2(version) || dependsOnSemVer2(entry),
    listed,
    entry,
    artifact: {
      filename: fileNameOf(body.name, urlVersion),
      version: formatVersion(version),
      url,
      digests: digestsOf(item, entry),
      ...sizeOf(item, entry),
      ...publishedOf(entry),
      ...(!listed && { yanked: true }),
    },
  };
}

/** Clients build the flat container's address themselves and fall back to packageContent; so do we. */
function artifactUrl(item: JsonObject, body: StoredBody, version: string): string | undefined {
  const base = body.services.flatContainer;
  if (base !== undefined) return `${base}${body.name}/${version}/${fileNameOf(body.name, version)}`;
  return httpUrlOf(item["packageContent"]) ?? httpUrlOf((item["catalogEntry"] as JsonObject)["packageContent"]);
}

/** A package is also SemVer 2 when one of its dependency ranges is. */
function dependsOnSemVer2(entry: JsonObject): boolean {
  return objectsOf(entry["dependencyGroups"]).some((group) =>
    objectsOf(group["dependencies"]).some((dependency) => {
      const bounds = (textOf(dependency["range"]) ?? "").slice(0, 512).split(/[[\](), ]+/);
      return bounds.some((bound) => {
        const version = parseVersion(bound);
        return version !== undefined && isSemVer2(version);
      });
    }),
  );
}

/** Registrations rarely declare one; where they do (`packageHash`, base 64), it is as good as a catalog leaf's. */
function digestsOf(item: JsonObject, entry: JsonObject): readonly Digest[] {
  const hash = textOf(entry["packageHash"]) ?? textOf(item["packageHash"]);
  const algorithm = textOf(entry["packageHashAlgorithm"]) ?? textOf(item["packageHashAlgorithm"]) ?? "SHA512";
  if (hash === undefined || !/^[A-Za-z0-9+/]{43,88}={0,2}$/.test(hash)) return [];
  const hex = Buffer.from(hash, "base64").toString("hex");
  if (/^sha-?512$/i.test(algorithm) && hex.length === 128) return [`sha512:${hex}`];
  if (/^sha-?256$/i.test(algorithm) && hex.length === 64) return [`sha256:${hex}`];
  return [];
}

function sizeOf(item: JsonObject, entry: JsonObject): { readonly size?: number } {
  const size = entry["packageSize"] ?? item["packageSize"];
  return typeof size === "number" && Number.isSafeInteger(size) && size > 0 ? { size } : {};
}

/** Unlisted versions carry 1900-01-01, which is no time of publication. */
function publishedOf(entry: JsonObject): { readonly publishedAt?: number } {
  for (const key of ["published", "created"]) {
    const at = Date.parse(textOf(entry[key]) ?? "");
    if (Number.isFinite(at) && at > Date.UTC(2000, 0)) return { publishedAt: at };
  }
  return {};
}
