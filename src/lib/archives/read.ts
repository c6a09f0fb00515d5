import { type Archive, ArchiveRefused } from "./archive.ts";
import type { ArchiveBudget } from "./budget.ts";
import { readGzip } from "./gzip.ts";
import { endsLikeZip, sniffArchive, startsTar } from "./sniff.ts";
import { readTar } from "./tar.ts";
import { readZip } from "./zip.ts";

/**
 * Reads a zip, tar, tar.gz or gz, known by its bytes, wholly into memory. What it unpacks to is counted against `budget`,
 * which nested archives share. Throws ArchiveRefused and nothing else; entries of tars share memory with the unpacked tar.
 */
export function readArchive(bytes: Buffer, budget: ArchiveBudget): Archive {
  const format = sniffArchive(bytes);
  if (format === undefined) throw new ArchiveRefused("unsupported", "This is neither a zip, a tar nor a gzip file");
  if (format === "zip") return { format, ...readZip(bytes, budget) };
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

function followed(): ArchiveRefused {
  return new ArchiveRefused("ambiguous", "Something follows the gzip stream");
}
