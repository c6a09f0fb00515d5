import { type Archive, ArchiveRefused } from "./archive.ts";
import { type ArchiveBudget, spendEntries } from "./budget.ts";
import { type Listing, openListing } from "./listing.ts";
import { plainTarPath, readName } from "./names.ts";
import { type PaxOverrides, readPax } from "./pax.ts";
import { startsTar } from "./sniff.ts";
import {
  endsWithin,
  gather,
  type Holding,
  type Passing,
  paddingOf,
  type Reading,
  readContent,
  skip,
} from "./tar-content.ts";
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
}

/** The members of a tar, and whether the two empty blocks that end it are there. */
export interface Tar extends Pick<Archive, "entries" | "links"> {
  readonly endMark: boolean;
}

/**
 * Reads a tar (ustar, pax, GNU long names) without copying its members. Throws ArchiveRefused for whatever tar readers
 * disagree on, and for devices, sparse files and links that leave the tree.
 */
export function readTar(bytes: Buffer, budget: ArchiveBudget): Tar {
  const tar = openTar(readMembers(budget, undefined));
  tar.take(bytes);
  return tar.close();
}

/** Takes a tar in parts. */
export interface TarReader {
  /** Never throws: what is wrong with the tar is told at its end. */
  take(part: Buffer): void;
  /** What the tar holds, now that all of it was taken. Throws ArchiveRefused as `readTar` does. */
  close(): Tar;
}

/** Reads a tar that comes in parts as `readTar` does, copying of its contents what is held: at most `budget.held` bytes. */
export function readTarParts(budget: ArchiveBudget, passing: Passing): TarReader {
  return openTar(readMembers(budget, { passing, left: budget.held }));
}

/** The refusal of what does not begin like a tar. */
export function noTar(): ArchiveRefused {
  return new ArchiveRefused("corrupt", "The gzip stream holds no tar");
}

function openTar(reading: Reading<Tar>): TarReader {
  let step: IteratorResult<number, Tar> | undefined;
  let problem: { readonly error: unknown } | undefined;
  const go = (part: Buffer) => {
    try {
      step = reading.next(part);
    } catch (error) {
      problem = { error };
    }
  };
  go(NOTHING);
  return {
    take(part) {
      for (let at = 0; at < part.length && problem === undefined && step?.done === false; ) {
        const given = part.subarray(at, at + step.value);
        at += given.length;
        go(given);
      }
    },
    close() {
      while (problem === undefined && step?.done === false) go(NOTHING);
      if (problem !== undefined || step?.done !== true) throw problem?.error;
      return step.value;
    },
  };
}

const NOTHING = Buffer.alloc(0);

/** The one reader of tars, whether they are held or come in parts. */
function* readMembers(budget: ArchiveBudget, holding: Holding | undefined): Reading<Tar> {
  const listing = openListing(budget, "allow-if-identical");
  let extensions: Extensions = {};
  for (let first = true; ; first = false) {
    const block = yield* gather(TAR_BLOCK);
    if (first && !startsTar(block)) throw noTar();
    if (block.length === 0 || (block[0] === 0 && allZero(block, 0))) {
      // Without an end mark: every tar reader takes the end of the file for one.
      const endMark = yield* readEnd(block.length, extensions);
      return { ...listing.close(), endMark };
    }
    if (block.length < TAR_BLOCK) throw new ArchiveRefused("truncated", "The tar ends within a header");
    const header = readTarHeader(block, 0);
    if (EXTENSIONS.has(header.type)) {
      const data = yield* readExtension(header);
      if (extend(extensions, header, data)) continue;
      spendEntries(budget, 1);
      refuseGlobals(data);
      continue;
    }
    spendEntries(budget, 1);
    const member = memberOf(header, extensions);
    extensions = {};
    const path = plainTarPath(member.name);
    if (!addUnread(listing, member, path)) {
      const { bytes, large } = yield* readContent(header, path, holding);
      listing.file(path, { bytes }, member.mode, large);
    }
  }
}

/** Pax headers of one member and of all that follow, and GNU's long names and link targets. */
const EXTENSIONS: ReadonlySet<string> = new Set(["x", "g", "L", "K"]);

function* readExtension(header: TarHeader): Reading<Buffer> {
  if (header.name === "")
    throw new ArchiveRefused("ambiguous", "An extended header has no name, so npm passes over it");
  if (header.size > LONGEST_EXTENSION) {
    throw new ArchiveRefused("too-large", "An extended header is larger than the limit");
  }
  const data = yield* gather(header.size);
  if (data.length < header.size) throw endsWithin(header);
  // Python takes the whole of the last block for the extension.
  yield* skip(paddingOf(header.size), header, (padding) => {
    if (!allZero(padding, 0))
      throw new ArchiveRefused("ambiguous", "Something follows an extended header", header.name);
  });
  return data;
}

/** As many bytes as come. */
const ANY = Number.MAX_SAFE_INTEGER;

/**
 * Whether the two empty blocks are there, of which `length` bytes were read. Some readers stop at the first empty block, some at the
 * second, some at the end of the file: all must find nothing more.
 */
function* readEnd(length: number, extensions: Extensions): Reading<boolean> {
  if (Object.keys(extensions).length > 0) {
    throw new ArchiveRefused("truncated", "The tar ends after an extended header");
  }
  let empty = length;
  for (let part = yield ANY; part.length > 0; part = yield ANY) {
    if (!allZero(part, 0)) throw new ArchiveRefused("ambiguous", "Something follows the end of the tar");
    empty += part.length;
  }
  return empty >= 2 * TAR_BLOCK;
}

/** Takes in what `header` says of the next member; a header of all that follow is not for it. */
function extend(extensions: Extensions, header: TarHeader, data: Buffer): boolean {
  const { type } = header;
  if (type === "g") return false;
  if (type !== "x") refuseLinkName(header);
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

function memberOf(header: TarHeader, { pax, name, linkName }: Extensions): Member {
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
  };
}

/** Adds a member that has no content; false when it is a file that may have one. */
function addUnread(listing: Listing, member: Member, path: string): boolean {
  const { type, name, size, mode } = member;
  if (type !== "1" && type !== "2") refuseLinkName(member);
  else if (member.linkName === "") throw new ArchiveRefused("ambiguous", "A link has no target", name);
  const isFile = type === "0" || type === "\0";
  if (!isFile && size > 0) throw new ArchiveRefused("ambiguous", "A member that is no file has a size", name);
  if (type === "5" || isOldFolder(member)) {
    if (path !== "") listing.directory(path);
    return true;
  }
  if (isFile) return false;
  if (type !== "1" && type !== "2") {
    throw new ArchiveRefused("unsupported", "The tar has a device, a sparse file or another special member", name);
  }
  listing.link({ path, target: member.linkName, kind: type === "1" ? "hard" : "symbolic" }, mode);
  return true;
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
function isOldFolder({ type, name, headerName, size }: Member): boolean {
  if (type !== "0" && type !== "\0") return false;
  const old = type === "\0" && headerName.endsWith("/");
  if (old && size === 0 && name.endsWith("/")) return true;
  if (old || name.endsWith("/")) throw new ArchiveRefused("ambiguous", "A file's name ends with a slash", name);
  return false;
}
