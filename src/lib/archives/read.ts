import { type Archive, ArchiveRefused, type LargeMember } from "./archive.ts";
import type { ArchiveBudget } from "./budget.ts";
import { readGzip } from "./gzip.ts";
import { type Packed, packedOf } from "./packed.ts";
import { endsLikeZip, sniffArchive, startsTar } from "./sniff.ts";
import { readTar } from "./tar.ts";
import { readZip } from "./zip.ts";

/**
 * Reads a zip, tar, tar.gz or gz, known by its bytes, wholly into memory. What it unpacks to is counted against `budget`,
 * which nested archives share. Members of a zip that are in `large`, by the offset of their header, are not read again. Throws ArchiveRefused and nothing else; entries of tars share memory with the unpacked tar.
 */
export function readArchive(
  archive: Buffer | Packed,
  budget: ArchiveBudget,
  large: ReadonlyMap<number, LargeMember> = NONE,
): Archive {
  const packed = Buffer.isBuffer(archive) ? packedOf(archive) : archive;
  const format = sniffArchive(packed.slice(0, Math.min(HEAD, packed.length)));
  if (format === undefined) throw new ArchiveRefused("unsupported", "This is neither a zip, a tar nor a gzip file");
  if (format === "zip") return { format, ...readZip(packed, budget, large) };
  const bytes = packed.slice(0, packed.length);
  if (endsLikeZip(bytes)) throw new ArchiveRefused("ambiguous", "The file is a zip as well");
  if (format === "tar") {
    const { endMark: _, ...tar } = readTar(bytes, budget);
    return { format, ...tar };
  }
  const { content, ignored } = readGzip(bytes, budget);
  if (startsTar(content)) {
    const { endMark, ...tar } = readTar(content, budget);
    if (ignored > 0 && !endMark) throw followed();
    return { format, ...tar, ...(ignored > 0 && { ignored }) };
  }
  if (ignored > 0) throw followed();
  return { format: "gz", entries: [{ path: "content", bytes: content, mode: 0 }], links: [] };
}

/** Bytes that tell the format. */
const HEAD = 512;
const NONE: ReadonlyMap<number, LargeMember> = new Map();

function followed(): ArchiveRefused {
  return new ArchiveRefused("ambiguous", "Something follows the gzip stream");
}
