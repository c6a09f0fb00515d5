import { decodeText } from "./decode-text.ts";

/** A member with its place once installed; what manifests are read from. */
export interface Placed {
  readonly path: string;
  readonly place: string;
  readonly bytes: Buffer;
}

/** The member's text without byte order mark. */
export function manifestText(file: Placed): string {
  return decodeText(file.bytes);
}
