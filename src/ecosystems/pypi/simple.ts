import type { StoredDocument } from "../ecosystem.ts";
import { type FileName, knownVersions, readFileName } from "./files.ts";
import { isValidName, normalizeName } from "./names.ts";

/** One file of a project as a Simple index lists it (PEP 503, 592, 658, 691, 700, 714, 740), checked. */
export interface SimpleFile extends FileName {
  readonly filename: string;
  /** Absolute http(s) address without fragment and credentials. */
  readonly url: string;
  /** Lower-case hex by algorithm: sha256 first, then sha512, sha1, md5. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly requiresPython?: string;
  readonly size?: number;
  /** As upstream wrote it, `2024-01-02T03:04:05.678900Z`. */
  readonly uploadTime?: string;
  readonly yanked: boolean | string;
  /** Digests of the separate metadata file; true when it exists without a digest. */
  readonly coreMetadata: boolean | Readonly<Record<string, string>>;
  /** Absolute address of the attestations. */
  readonly provenance?: string;
}

/** A Simple project page, checked. */
export interface SimpleProject {
  readonly name: string;
  readonly files: readonly SimpleFile[];
  /** Every version, with or without files, as upstream spells it; absent when upstream does not list them (before PEP 700). */
  readonly versions?: readonly string[];
  readonly status?: { readonly status: ProjectStatus; readonly reason?: string };
  readonly lastSerial?: number;
}

export type ProjectStatus = "active" | "archived" | "quarantined" | "deprecated";

/** Digest algorithms that we keep, and their length in hex digits. */
const ALGORITHMS: readonly (readonly [string, number])[] = [
  ["sha256", 64],
  ["sha512", 128],
  ["sha1", 40],
  ["md5", 32],
];
/** Files of one project that are read; the largest projects anywhere have some tens of thousands. */
export const MAX_FILES = 200_000;
/** Characters of a reason or a Python requirement; longer ones are cut or dropped. */
const TEXT_LENGTH = 1000;
const UPLOAD_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)$/;
const STATUSES: readonly ProjectStatus[] = ["active", "archived", "quarantined", "deprecated"];

type Bag = Readonly<Record<string, unknown>>;

/**
 * Reads what a PEP 691 project page says, resolving addresses against `url`. Entries that no client could use or that two
 * clients would read differently are dropped: invalid or foreign file names, addresses that are not http, digests of the
 * wrong form, one name with two contents. Returns undefined, with no partial answer, when the page as a whole is not one
 * of this project: another major version of the API, another project's name, no list of files, too many of them.
 */
export function readSimple(page: unknown, url: string, name: string): SimpleProject | undefined {
  if (!isBag(page) || !Array.isArray(page["files"]) || !isReadableVersion(page["meta"])) return undefined;
  if (page["files"].length > MAX_FILES) return undefined;
  const project = typeof page["name"] === "string" && isValidName(page["name"]) ? page["name"] : name;
  if (normalizeName(project) !== normalizeName(name)) return undefined;
  const versions = readVersions(page["versions"]);
  const status = readStatus(page["project-status"]);
  const serial = isBag(page["meta"]) ? page["meta"]["_last-serial"] : undefined;
  return {
    name: project,
    // PEP 792: a quarantined project offers no files, whatever its page lists.
    files: status?.status === "quarantined" ? [] : readFiles(page["files"], withoutCredentials(url), project, versions),
    ...(versions !== undefined && { versions }),
    ...(status !== undefined && { status }),
    ...(Number.isSafeInteger(serial) && { lastSerial: serial as number }),
  };
}

/** A project page as we store it: PEP 691 JSON with absolute upstream addresses, only what `readSimple` let through. */
export function writeStored(project: SimpleProject): Buffer {
  const meta = {
    "api-version": "1.4",
    ...(project.lastSerial !== undefined && { "_last-serial": project.lastSerial }),
  };
  const page = {
    meta,
    name: project.name,
    ...(project.versions !== undefined && { versions: project.versions }),
    files: project.files.map(writeFile),
    ...(project.status !== undefined && { "project-status": project.status }),
  };
  return Buffer.from(JSON.stringify(page));
}

/** The entry of a file with its upstream addresses. */
function writeFile(file: SimpleFile): Bag {
  return {
    filename: file.filename,
    url: file.url,
    hashes: file.hashes,
    ...(file.requiresPython !== undefined && { "requires-python": file.requiresPython }),
    ...(file.size !== undefined && { size: file.size }),
    ...(file.uploadTime !== undefined && { "upload-time": file.uploadTime }),
    yanked: file.yanked,
    "core-metadata": file.coreMetadata,
    ...(file.provenance !== undefined && { provenance: file.provenance }),
  };
}

/** Reading a large page costs tens of milliseconds; it is read once for as long as its document lives. */
const opened = new WeakMap<StoredDocument, SimpleProject>();

/** The project page in a stored document. Throws on one that `writeStored` did not write. */
export function openStored(document: StoredDocument): SimpleProject {
  const known = opened.get(document);
  if (known !== undefined) return known;
  const page: unknown = JSON.parse(document.body.toString());
  const name = isBag(page) && typeof page["name"] === "string" ? page["name"] : "";
  const project = isValidName(name) ? readSimple(page, "http://stored.invalid/", name) : undefined;
  if (project === undefined) throw new Error("the stored document is no Simple project page");
  opened.set(document, project);
  return project;
}

function isReadableVersion(meta: unknown): boolean {
  const version = isBag(meta) ? meta["api-version"] : undefined;
  // Some servers leave `meta` out; PEP 629 asks clients to refuse a greater major version only.
  return version === undefined || (typeof version === "string" && /^1\.\d+$/.test(version));
}

function readVersions(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const versions = value.filter(
    (one): one is string => typeof one === "string" && /^[A-Za-z0-9][\w.+!-]{0,199}$/.test(one),
  );
  return [...new Set(versions)];
}

function readStatus(value: unknown): SimpleProject["status"] {
  const status = STATUSES.find((one) => isBag(value) && value["status"] === one);
  if (status === undefined || !isBag(value)) return undefined;
  const reason = readText(value["reason"]);
  return { status, ...(reason !== undefined && { reason }) };
}

function readFiles(
  entries: readonly unknown[],
  url: string,
  project: string,
  versions: readonly string[] | undefined,
): readonly SimpleFile[] {
  const known = versions === undefined ? undefined : knownVersions(versions);
  const name = normalizeName(project);
  const files = new Map<string, SimpleFile | undefined>();
  for (const entry of entries) {
    const file = isBag(entry) ? readFile(entry, url, name, known) : undefined;
    if (file === undefined) continue;
    const before = files.get(file.filename);
    // One name with two contents: clients would disagree about which one it is, so it is offered to none.
    const same = !files.has(file.filename) || (before !== undefined && sameContent(before, file));
    files.set(file.filename, same ? (before ?? file) : undefined);
  }
  return [...files.values()].filter((file) => file !== undefined);
}

function readFile(
  entry: Bag,
  base: string,
  project: string,
  known: ReturnType<typeof knownVersions> | undefined,
): SimpleFile | undefined {
  const filename = typeof entry["filename"] === "string" ? entry["filename"] : "";
  const named = readFileName(filename, project, known);
  const url = readAddress(entry["url"], base);
  const hashes = readHashes(entry["hashes"]);
  if (named === undefined || url === undefined || hashes === undefined) return undefined;
  const requiresPython = readText(entry["requires-python"]);
  const provenance = readAddress(entry["provenance"], base);
  const { size, "upload-time": uploadTime } = entry;
  return {
    ...named,
    filename,
    url,
    hashes,
    ...(requiresPython !== undefined && { requiresPython }),
    ...(Number.isSafeInteger(size) && Number(size) >= 0 && { size: Number(size) }),
    ...(isUploadTime(uploadTime) && { uploadTime }),
    yanked: readText(entry["yanked"]) ?? Boolean(entry["yanked"]),
    coreMetadata: readMetadata(entry["core-metadata"] ?? entry["data-dist-info-metadata"]),
    ...(provenance !== undefined && { provenance }),
  };
}

function sameContent(a: SimpleFile, b: SimpleFile): boolean {
  return a.url === b.url && JSON.stringify(a.hashes) === JSON.stringify(b.hashes);
}

/** An address that URL parsing would leave as it is, which most are. */
const PLAIN_ADDRESS = /^https?:\/\/[a-z0-9.-]+(?:\/[A-Za-z0-9_~%+!@=-][A-Za-z0-9._~%+!@=-]*)+$/;

function readAddress(value: unknown, base: string): string | undefined {
  if (typeof value === "string" && PLAIN_ADDRESS.test(value) && value.length < 1000) return value;
  const url = typeof value === "string" && value !== "" ? URL.parse(value, base) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  url.hash = "";
  return url.href;
}

function withoutCredentials(url: string): string {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare.href;
}

/** Undefined when a digest that we know is malformed: such a file could never be checked against what upstream meant. */
function readHashes(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return {};
  if (!isBag(value)) return undefined;
  const hashes: Record<string, string> = {};
  for (const [algorithm, length] of ALGORITHMS) {
    const digest = value[algorithm];
    if (digest === undefined) continue;
    if (typeof digest !== "string" || digest.length !== length || !/^[0-9a-f]+$/i.test(digest)) return undefined;
    hashes[algorithm] = digest.toLowerCase();
  }
  return hashes;
}

function readMetadata(value: unknown): SimpleFile["coreMetadata"] {
  if (!isBag(value)) return value === true;
  const hashes = readHashes(value);
  if (hashes === undefined) return false;
  return Object.keys(hashes).length > 0 ? hashes : true;
}

function isUploadTime(value: unknown): value is string {
  return typeof value === "string" && UPLOAD_TIME.test(value) && !Number.isNaN(Date.parse(value));
}

/** Printable text, white space folded; undefined for what is empty or no text. */
function readText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value
    .slice(0, TEXT_LENGTH)
    .replace(/[\s\x00-\x1f\x7f-\x9f]+/g, " ")
    .trim();
  return text === "" ? undefined : text;
}

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
