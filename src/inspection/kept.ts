import { keptUpTo } from "../lib/kept.ts";
import type { Tokens } from "./model.ts";

/** Tokens of the files of one release, and all that is made from them: with words and statements, some 40 bytes each. */
export const TOKENS = keptUpTo<Tokens>(1_000_000);
/** Texts of files, by their characters. */
export const TEXTS = keptUpTo<string>(16 << 20);

/** Lets go of all that is kept: an inspection that is over leaves nothing that the next one would have to carry. */
export function dropKept(): void {
  TOKENS.drop();
  TEXTS.drop();
}
