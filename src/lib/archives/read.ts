import { type Archive, ArchiveRefused, type LargeMember } from "./archive.ts";
import type { ArchiveBudget } from "./budget.ts";
import { passGzip, readGzip } from "./gzip.ts";
import { type Packed, packedOf, partsOf } from "./packed.ts";
import { endsLikeZip, sniffArchive, startsTar, ZIP_END_REACH } from "./sniff.ts";
import { readTar, readTarParts, type Tar } from "./tar.ts";
import type { Passing } from "./tar-content.ts";
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
  const format = sniffArchive(headOf(packed));
  if (format === undefined) throw new ArchiveRefused("unsupported", "This is neither a zip, a tar nor a gzip file");
  if (format === "zip") return { format, ...readZip(packed, budget, large) };
  refuseZip(packed);
  const bytes = packed.slice(0, packed.length);
  if (format === "tar") return tarArchive(format, readTar(bytes, budget), 0);
  const { content, ignored } = readGzip(bytes, budget);
  if (startsTar(content)) return tarArchive(format, readTar(content, budget), ignored);
  if (ignored > 0) throw followed();
  return { format: "gz", entries: [{ path: "content", bytes: content, mode: 0 }], links: [] };
}

/**
 * Reads a tar, or one in a gzip stream, as `readArchive` does but in parts, holding of its members what `passing` says. Throws
 * ArchiveRefused, also for a gzip stream that holds no tar.
 */
export async function passArchive(packed: Packed, budget: ArchiveBudget, passing: Passing): Promise<Archive> {
  refuseZip(packed);
  const tar = readTarParts(budget, passing);
  if (sniffArchive(headOf(packed)) === "tar.gz") {
    const ignored = await passGzip(packed, budget, tar.take);
    return tarArchive("tar.gz", tar.close(), ignored);
  }
  for (const part of partsOf(packed, 0, packed.length)) tar.take(part);
  return tarArchive("tar", tar.close(), 0);
}

function headOf(packed: Packed): Buffer {
  return packed.slice(0, Math.min(HEAD, packed.length));
}

/** Installers look at the end of a file for the end of a zip before they believe its name. */
function refuseZip(packed: Packed): void {
  const end = packed.slice(Math.max(0, packed.length - ZIP_END_REACH), packed.length);
  if (endsLikeZip(end)) throw new ArchiveRefused("ambiguous", "The file is a zip as well");
}

function tarArchive(format: "tar" | "tar.gz", { endMark, ...tar }: Tar, ignored: number): Archive {
  if (ignored > 0 && !endMark) throw followed();
  return { format, ...tar, ...(ignored > 0 && { ignored }) };
}

/** Bytes that tell the format. */
const HEAD = 512;
const NONE: ReadonlyMap<number, LargeMember> = new Map();

function followed(): ArchiveRefused {
  return new ArchiveRefused("ambiguous", "Something follows the gzip stream");
}
