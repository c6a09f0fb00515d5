import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { sep } from "node:path";
import { gunzipSync, constants as zlib } from "node:zlib";
import { endsLikeZip, sniffArchive, startsTar } from "../../lib/archives/sniff.ts";

/**
 * Every archive below a folder, folders in the order of their names; links to folders are not followed. A file is an archive by
 * its bytes; one that only its name calls so is given too, because an installer would try it: it ends as unknown, not unseen.
 */
export function* walkArchives(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const prefix = folder.endsWith("/") || folder.endsWith(sep) ? folder : folder + sep;
  for (const entry of entries) {
    // Not join(): what is shown begins with the argument as it was given.
    const path = prefix + entry.name;
    if (entry.isDirectory()) yield* walkArchives(path);
    else if ((entry.isFile() || (entry.isSymbolicLink() && isFile(path))) && isCandidate(path)) yield path;
  }
}

/** Whether a file's bytes are those of an archive that some installer would open; unreadable files are none. */
export function looksLikeArchive(path: string): boolean {
  const ends = readEnds(path);
  if (ends === undefined) return false;
  const { head, tail } = ends;
  const format = sniffArchive(head);
  if (format === "tar.gz") return holdsTar(head);
  if (format !== undefined || OTHER_ARCHIVES.test(head.toString("latin1", 0, 6))) return true;
  return endsLikeZip(tail) && !EXECUTABLE.test(head.toString("latin1", 0, 4));
}

const NAMES = /\.(tgz|tar|tar\.(gz|bz2|xz|zst|Z)|tbz2?|txz|whl|egg|zip|nupkg|snupkg)$/i;
/** bzip2, xz, Zstandard, 7-Zip, RAR: nothing that we read, which is said of each. */
const OTHER_ARCHIVES = /^(BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07)/;
/** Programs with a zip behind them (launchers, installers) are nothing that an installer of packages opens. */
const EXECUTABLE = /^(MZ|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe)/;
const HEAD_BYTES = 4_096;
const TAIL_BYTES = 22 + 0xffff;

function isCandidate(path: string): boolean {
  return NAMES.test(path) || looksLikeArchive(path);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readEnds(path: string): { head: Buffer; tail: Buffer } | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const head = read(file, 0, HEAD_BYTES);
      const size = statSync(path).size;
      const tail = size <= HEAD_BYTES ? head : read(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
      return { head, tail };
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

function read(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

/** Whether a gzip stream holds a tar; a compressed log or picture does not. In doubt it does. */
function holdsTar(head: Buffer): boolean {
  let start: Buffer;
  try {
    start = gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: 16 << 20 });
  } catch {
    return true;
  }
  return start.length < 512 || start[0] === 0 || startsTar(start);
}
