/** Where bytes are kept, addressed by their sha256: immutable, so "already there" is free. Contract: blobs/contract.test.ts. */
export interface Blobs {
  /** Stores bytes; returns their sha256 (hex). Durable when it resolves. Throws DISK_FULL. */
  put(bytes: Buffer): Promise<string>;
  /** A place to write a stream to while its digest is computed; `commit` moves it under its digest, `abort` leaves nothing. */
  receive(): Promise<BlobReceiver>;
  /** The bytes, checked against the digest; undefined when absent or corrupt (a corrupt one is moved aside, never served). */
  read(sha256: string): Promise<Buffer | undefined>;
  /**
   * Where to serve the bytes from; undefined when absent, of another size than recorded, or written since they were complete and no
   * longer right or no longer readable (then moved aside). Cheap: existence, size and time of writing are looked at (and remembered), the digest is not computed
   * again unless they differ. Whoever opens the location may find it gone or written since, and says so by `recheck`.
   */
  locate(sha256: string, size: number): Promise<BlobLocation | undefined>;
  /** Forgets what was remembered of a blob that was found changed or could not be read: `locate` reads it once more. */
  recheck(sha256: string): void;
  delete(sha256: string): Promise<void>;
}

export interface BlobReceiver {
  write(chunk: Uint8Array): Promise<void>;
  /** Digests of everything written, hex, and the blob under its sha256. */
  commit(): Promise<{
    readonly sha256: string;
    readonly sha512: string;
    readonly sha1: string;
    readonly md5: string;
    readonly size: number;
  }>;
  abort(): Promise<void>;
}

/** A stored file that may be opened. */
export interface BlobLocation {
  readonly kind: "file";
  readonly path: string;
  readonly size: number;
  /** When it was last written as far as the store knows, epoch milliseconds: whoever opens a file that was written since asks `recheck`. */
  readonly writtenAt: number;
}
