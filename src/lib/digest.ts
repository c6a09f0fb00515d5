import { createHash, hash } from "node:crypto";

export type DigestAlgorithm = "sha256" | "sha512" | "sha1" | "md5";

/** The four digests, hex, that the ecosystems' index documents declare. */
export type Digests = Readonly<Record<DigestAlgorithm, string>>;

/** Digest of bytes (or of the UTF-8 bytes of a text) as lower-case hex. */
export function digestHex(algorithm: DigestAlgorithm, bytes: Uint8Array | string): string {
  return hash(algorithm, bytes, "hex");
}

/** sha256 of bytes (or of the UTF-8 bytes of a text) as lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "hex");
}

/** Whether a text is a lower-case hex sha256. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** All four digests of a stream, computed chunk by chunk; `finish` may be called once. */
export function startDigests(): { update(chunk: Uint8Array): void; finish(): Digests } {
  const hashes = ALGORITHMS.map((algorithm) => createHash(algorithm));
  return {
    update(chunk) {
      for (const hash of hashes) hash.update(chunk);
    },
    finish() {
      const [sha256, sha512, sha1, md5] = hashes.map((hash) => hash.digest("hex"));
      return { sha256: sha256!, sha512: sha512!, sha1: sha1!, md5: md5! };
    },
  };
}

const ALGORITHMS: readonly DigestAlgorithm[] = ["sha256", "sha512", "sha1", "md5"];
