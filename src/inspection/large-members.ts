import type { LargeMember } from "../lib/archives/archive.ts";
import { openBudget, spendBytes } from "../lib/archives/budget.ts";
import { passOver } from "../lib/archives/large-member.ts";
import type { Packed } from "../lib/archives/packed.ts";
import { sniffArchive } from "../lib/archives/sniff.ts";
import { placeOfData } from "../lib/archives/zip.ts";
import { readZipDirectory } from "../lib/archives/zip-directory.ts";
import type { Limits } from "../limits.ts";
import { kindOf } from "./kinds.ts";
import type { FileKind } from "./model.ts";
import type { Hits, Prefilter } from "./prefilter.ts";
import { archiveBounds } from "./unpack.ts";

/** What was found in large members of a zip by passing over them once, before the rest is read. */
export interface LargeMembers {
  /** By the offset of the member's header. */
  readonly members: ReadonlyMap<number, LargeMember>;
  readonly hits: ReadonlyMap<LargeMember, Hits>;
}

/** Members with fewer bytes are held in memory like all others. */
const LARGE = 16 << 20;
/** Of these nothing but literals is looked for behind the first part; members of other kinds are held, or there is no verdict. */
const ONLY_SEARCHED: ReadonlySet<FileKind> = new Set<FileKind>(["executable", "binary", "image"]);
/** Parts overlap by so many bytes, so that no literal is cut; as UTF-16 it is twice as long. */
const OVERLAP = 1024;

/**
 * Passes over the large programs and pictures of a zip, such as native libraries of several hundred megabytes, and finds in each which
 * literals of the prefilter occur. Throws ArchiveRefused where reading the zip would.
 */
export async function passLargeMembers(packed: Packed, limits: Limits, prefilter: Prefilter): Promise<LargeMembers> {
  const members = new Map<number, LargeMember>();
  const hits = new Map<LargeMember, Hits>();
  if (sniffArchive(packed.slice(0, Math.min(512, packed.length))) !== "zip") return { members, hits };
  const bounds = archiveBounds(limits);
  const { records, start } = readZipDirectory(packed, openBudget(bounds, packed.length));
  const budget = openBudget(bounds, packed.length);
  const offsets = records.map(({ offset }) => offset).sort((a, b) => a - b);
  for (const record of records.filter(({ size }) => size >= LARGE)) {
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

function isOnlySearched(path: string, start: Buffer): boolean {
  const kind = kindOf(path, start);
  if (sniffArchive(start) !== undefined || !ONLY_SEARCHED.has(kind)) return false;
  // What says that it is an assembly may stand further behind.
  return kind === "executable" || start.toString("latin1", 0, 2) !== "MZ";
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
