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
