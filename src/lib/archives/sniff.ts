import type { ArchiveFormat } from "./archive.ts";

const ZIP_MEMBER = 0x04034b50;
const ZIP_END = 0x06054b50;
const TAR_BLOCK = 512;
const TAR_CHECKSUM = 148;

/** The format of an archive by its bytes alone, never by a name; `tar.gz` for every gzip stream, whatever it holds. */
export function sniffArchive(bytes: Buffer): Exclude<ArchiveFormat, "gz"> | undefined {
  if (bytes.length < 4) return undefined;
  const magic = bytes.readUInt32LE(0);
  if (magic === ZIP_MEMBER || magic === ZIP_END) return "zip";
  if ((magic & 0xffffff) === 0x088b1f) return "tar.gz";
  return startsTar(bytes) ? "tar" : undefined;
}

/** Whether the first block is a tar header: its checksum is right. Magic is not asked, because old tars have none. */
export function startsTar(bytes: Buffer): boolean {
  if (bytes.length < TAR_BLOCK || bytes[0] === 0) return false;
  const field = bytes.toString("latin1", TAR_CHECKSUM, TAR_CHECKSUM + 8);
  return /^ *[0-7]+ *\0* *$/.test(field) && Number.parseInt(field, 8) === tarChecksum(bytes, 0);
}

/** Sum of the header block at `at`, its own checksum field counted as blanks. */
export function tarChecksum(bytes: Buffer, at: number): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < TAR_CHECKSUM; i++) sum += bytes[at + i]!;
  for (let i = TAR_CHECKSUM + 8; i < TAR_BLOCK; i++) sum += bytes[at + i]!;
  return sum;
}

/** Bytes of a zip's end record, and how far from the end of a file one may begin: its comment may have 65,535 bytes. */
const ZIP_END_SIZE = 22;
export const ZIP_END_REACH = ZIP_END_SIZE + 0xffff;

/**
 * Whether a zip reader that looks for an end record from behind would find one. Installers ask that question of any file
 * before they believe its name, so a tar with such an end is two archives in one.
 */
export function endsLikeZip(bytes: Buffer): boolean {
  return bytes.length >= ZIP_END_SIZE && bytes.subarray(-ZIP_END_REACH).includes("PK\x05\x06", 0, "latin1");
}
