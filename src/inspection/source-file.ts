import { sha256Hex } from "../lib/digest.ts";
import type { Keeping } from "../lib/kept.ts";
import { decodeText, lineTable } from "./decode-text.ts";
import { TEXTS, TOKENS } from "./kept.ts";
import { isLexed, lex } from "./languages/lex.ts";
import type { FileKind, Phase, SourceFile, Tokens } from "./model.ts";
import type { Hits, Prefilter } from "./prefilter.ts";
import { noteUnread } from "./unread.ts";

/** A member whose phase and place are set once the manifests are read. */
export type DraftFile = SourceFile & {
  phase: Phase;
  place: string;
  calledAs?: ReadonlySet<string>;
  apart?: boolean;
  isFar?: boolean;
  composed?: Hits;
  /** What texts that the file puts together hold counts as held by the file. */
  alsoSays(more: Hits): void;
};

/** What `sourceFile` needs beside the member itself. */
export interface Reading {
  readonly prefilter: Prefilter;
  /** Files with more bytes have no tokens; when they are asked for, `unread` says so. */
  readonly lexedBytes: number;
}

/** What is known of a member whose `bytes` are only its beginning. */
export interface Beyond {
  readonly size: number;
  readonly sha256: string;
  readonly hits: Hits;
}

/** One member; text and tokens are made when they are first asked for, and kept while there is room. */
export function sourceFile(
  path: string,
  content: { readonly bytes: Buffer },
  kind: FileKind,
  reading: Reading,
  beyond?: Beyond,
): DraftFile {
  const { length } = content.bytes;
  const text: Keeping<string> = { value: undefined };
  const lexed: Keeping<Tokens> = { value: undefined };
  // At once: contents of large archives are let go, and inflating them again for this would cost more than the search.
  let hits = beyond?.hits ?? reading.prefilter.scan(content.bytes);
  let sha256 = beyond?.sha256;
  const textOf = () => {
    if (text.value !== undefined) return text.value;
    const decoded = decodeText(content.bytes);
    return TEXTS.keep(text, decoded, decoded.length);
  };
  const file: DraftFile = {
    path,
    place: path,
    get bytes() {
      return content.bytes;
    },
    size: beyond?.size ?? length,
    get sha256() {
      sha256 ??= sha256Hex(content.bytes);
      return sha256;
    },
    kind,
    phase: "none",
    get text() {
      return textOf();
    },
    get tokens() {
      if (lexed.value !== undefined) return lexed.value;
      const tokens = lexWithin(file, reading.lexedBytes);
      return TOKENS.keep(lexed, tokens, tokens.length);
    },
    get hits() {
      return hits;
    },
    has: (literal) => hits.has(literal),
    alsoSays(more) {
      hits = hits.with([more]);
      file.composed = file.composed?.with([more]) ?? more;
    },
    lineAt: lineTable(textOf),
  };
  return file;
}

function lexWithin(file: DraftFile, mostBytes: number): Tokens {
  const { kind, bytes } = file;
  if (!isLexed(kind)) return lex("binary", "");
  if (bytes.length > mostBytes) {
    noteUnread(file, `${bytes.length} bytes are more than are read as code`);
    return lex("binary", "");
  }
  const tokens = lex(kind, file.text);
  if (tokens.isCut) noteUnread(file, `only its first ${tokens.length} tokens were read`);
  return tokens;
}
