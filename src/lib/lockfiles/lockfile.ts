/** What a lock file pins. Knows no network and no registry: names, versions and digests as written. */

export type PackageType = "npm" | "pypi" | "nuget";

export interface LockedPackage {
  readonly type: PackageType;
  readonly name: string;
  readonly version: string;
  /**
   * `algorithm:hex` of every file that the lock file accepts for this version (PyPI has several files); empty when the format
   * declares none for the file itself (NuGet and Yarn 4 hash something else).
   */
  readonly digests: readonly string[];
}

/** What a lock file names but no registry gives by name and version. */
export interface Elsewhere {
  readonly name: string;
  /** Where it comes from or why it is not pinned, as part of a sentence: `comes from git`. */
  readonly why: string;
}

/** What a format's reader yields; the user's own code (workspaces, the root project) is neither. */
export type LockedEntry = LockedPackage | Elsewhere;

/** Whether an entry names a package of a registry, which can be fetched by name and version. */
export function isPackage(entry: LockedEntry): entry is LockedPackage {
  return "version" in entry;
}

/** A document's member as an object; empty when it is none, so that a malformed lock file reads as one with less in it. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A value's items; none when it is no array. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A value when it is a text; else an empty one. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Digests of a Subresource Integrity text (`sha512-BASE64 sha1-BASE64`); others than sha256, sha512 and sha1 are left out. */
export function digestsOfIntegrity(integrity: string): string[] {
  return integrity
    .split(/\s+/)
    .map((part) => /^(sha256|sha512|sha1)-([A-Za-z0-9+/]+={0,2})$/.exec(part))
    .filter((match) => match !== null)
    .map((match) => `${match[1]}:${Buffer.from(match[2]!, "base64").toString("hex")}`);
}

/** `sha256:HEX` texts among values; anything else is left out. */
export function hexDigests(values: readonly unknown[]): string[] {
  return values
    .map((value) => text(value).toLowerCase())
    .filter((value) => /^(sha256|sha512|sha1|md5):[0-9a-f]+$/.test(value));
}
