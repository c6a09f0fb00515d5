import { type Archive, ArchiveRefused } from "./archive.ts";
import { type ArchiveBudget, spendEntries } from "./budget.ts";
import { type Listing, openListing } from "./listing.ts";
import { plainTarPath, readName } from "./names.ts";
import { type PaxOverrides, readPax } from "./pax.ts";
import { readTarHeader, TAR_BLOCK, type TarHeader } from "./tar-header.ts";
import { allZero } from "./zeros.ts";

/** Bytes of one extended header or long name. */
const LONGEST_EXTENSION = 1 << 20;

/** What extension headers said of the member that follows them. */
interface Extensions {
  pax?: PaxOverrides;
  name?: string;
  linkName?: string;
}

interface Member extends TarHeader {
  readonly headerName: string;
  readonly data: Buffer;
}

/** The members of a tar, and whether the two empty blocks that end it are there. */
export interface TarContent extends Pick<Archive, "entries" | "links"> {
  readonly endMark: boolean;
}

/**
 * Reads a tar (ustar, pax, GNU long names) without copying its members. Throws ArchiveRefused for whatever tar readers
 * disagree on, and for devices, sparse files and links that leave the tree.
 */
export function readTar(bytes: Buffer, budget: ArchiveBudget): TarContent {
  const listing = openListing(budget, "allow-if-identical");
  let extensions: Extensions = {};
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === 0 && allZero(bytes, at, Math.min(at + TAR_BLOCK, bytes.length)))
      return closeAt(listing, bytes, at, extensions);
    if (at + TAR_BLOCK > bytes.length) throw new ArchiveRefused("truncated", "The tar ends within a header");
    const header = readTarHeader(bytes, at);
    const start = at + TAR_BLOCK;
    at = start + Math.ceil(header.size / TAR_BLOCK) * TAR_BLOCK;
    if (at > bytes.length) throw new ArchiveRefused("truncated", "The tar ends within a member", header.name);
    const data = bytes.subarray(start, start + header.size);
    if (extend(extensions, header, data)) continue;
    if (header.type === "g") {
      spendEntries(budget, 1);
      refuseGlobals(data);
      continue;
    }
    spendEntries(budget, 1);
    addMember(listing, memberOf(header, data, extensions));
    extensions = {};
  }
  // Without an end mark: every tar reader takes the end of the file for one.
  return closeAt(listing, bytes, bytes.length, extensions);
}

/** Some readers stop at the first empty block, some at the second, some at the end of the file: all must find nothing more. */
function closeAt(listing: Listing, bytes: Buffer, at: number, extensions: Extensions) {
  if (Object.keys(extensions).length > 0) {
    throw new ArchiveRefused("truncated", "The tar ends after an extended header");
  }
  if (!allZero(bytes, at)) throw new ArchiveRefused("ambiguous", "Something follows the end of the tar");
  return { ...listing.close(), endMark: bytes.length - at >= 2 * TAR_BLOCK };
}

/** Takes `header` in when it only describes the next member. */
function extend(extensions: Extensions, header: TarHeader, data: Buffer): boolean {
  const { type, size } = header;
  if (type !== "x" && type !== "L" && type !== "K") return false;
  if (type !== "x") refuseLinkName(header);
  if (size > LONGEST_EXTENSION) throw new ArchiveRefused("too-large", "An extended header is larger than the limit");
  const place = type === "x" ? "pax" : type === "L" ? "name" : "linkName";
  if (extensions[place] !== undefined) {
    throw new ArchiveRefused("ambiguous", "Two extended headers describe one member", header.name);
  }
  if (type === "x") extensions.pax = readPax(data);
  else extensions[place as "name" | "linkName"] = readLongName(data);
  return true;
}

function readLongName(data: Buffer): string {
  const nul = data.indexOf(0);
  const end = nul < 0 ? data.length : nul;
  if (!allZero(data, end)) throw new ArchiveRefused("ambiguous", "Something follows a long name");
  return readName(data, 0, end);
}

/** A global header may carry a comment (git writes one), but nothing that would rename or resize members. */
function refuseGlobals(data: Buffer): void {
  if (Object.keys(readPax(data)).length > 0) {
    throw new ArchiveRefused("ambiguous", "A global extended header renames or resizes members");
  }
}

function memberOf(header: TarHeader, data: Buffer, { pax, name, linkName }: Extensions): Member {
  const clash =
    (pax?.path !== undefined && name !== undefined) ||
    (pax?.linkpath !== undefined && linkName !== undefined) ||
    // Readers that miss the record would take the member's data for headers (CVE-2025-62518).
    (pax?.size !== undefined && pax.size !== header.size);
  if (clash) throw new ArchiveRefused("ambiguous", "A member's headers contradict one another", header.name);
  return {
    ...header,
    headerName: header.name,
    name: pax?.path ?? name ?? header.name,
    linkName: pax?.linkpath ?? linkName ?? header.linkName,
    data,
  };
}

function addMember(listing: Listing, member: Member): void {
  const { type, name, data, mode } = member;
  const path = plainTarPath(name);
  if (type !== "1" && type !== "2") refuseLinkName(member);
  else if (member.linkName === "") throw new ArchiveRefused("ambiguous", "A link has no target", name);
  if (type !== "0" && type !== "\0" && data.length > 0) {
    throw new ArchiveRefused("ambiguous", "A member that is no file has a size", name);
  }
  if (type === "5" || isOldFolder(member)) {
    if (path !== "") listing.directory(path);
  } else if (type === "0" || type === "\0") {
    listing.file(path, { bytes: data }, mode);
  } else if (type === "1" || type === "2") {
    const kind = type === "1" ? "hard" : "symbolic";
    listing.link({ path, target: member.linkName, kind }, mode);
  } else {
    throw new ArchiveRefused("unsupported", "The tar has a device, a sparse file or another special member", name);
  }
}

/**
 * npm's reader passes over the header of a member that is no link and has a link's target, or the other way round: the member's data
 * are headers to it then, and an extended header before it describes the next member.
 */
function refuseLinkName({ name, linkName }: TarHeader): void {
  if (linkName !== "") throw new ArchiveRefused("ambiguous", "A member that is no link has a link's target", name);
}

/**
 * Before there was a type for folders, they were files whose names end with a slash. Python looks at the header's own name of
 * old files only, others at the final name of all files, so both must say the same.
 */
function isOldFolder({ type, name, headerName, data }: Member): boolean {
  if (type !== "0" && type !== "\0") return false;
  const old = type === "\0" && headerName.endsWith("/");
  if (old && data.length === 0 && name.endsWith("/")) return true;
  if (old || name.endsWith("/")) throw new ArchiveRefused("ambiguous", "A file's name ends with a slash", name);
  return false;
}
