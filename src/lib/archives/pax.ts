import { ArchiveRefused } from "./archive.ts";
import { readName } from "./names.ts";

/** What an extended header (pax, POSIX.1-2001) overrides of the header that follows it. */
export interface PaxOverrides {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

/** Records that some tools obey and others ignore: sparse files, volumes, types, character sets. */
const DIVISIVE =
  /^(?:GNU\.(?:sparse|volume|dumpdir)|SCHILY\.(?:realsize|filetype|linktype)|SUN\.holesdata|hdrcharset|type$)/;
const UTF8_CHARSET = "ISO-IR 10646 2000 UTF-8";
/** A line that a reader which splits records at line ends would take for a record of its own. */
const RECORD_IN_VALUE = /\n\d+ [^\n]*=/;

/** Reads the records of one extended header; throws for whatever two tar readers would understand differently. */
export function readPax(bytes: Buffer): PaxOverrides {
  const overrides: { path?: string; linkpath?: string; size?: number } = {};
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(bytes, at);
    at = record.end;
    const { key, value } = record;
    if (DIVISIVE.test(key) && value !== UTF8_CHARSET) throw unclear(`An extended header has ${key}`);
    if (RECORD_IN_VALUE.test(value)) throw unclear("An extended header hides a record in another one's value");
    if (key !== "path" && key !== "linkpath" && key !== "size") continue;
    // Some readers end the value there.
    if (value.includes("\0")) throw unclear(`An extended header has a NUL in ${key}`);
    if (overrides[key] !== undefined) throw unclear(`An extended header gives ${key} twice`);
    if (value === "") throw unclear(`An extended header gives an empty ${key}`);
    if (key === "size") overrides.size = readSize(value);
    else overrides[key] = readName(bytes, record.start, record.end - 1);
  }
  return overrides;
}

/** One `LENGTH key=value\n` record; the value as latin1. */
function readRecord(bytes: Buffer, at: number) {
  const head = /^(\d{1,8}) ([^=\n\0]{1,256})=/.exec(bytes.toString("latin1", at, at + 270));
  if (head === null) throw new ArchiveRefused("corrupt", "An extended header has a malformed record");
  const end = at + Number(head[1]);
  const start = at + head[0].length;
  if (end <= start || end > bytes.length || bytes[end - 1] !== 0x0a) {
    throw new ArchiveRefused("corrupt", "An extended header has a record of wrong length");
  }
  return { key: head[2]!, value: bytes.toString("latin1", start, end - 1), start, end };
}

function readSize(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new ArchiveRefused("corrupt", "An extended header has a malformed size");
  return Number(value);
}

function unclear(says: string): ArchiveRefused {
  return new ArchiveRefused("ambiguous", says);
}
