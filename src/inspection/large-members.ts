import type { Archive, LargeMember } from "../lib/archives/archive.ts";
import { type ArchiveBudget, openBudget, spendBytes } from "../lib/archives/budget.ts";
import { gzipLength } from "../lib/archives/gzip.ts";
import { passOver } from "../lib/archives/large-member.ts";
import type { Packed } from "../lib/archives/packed.ts";
import { passArchive } from "../lib/archives/read.ts";
import { sniffArchive } from "../lib/archives/sniff.ts";
import { placeOfData } from "../lib/archives/zip.ts";
import { readZipDirectory } from "../lib/archives/zip-directory.ts";
import type { Limits } from "../limits.ts";
import { kindOf } from "./kinds.ts";
import type { FileKind } from "./model.ts";
import type { Hits, Prefilter } from "./prefilter.ts";
import { archiveBounds } from "./unpack.ts";

/** What was found in the large members of an archive by passing over them once. */
export interface LargeMembers {
  readonly hits: ReadonlyMap<LargeMember, Hits>;
  /** Of a zip, by the offset of the member's header, before the rest of it is read. */
  readonly members?: ReadonlyMap<number, LargeMember>;
  /** A tar, which is read wholly as its large members pass, and what is left for archives in it. */
  readonly tar?: { readonly archive: Archive; readonly budget: ArchiveBudget };
}

/** Members of a zip with fewer bytes are held in memory like all others. */
const LARGE_IN_ZIP = 16 << 20;
/** Tars that unpack to fewer bytes are held as they are. */
const LARGE_TAR = 96 << 20;
/** Bytes that are held of a large member of a tar; those with no more are held wholly. */
const HELD_IN_TAR = 256 << 10;
/** Of these nothing but literals is looked for behind the first part; members of other kinds are held, or there is no verdict. */
const ONLY_SEARCHED: ReadonlySet<FileKind> = new Set<FileKind>(["executable", "binary", "image"]);
/** Parts overlap by so many bytes, so that no literal is cut; as UTF-16 it is twice as long. */
const OVERLAP = 1024;

/**
 * Passes over the large programs, pictures and source maps of an archive, such as native libraries of several hundred megabytes, and
 * finds in each which literals of the prefilter occur; `undefined` when the archive is held as it is. Throws ArchiveRefused
 * where reading the archive would.
 */
export async function passLargeMembers(
  packed: Packed,
  limits: Limits,
  prefilter: Prefilter,
): Promise<LargeMembers | undefined> {
  const format = sniffArchive(packed.slice(0, Math.min(512, packed.length)));
  if (format === "zip") return await passZip(packed, limits, prefilter);
  const size = format === "tar.gz" ? gzipLength(packed) : packed.length;
  return format === undefined || size < LARGE_TAR ? undefined : await passTar(packed, limits, prefilter);
}

async function passZip(packed: Packed, limits: Limits, prefilter: Prefilter): Promise<LargeMembers> {
  const members = new Map<number, LargeMember>();
  const hits = new Map<LargeMember, Hits>();
  const bounds = archiveBounds(limits);
  const { records, start } = readZipDirectory(packed, openBudget(bounds, packed.length));
  const budget = openBudget(bounds, packed.length);
  const offsets = records.map(({ offset }) => offset).sort((a, b) => a - b);
  for (const record of records.filter(({ size }) => size >= LARGE_IN_ZIP)) {
    const end = offsets.find((offset) => offset > record.offset) ?? start;
    const data = placeOfData(packed, record, end);
    spendBytes(budget, record.size, record.name);
    const search = searchParts(prefilter);
    let first: boolean | undefined;
    const member = await passOver(packed, record, data.start, (part) => {
      first ??= isOnlySearched(record.name, part);
      if (first) search.look(part);
      return first;
    });
    if (member === undefined) continue;
    members.set(record.offset, member);
    hits.set(member, search.hits());
  }
  return { members, hits };
}

async function passTar(packed: Packed, limits: Limits, prefilter: Prefilter): Promise<LargeMembers> {
  const hits = new Map<LargeMember, Hits>();
  const budget = openBudget(archiveBounds(limits), packed.length);
  const archive = await passArchive(packed, budget, {
    head: HELD_IN_TAR,
    over(path, head) {
      if (!isOnlySearched(path, head)) return undefined;
      const search = searchParts(prefilter);
      return { look: search.look, done: (member) => hits.set(member, search.hits()) };
    },
  });
  return { hits, tar: { archive, budget } };
}

function isOnlySearched(path: string, start: Buffer): boolean {
  if (sniffArchive(start) !== undefined) return false;
  const kind = kindOf(path, start);
  if (kind === "json") return path.endsWith(".map");
  // What says that it is an assembly may stand further behind.
  return ONLY_SEARCHED.has(kind) && (kind === "executable" || start.toString("latin1", 0, 2) !== "MZ");
}

/** Searches a text that comes in parts. */
function searchParts(prefilter: Prefilter): { look(part: Buffer): void; hits(): Hits } {
  let found: Hits = prefilter.scan(Buffer.alloc(0));
  let last: Buffer = Buffer.alloc(0);
  return {
    look(part) {
      found = found.with([prefilter.scan(Buffer.concat([last, part]))]);
      last = Buffer.from(part.subarray(-OVERLAP));
    },
    hits: () => found,
  };
}
