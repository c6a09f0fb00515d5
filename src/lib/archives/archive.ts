/**
 * Archives as attackers send them: read in memory, strictly, never extracted. Whatever two tools would read differently is
 * refused; what is common in honest archives and understood alike by all tools is accepted, and each reader says why.
 */

/** `gz` is one compressed file that is not a tar; it has one entry, named `content`. */
export type ArchiveFormat = "zip" | "tar" | "tar.gz" | "gz";

/** One regular file of an archive; directories are dropped after their names were checked. */
export interface ArchiveEntry {
  /** As stored, `/`-separated, checked: relative, no `..`, no empty segment, no control character, valid UTF-8. */
  readonly path: string;
  /** The content, which may be made anew for each reading: not to be kept beside the entry. Of a large member its head. */
  readonly bytes: Buffer;
  /** Present when the content is not held. */
  readonly large?: LargeMember;
  /** Unix permission bits; 0 when the format has none. */
  readonly mode: number;
}

/** A member whose content was passed over once, from its first byte to its last, and checked, but is not held. */
export interface LargeMember {
  readonly size: number;
  /** Its first MiB. */
  readonly head: Buffer;
  /** Its last 22 bytes. */
  readonly tail: Buffer;
  /** Lower-case hex, of the whole. */
  readonly sha256: string;
}

/**
 * A link of a tar whose target stays inside the archive and inside the folder that all members share. A link to a regular file is an
 * entry too, with that file's bytes; other links are only listed.
 */
export interface ArchiveLink {
  readonly path: string;
  readonly target: string;
  readonly kind: "symbolic" | "hard";
}

/** An archive that was read wholly. */
export interface Archive {
  readonly format: ArchiveFormat;
  readonly entries: readonly ArchiveEntry[];
  readonly links: readonly ArchiveLink[];
  /** Bytes behind the compressed data that no reader takes for content; absent when there are none. */
  readonly ignored?: number;
}

/** Bounds over one archive and everything nested in it; readers subtract what they use from a budget made of them. */
export interface ArchiveBounds {
  readonly entries: number;
  readonly unpackedBytes: number;
  /** Bytes of one content that is held as a whole, such as the tar in a gzip stream; default: `unpackedBytes`. */
  readonly heldBytes?: number;
  /** Unpacked bytes per packed byte of the outermost archive, applied from `ratioFrom` unpacked bytes on. */
  readonly ratio: number;
  readonly ratioFrom: number;
  readonly pathLength: number;
}

/** Why an archive is refused; `ambiguous` = two tools would read it differently. */
export type ArchiveProblem =
  | "truncated"
  | "corrupt"
  | "ambiguous"
  | "unsafe-path"
  | "link"
  | "too-large"
  | "too-many"
  | "bomb"
  | "encrypted"
  | "unsupported";

/** Thrown by readers: the archive is not read at all rather than read in part. */
export class ArchiveRefused extends Error {
  readonly problem: ArchiveProblem;
  /** The member concerned, when it is one. */
  readonly path: string | undefined;

  constructor(problem: ArchiveProblem, says: string, path?: string) {
    super(says);
    this.name = "ArchiveRefused";
    this.problem = problem;
    this.path = path;
  }
}
