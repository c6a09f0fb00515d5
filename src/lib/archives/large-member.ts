import { crc32 } from "node:zlib";
import { ArchiveRefused, type LargeMember } from "./archive.ts";
import { inflateParts } from "./inflate.ts";
import { type Packed, partsOf } from "./packed.ts";
import { openPassage } from "./passage.ts";
import { STORED, wrongEnd, wrongSize } from "./zip.ts";
import type { ZipRecord } from "./zip-directory.ts";

const HEAD = 1 << 20;

/**
 * Passes once over the content of the zip member whose data begin at `start`, without ever holding it, and gives each part of it to
 * `look`, which may end the pass with false; then there is no answer. Size, checksum and the end of its data are checked as for any
 * member: throws ArchiveRefused.
 */
export async function passOver(
  packed: Packed,
  record: ZipRecord,
  start: number,
  look: (part: Buffer) => boolean,
): Promise<LargeMember | undefined> {
  const passage = openPassage(Math.min(HEAD, record.size));
  const end = start + record.packed;
  let size = 0;
  let sum = 0;
  const take = (part: Buffer) => {
    size += part.length;
    if (size > record.size) throw wrongSize(record);
    sum = crc32(part, sum);
    passage.take(part);
    return look(part);
  };
  if (record.method === STORED) {
    for (const part of partsOf(packed, start, end)) if (!take(part)) return undefined;
  } else {
    const used = await inflateParts(packed, start, end, take, record.name);
    if (used === undefined) return undefined;
    if (used !== record.packed) throw wrongEnd(record);
  }
  if (size !== record.size) throw wrongSize(record);
  if (sum !== record.crc) throw new ArchiveRefused("corrupt", "A member has a wrong checksum", record.name);
  return passage.close();
}
