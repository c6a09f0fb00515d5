/** A text with fewer characters may be held for the sake of a part of it. */
const LARGE = 1 << 18;
/** Shorter parts are copied by V8 itself. */
const COPIED = 13;

/**
 * `part` of `text`, such that keeping it does not keep `text`: V8 makes no copy when it cuts, and findings, folded values and deeds
 * outlive the text of a bundle of several megabytes.
 */
export function detached(part: string, text: string): string {
  return text.length < LARGE || part.length < COPIED || part.length === text.length ? part : ` ${part}`.slice(1);
}
