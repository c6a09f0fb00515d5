import { PHASE_ORDER } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { indicatorsOf, MOST_INDICATORS } from "./indicators.ts";
import { type Comments, shapeOf } from "./shape.ts";
import { type Sketch, sketchOf } from "./sketch.ts";

/** What a release is recognised by when it comes again under another name, renamed and reformatted. */
export interface Fingerprint {
  /** Code that runs by itself, what was decoded from it included; at most `MOST_FILES`. */
  readonly files: readonly FilePrint[];
  /** `kind:value`, at most `MOST_INDICATORS`. */
  readonly indicators: readonly string[];
}

/** The sketch of one file. */
export interface FilePrint extends Sketch {
  readonly path: string;
}

/** Files that are sketched, those that run first before the others. */
const MOST_FILES = 12;
/** Shingles of all files together. */
const MOST_SHINGLES = 128;
const SHINGLES_OF_FILE = 48;
/** Bytes of all files together that are looked at; large files count with their beginning and their end. */
const MOST_BYTES = 24 << 10;
const BYTES_OF_FILE = 12 << 10;
/** A release with so many code files is looked at wholly. */
const FEW_FILES = 8;
/** Code with fewer tokens has no shape of its own. */
const LEAST_TOKENS = 30;

const COMMENTS: Readonly<Partial<Record<SourceFile["kind"], Comments>>> = {
  python: "hash",
  pth: "hash",
  powershell: "hash",
  shell: "hash",
  javascript: "slash",
  typescript: "slash",
  msbuild: "slash",
};

/** The fingerprint of an unpacked artifact; `urls` are the addresses found in it. Bounded in time and size, whatever the artifact. */
export function fingerprintOf(tree: ReleaseTree, urls: readonly string[]): Fingerprint {
  const files: FilePrint[] = [];
  let bytes = MOST_BYTES;
  let shingles = MOST_SHINGLES;
  for (const file of inOrder(tree.files)) {
    if (files.length >= MOST_FILES || bytes <= 0 || shingles <= 0) break;
    const part = partOf(file.bytes, Math.min(bytes, BYTES_OF_FILE));
    bytes -= part.length;
    const shape = shapeOf(part, COMMENTS[file.kind]!);
    if (shape.length < LEAST_TOKENS) continue;
    const sketch = sketchOf(shape, Math.min(shingles, SHINGLES_OF_FILE));
    if (files.some(({ digest }) => digest === sketch.digest)) continue;
    shingles -= sketch.shingles.length;
    files.push({ path: file.path.slice(0, LONGEST_PATH), ...sketch });
  }
  return { files, indicators: indicatorsOf(tree, urls) };
}

const LONGEST_PATH = 300;

/**
 * Code that runs by itself: decoded layers first, because what is hidden matters most, then what runs at install, at start, at import.
 * Of a release with few files also what runs when it is called. A program that is written plainly is not printed twice.
 */
function inOrder(files: readonly SourceFile[]): readonly SourceFile[] {
  const code = files.filter(
    ({ kind, phase, origin }) => COMMENTS[kind] !== undefined && phase !== "none" && origin?.isPlain !== true,
  );
  const last = code.length <= FEW_FILES ? PHASE_ORDER.call : PHASE_ORDER.import;
  return code
    .filter(({ phase }) => PHASE_ORDER[phase] <= last)
    .sort((a, b) => rankOf(a) - rankOf(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function rankOf({ phase, layer }: SourceFile): number {
  return PHASE_ORDER[phase] * 2 + (layer === undefined ? 1 : 0);
}

/** The whole when it is small, else beginning and end: what is added to a large file stands there. */
function partOf(bytes: Buffer, most: number): Uint8Array {
  if (bytes.length <= most) return bytes;
  const end = Math.floor(most / 4);
  return Buffer.concat([bytes.subarray(0, most - end), bytes.subarray(bytes.length - end)]);
}

/** A fingerprint that another process tells, every member checked; throws a TypeError that names the first that is wrong. */
export function readFingerprint(value: unknown): Fingerprint {
  const { files, indicators } = record(value);
  return {
    files: list(files, MOST_FILES, "files").map((one) => {
      const { path, digest, tokens, shingles } = record(one);
      return {
        path: text(path, LONGEST_PATH, "path"),
        digest: hash(digest),
        tokens: hash(tokens),
        shingles: list(shingles, SHINGLES_OF_FILE, "shingles").map(hash),
      };
    }),
    indicators: list(indicators, MOST_INDICATORS, "indicators").map((one) => text(one, 600, "indicator")),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new TypeError("fingerprint: no object");
  return value as Record<string, unknown>;
}

function list(value: unknown, most: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most)
    throw new TypeError(`fingerprint.${what}: no list of at most ${most}`);
  return value;
}

function text(value: unknown, most: number, what: string): string {
  if (typeof value !== "string" || value.length > most) throw new TypeError(`fingerprint.${what}: no text`);
  return value;
}

function hash(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) >= 2 ** 52)
    throw new TypeError("fingerprint: no hash");
  return value as number;
}
