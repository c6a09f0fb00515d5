import { decodeText } from "./decode-text.ts";

/** A member with its place once installed; what manifests are read from. */
export interface Placed {
  readonly path: string;
  readonly place: string;
  readonly bytes: Buffer;
}

/** A file of the release at its place; its content is taken from it when it is asked for. */
export function placedAt(file: { readonly path: string; readonly bytes: Buffer }, place: string): Placed {
  return {
    path: file.path,
    place,
    get bytes() {
      return file.bytes;
    },
  };
}

/** The member's text without byte order mark. */
export function manifestText(file: Placed): string {
  return decodeText(file.bytes);
}
