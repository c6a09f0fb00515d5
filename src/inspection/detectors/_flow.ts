import { type Flow, scopeOf } from "../behaviour/trace.ts";
import type { SourceFile } from "../model.ts";

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
