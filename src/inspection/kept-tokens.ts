import type { Tokens } from "./model.ts";

/** Where a file has its tokens until room is needed for those of others. */
export interface KeptTokens {
  tokens: Tokens | undefined;
}

/** Tokens kept at a time, and all that was made from them: with words and statements, some 40 bytes each. */
const MOST_KEPT = 3_000_000;
const kept: { readonly holder: KeptTokens; readonly length: number }[] = [];
let total = 0;

/**
 * Keeps `tokens` in `holder`. Of releases with more code than memory should hold, the tokens that have been kept longest are let
 * go, never those just given: who asks for them again has the file lexed once more.
 */
export function keepTokens(holder: KeptTokens, tokens: Tokens): Tokens {
  holder.tokens = tokens;
  kept.push({ holder, length: tokens.length });
  total += tokens.length;
  while (total > MOST_KEPT && kept.length > 1) {
    const oldest = kept.shift()!;
    oldest.holder.tokens = undefined;
    total -= oldest.length;
  }
  return tokens;
}

/** Lets go of all tokens: an inspection that is over leaves nothing that the next one would have to carry. */
export function dropTokens(): void {
  for (const { holder } of kept) holder.tokens = undefined;
  kept.length = 0;
  total = 0;
}
