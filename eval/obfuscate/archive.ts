import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { kindOf } from "../../src/inspection/kinds.ts";
import { archiveBounds } from "../../src/inspection/unpack.ts";
import { type Archive, type ArchiveEntry, ArchiveRefused } from "../../src/lib/archives/archive.ts";
import { openBudget } from "../../src/lib/archives/budget.ts";
import { readArchive } from "../../src/lib/archives/read.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { tarOf, zipOf } from "../../test/support/archives.ts";
import type { Obfuscation, Source } from "./obfuscation.ts";
import { openRandom } from "./random.ts";
import { type Token, tokensOf } from "./source.ts";

/** Programs longer than this stay as they are. */
const LONGEST = 4 << 20;
const NOBODY: ReadonlySet<string> = new Set();

/**
 * The archive with its programs rewritten, built in memory; the same for the same `seed`. The archive itself when it cannot be
 * read or is none of files. RECORD of a wheel says what the files became.
 */
export function obfuscated(bytes: Buffer, obfuscation: Obfuscation, seed: string): Buffer {
  const archive = read(bytes);
  if (archive === undefined || archive.format === "gz") return bytes;
  const links = new Set(archive.links.map(({ path }) => path));
  const files = archive.entries.filter(({ path }) => !links.has(path));
  const programs = files.map((entry) => programOf(entry));
  const asked = programs.map((program) => (program === undefined ? NOBODY : foreignNames(program.tokens)));
  const askers = new Map<string, number>();
  for (const names of asked) for (const name of names) askers.set(name, (askers.get(name) ?? 0) + 1);
  const entries = files.map((entry, at) => {
    const program = programs[at];
    const foreign = { has: (name: string) => (askers.get(name) ?? 0) > (asked[at]!.has(name) ? 1 : 0) };
    const text = program && rewritten(program, foreign, obfuscation, `${seed} ${entry.path}`);
    return text === undefined ? entry : { ...entry, bytes: Buffer.from(text) };
  });
  return pack(archive, [...entries, ...around(entries, obfuscation, seed)]);
}

interface Program {
  readonly kind: "python" | "javascript";
  readonly text: string;
  readonly tokens: readonly Token[];
}

function read(bytes: Buffer): Archive | undefined {
  try {
    return readArchive(bytes, openBudget(archiveBounds(DEFAULT_LIMITS), bytes.length));
  } catch (error) {
    if (error instanceof ArchiveRefused) return undefined;
    throw error;
  }
}

/** The program that a file holds, when it is one in UTF-8 that the lexer can read. */
function programOf({ path, bytes }: ArchiveEntry): Program | undefined {
  const kind = kindOf(path, bytes);
  if ((kind !== "python" && kind !== "javascript") || bytes.length > LONGEST) return undefined;
  const text = bytes.toString("utf8").replaceAll("\r\n", "\n");
  const tokens = text.includes("\ufffd") ? undefined : tokensOf(kind, text);
  return tokens === undefined || tokens.length === 0 ? undefined : { kind, text, tokens };
}

function rewritten(
  { kind, ...program }: Program,
  foreign: Source["foreign"],
  obfuscation: Obfuscation,
  seed: string,
): string | undefined {
  return obfuscation[kind]?.({ ...program, foreign }, openRandom(`${obfuscation.name} ${seed}`));
}

/** What a program may ask of others: attributes, what it imports from modules, arguments by name. */
function foreignNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  let isImport = false;
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (before === undefined || before.kind === "newline" || before.kind === "indent" || before.kind === "dedent")
      isImport = token.text === "from";
    if (token.kind === "name" && (isImport || before?.text === "." || tokens[at + 1]?.text === "="))
      names.add(token.text);
    if (token.kind === "string" && /^[\w.:]{1,80}$/.test(token.value))
      for (const word of token.value.split(/[.:]/)) names.add(word);
  }
  return names;
}

/** The files that the obfuscation adds, below the folder that all files share; none that is there already. */
function around(entries: readonly ArchiveEntry[], obfuscation: Obfuscation, seed: string): ArchiveEntry[] {
  const tops = new Set(entries.map(({ path }) => path.slice(0, path.indexOf("/") + 1)));
  const folder = tops.size === 1 ? [...tops][0]! : "";
  const taken = new Set(entries.map(({ path }) => path.toLowerCase()));
  const added = obfuscation.around?.(openRandom(`${obfuscation.name} around ${seed}`)) ?? [];
  return added
    .map(([path, text]) => ({ path: folder + path, bytes: Buffer.from(text), mode: 0o644 }))
    .filter(({ path }) => !taken.has(path.toLowerCase()));
}

function pack({ format, links }: Archive, entries: readonly ArchiveEntry[]): Buffer {
  if (format === "zip") return zipOf(withRecord(entries).map(({ path, bytes }) => ({ path, bytes })));
  const tar = tarOf([
    ...entries.map(({ path, bytes, mode }) => ({ path, bytes, mode: mode === 0 ? 0o644 : mode })),
    ...links.map(({ path, target, kind }) => ({ path, linkName: target, type: kind === "hard" ? "1" : "2" })),
  ]);
  return format === "tar" ? tar : gzipSync(tar, { level: 1 });
}

/** https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file */
function withRecord(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const record = entries.find(({ path }) => /^[^/]+\.dist-info\/RECORD$/.test(path));
  if (record === undefined) return entries;
  const lines = entries.map(({ path, bytes }) => {
    const digest = createHash("sha256").update(bytes).digest("base64url");
    return path === record.path ? `${path},,` : `${path},sha256=${digest},${bytes.length}`;
  });
  return entries.map((entry) => (entry === record ? { ...entry, bytes: Buffer.from(`${lines.join("\n")}\n`) } : entry));
}
