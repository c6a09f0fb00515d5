import { type Deed, type Flow, scopeOf } from "../behaviour/trace.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";

/** Characters of a file so small that all of it serves one purpose. */
const SMALL = 6_000;

/**
 * How surely data gets from the source to the sink, 0 to 1: names are followed through a whole file whoever calls whom, so that in
 * a large program what one function fetches seems to reach what another one starts. In one function, and close together, it
 * surely does.
 */
export function certainty(file: SourceFile, { source, sink }: Flow): number {
  const [from, to] = [scopeOf(file, source), scopeOf(file, sink)];
  if (from === to || (from !== "" && to.startsWith(`${from}.`)) || (to !== "" && from.startsWith(`${to}.`))) {
    // Nothing flows back in time, unless in a loop.
    return source.offset > sink.offset && source.statement !== sink.statement ? 0.6 : 1;
  }
  const distance = Math.abs(source.statement - sink.statement);
  if (file.text.length < SMALL) return sink.act === "start" || sink.act === "run-code" ? 0.85 : 1;
  return distance <= 30 ? 0.7 : 0.33;
}

/** The program is told to say its version a few lines before it is started. */
const TOLD_VERSION = /\.push\(\s{0,3}["'`]--version["'`]/;
const JUST_BEFORE = 400;
/** Shorter versions stand in many texts by chance. */
const SHORTEST_VERSION = 5;
const READS_MANIFEST = /\bpackage\.json["'`]/;

/** Whether an installer that fetches the program of its own version starts it to be told which one it is, as far as that can be seen. */
export function asksOwnVersion({ text, kind }: SourceFile, { offset }: Deed, { manifest }: ReleaseTree): boolean {
  if (manifest === undefined || kind === "python") return false;
  if (!TOLD_VERSION.test(text.slice(Math.max(0, offset - JUST_BEFORE), offset))) return false;
  const { version } = manifest;
  return READS_MANIFEST.test(text) || (version.length >= SHORTEST_VERSION && text.includes(version));
}

/** An argument of the command line, or what is read from the input. */
const GIVEN = /^\s{0,10}\(?\s{0,10}(?:sys\.)?(?:argv\[\d\]|stdin(?:\.buffer)?\.(?:read|readline)\([\w \t]{0,40}\))/;
/** What the program was given is changed; a name for it is not. */
const CHANGES_GIVEN =
  /\bargv\b(?:\[[^\]\n]{0,20}\])?[ \t]{0,4}(?:\+?=(?!=)|\.(?:append|extend|insert|__setitem__)\b)|\bstdin[ \t]{0,4}=(?![ \t]{0,4}(?:stdin|sys\.stdin(?:\.buffer)?)[ \t]{0,4}(?:#[^\n]*)?\n)|setattr[^\n]{0,60}(?:argv|stdin)/;

/** Whether what is decoded came with the command line or the input: whoever started the program has it, the release does not. */
export function isGiven(file: SourceFile, { what, words, offset }: Deed): boolean {
  if (file.kind !== "python" || CHANGES_GIVEN.test(file.text)) return false;
  if (!what.endsWith("decompressobj")) return GIVEN.test(words);
  const line = file.text.slice(file.text.lastIndexOf("\n", offset) + 1, offset);
  const name = /^\s{0,200}([A-Za-z_]\w{0,60})\s{0,10}=\s{0,10}$/.exec(line)?.[1];
  if (name === undefined) return false;
  const fed = [...file.text.matchAll(new RegExp(`\\b${name}\\.decompress(\\([^\\n]{0,200})`, "g"))];
  return fed.length > 0 && fed.every((one) => GIVEN.test(one[1]!));
}
