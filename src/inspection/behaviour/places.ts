import type { SourceFile } from "../model.ts";

/** Index of the last token that begins at or before `offset`; 0 when there is none. */
export function tokenAt({ tokens }: Pick<SourceFile, "tokens">, offset: number): number {
  let low = 0;
  let high = tokens.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (tokens.start(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
