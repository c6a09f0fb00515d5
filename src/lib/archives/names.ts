import { isUtf8 } from "node:buffer";
import { ArchiveRefused } from "./archive.ts";

const BEYOND_ASCII = /[^\x00-\x7f]/;
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
/** An empty, `.` or `..` segment, or a leading slash. */
const ODD_SEGMENT = /(?:^|\/)\.{0,2}(?:\/|$)/;
const DRIVE = /^[A-Za-z]:/;
const WINDOWS_DROPS = /[. ](?:\/|$)/;

/** The name in `bytes` from `start` to `end`; throws unless it is valid UTF-8. */
export function readName(bytes: Buffer, start: number, end: number): string {
  const name = bytes.toString("latin1", start, end);
  if (!BEYOND_ASCII.test(name)) return name;
  if (!isUtf8(bytes.subarray(start, end))) {
    throw new ArchiveRefused("unsafe-path", "A member's name is not UTF-8", name.replace(/[^\x20-\x7e]/g, "?"));
  }
  return bytes.toString("utf8", start, end);
}

/** Whether the name is plain ASCII. */
export function isAscii(name: string): boolean {
  return !BEYOND_ASCII.test(name);
}

/** Throws unless `path` names one place below the folder it is unpacked to, on every platform. */
export function checkPath(path: string, longest: number): void {
  const wrong = pathProblem(path, longest);
  if (wrong !== undefined) throw new ArchiveRefused("unsafe-path", wrong, printable(path));
}

function pathProblem(path: string, longest: number): string | undefined {
  if (path.length > longest) return "A member's path is longer than the limit";
  if (CONTROL.test(path)) return "A member's path has control characters";
  if (path.includes("\\")) return "A member's path has a backslash";
  if (DRIVE.test(path)) return "A member's path names a drive";
  if (ODD_SEGMENT.test(path)) return "A member's path is absolute, or has an empty, . or .. segment";
  return undefined;
}

/**
 * `path` without the `./` and doubled slashes that tar writers leave in and all tar readers drop; `..` stays for `checkPath`
 * to refuse, and so does a leading slash.
 */
export function plainTarPath(path: string): string {
  if (!ODD_SEGMENT.test(path)) return path;
  const absolute = path.startsWith("/");
  const kept = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  return (absolute ? "/" : "") + kept.join("/");
}

/** Equal for paths that are one file on some file system: case, Unicode form, and dots or blanks that Windows drops. */
export function foldPath(path: string): string {
  const trimmed = WINDOWS_DROPS.test(path) ? path.split("/").map(withoutDroppedEnd).join("/") : path;
  if (isAscii(trimmed)) return trimmed.toLowerCase();
  return trimmed.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

function withoutDroppedEnd(segment: string): string {
  let end = segment.length;
  while (end > 0 && (segment[end - 1] === "." || segment[end - 1] === " ")) end--;
  return segment.slice(0, end);
}

function printable(path: string): string {
  return path.slice(0, 200).replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
}
