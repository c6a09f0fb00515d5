import type { Archive, ArchiveEntry, LargeMember } from "../lib/archives/archive.ts";
import { sha256Hex } from "../lib/digest.ts";
import { kindOf } from "./kinds.ts";
import type { LargeMembers } from "./large-members.ts";
import type { Hits, Prefilter } from "./prefilter.ts";

/** Tars with fewer bytes are held as they are. */
const HEAVY = 96 << 20;
/** Members with fewer bytes are held wholly. */
const HELD = 1 << 18;
const TAIL = 22;

/** An archive some of whose members are only searched, and what that found. */
export interface Lightened {
  readonly archive: Archive;
  readonly hits: LargeMembers["hits"];
}

/**
 * A large tar without the memory that it was unpacked into: of programs, pictures and source maps, in which nothing but literals is
 * looked for behind the first part, that part stays; all else is copied. Other archives come back as they are.
 */
export function lighten(archive: Archive, prefilter: Prefilter): Lightened {
  const hits = new Map<LargeMember, Hits>();
  const isTar = archive.format === "tar" || archive.format === "tar.gz";
  if (!isTar || archive.entries.reduce((sum, { bytes }) => sum + bytes.length, 0) < HEAVY) return { archive, hits };
  const entries = archive.entries.map(({ path, bytes, mode }): ArchiveEntry => {
    if (!isOnlySearched(path, bytes)) return { path, bytes: Buffer.from(bytes), mode };
    const head = Buffer.from(bytes.subarray(0, HELD));
    const large = { size: bytes.length, head, tail: Buffer.from(bytes.subarray(-TAIL)), sha256: sha256Hex(bytes) };
    hits.set(large, prefilter.scan(bytes));
    return { path, bytes: head, mode, large };
  });
  return { archive: { ...archive, entries }, hits };
}

function isOnlySearched(path: string, bytes: Buffer): boolean {
  if (bytes.length <= HELD) return false;
  const kind = kindOf(path, bytes);
  return kind === "executable" || kind === "image" || kind === "binary" || (kind === "json" && path.endsWith(".map"));
}
