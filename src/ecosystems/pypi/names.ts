import { refuse } from "../../errors.ts";

/** Characters of a project name or a file name, at most. */
export const NAME_LENGTH = 255;

/** Letters are spelled out: a case-insensitive flag lets look-alikes such as U+017F through in some engines. */
const VALID_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
/** Printable ASCII without what a path, a URL or a shell reads as something else. */
const VALID_FILENAME = /^[A-Za-z0-9_](?:[A-Za-z0-9 !$&'()+,.;=@[\]^_`{}~-]*[A-Za-z0-9])?$/;

/**
 * The normalised form of a project name: two names are one project iff equal after this (PEP 503).
 * Throws INVALID_NAME for what PEP 508 does not allow.
 */
export function normalizeName(name: string): string {
  if (!isValidName(name)) throw refuse("INVALID_NAME", { name: printable(name), ecosystem: "pypi" });
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

/** Whether PEP 508 allows the name, look-alikes and control characters excluded. */
export function isValidName(name: string): boolean {
  return name.length <= NAME_LENGTH && VALID_NAME.test(name);
}

/** Whether a file of this name can be offered: one path segment of plain ASCII. */
export function isValidFilename(filename: string): boolean {
  return filename.length <= NAME_LENGTH && VALID_FILENAME.test(filename) && !filename.includes("..");
}

/**
 * Refuses addresses that no client of a Simple repository sends: encoded slashes, dot segments, control characters,
 * non-ASCII look-alikes, empty segments. Segments arrive percent-decoded once; a last empty one is a trailing slash.
 * Throws INVALID_PATH.
 */
export function canonicalPath(segments: readonly string[]): readonly string[] {
  for (const [at, segment] of segments.entries()) {
    if (segment === "" && at < segments.length - 1) throw refuse("INVALID_PATH", { why: "it has an empty segment" });
    if (segment === "." || segment === "..") throw refuse("INVALID_PATH", { why: "it has a dot segment" });
    if (/[/\\%]/.test(segment)) throw refuse("INVALID_PATH", { why: "a segment contains a slash or an escape" });
    if (/[^\x20-\x7e]/.test(segment)) throw refuse("INVALID_PATH", { why: "a segment is not plain ASCII" });
  }
  return segments;
}

/** Text that is safe in a terminal and a header: what is not printable ASCII becomes `?`; cut at 300 characters. */
export function printable(text: string): string {
  return text.slice(0, 300).replace(/[^\x20-\x7e]/g, "?");
}
