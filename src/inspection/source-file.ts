import { sha256Hex } from "../lib/digest.ts";
import { decodeText, lineTable } from "./decode-text.ts";
import { type KeptTokens, keepTokens } from "./kept-tokens.ts";
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

/** One member; text, tokens and literal search are made when they are first asked for, and kept; tokens while there is room. */
export function sourceFile(path: string, bytes: Buffer, kind: FileKind, reading: Reading, beyond?: Beyond): DraftFile {
  let text: string | undefined;
  const lexed: KeptTokens = { tokens: undefined };
  let hits = beyond?.hits;
  let sha256 = beyond?.sha256;
  const textOf = () => {
    text ??= decodeText(bytes);
    return text;
  };
  const hitsOf = () => {
    hits ??= reading.prefilter.scan(bytes);
    return hits;
  };
  const file: DraftFile = {
    path,
    place: path,
    bytes,
    size: beyond?.size ?? bytes.length,
    get sha256() {
      sha256 ??= sha256Hex(bytes);
      return sha256;
    },
    kind,
    phase: "none",
    get text() {
      return textOf();
    },
    get tokens() {
      if (lexed.tokens !== undefined) return lexed.tokens;
      return keepTokens(lexed, lexWithin(file, reading.lexedBytes));
    },
    get hits() {
      return hitsOf();
    },
    has: (literal) => hitsOf().has(literal),
    alsoSays(more) {
      hits = hitsOf().with([more]);
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
