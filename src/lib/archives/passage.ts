import { createHash } from "node:crypto";
import type { LargeMember } from "./archive.ts";

/** What a zip's end record would take. */
const TAIL = 22;

/** What is gathered of a content while its parts pass. */
export interface Passage {
  take(part: Buffer): void;
  /** What is known of the content once all of it has passed. */
  close(): LargeMember;
}

/** Gathers what is kept of a content of which `head` bytes are held. */
export function openPassage(head: number): Passage {
  const hash = createHash("sha256");
  const first = Buffer.alloc(head);
  let tail: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    take(part) {
      if (size < head) part.copy(first, size);
      size += part.length;
      hash.update(part);
      tail = Buffer.concat([tail, part.subarray(-TAIL)]).subarray(-TAIL);
    },
    close: () => ({ size, head: first.subarray(0, size), tail, sha256: hash.digest("hex") }),
  };
}
