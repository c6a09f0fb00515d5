import type { StepsLeft } from "./script/layers-of.ts";

/** Bounds on decoding one file, all layers of it together. */
export interface DecodeBudget {
  /** Decodings of decodings. */
  readonly depth: number;
  /** Characters of all layers. */
  readonly characters: number;
  readonly layers: number;
  /** Characters of a layer that is looked into again; longer ones are only given. */
  readonly lexed: number;
  /** Encoded-looking runs of characters that are tried without a decoder beside them. */
  readonly blobs: number;
  /** Steps that are left for evaluating scripts; not shared with other files when absent. */
  readonly evaluation?: StepsLeft;
  /** The file is a program that was written plainly. */
  readonly isPlain?: boolean;
  /** Called when a text is left out because of `layers`, `characters` or `lexed`. */
  readonly reached?: () => void;
}

export const DECODE_BUDGET: DecodeBudget = { depth: 5, characters: 64 << 20, layers: 200, lexed: 8 << 20, blobs: 400 };
