import { createHash } from "node:crypto";

/** What a release is recognised by; inspection makes it. */
export interface Print {
  readonly files: readonly FileShape[];
  /** `kind:value`. */
  readonly indicators: readonly string[];
}

/** The shape of one file: integers below 2^52. */
export interface FileShape {
  readonly path: string;
  readonly digest: number;
  readonly tokens: number;
  /** Ascending. */
  readonly shingles: readonly number[];
}

/** The number under which an indicator is counted: 52 bits of its digest. */
export function featureOf(indicator: string): number {
  return Number.parseInt(createHash("sha256").update(indicator).digest("hex").slice(0, 13), 16);
}
