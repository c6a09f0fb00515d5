import type { SourceFile } from "../model.ts";
import type { Act } from "./acts.ts";
import { isLargeScript, isMinified } from "./bundles.ts";
import type { Deed } from "./deeds.ts";
import { tokenAt } from "./places.ts";
import { type NamedStatement, parametersOf, scoped } from "./scoped.ts";
import { CHANNEL, givenByMethod, type Held, HOLDS, IN_FILE, spread } from "./spread.ts";
import { type Statements, statementsOf } from "./statements.ts";

/** Data that gets from a source to a sink inside one file. */
export interface Flow {
  readonly source: Deed;
  readonly sink: Deed;
}

const SINKS = new Set<Act>(["upload", "http", "dns", "send", "start", "run-code", "publish"]);
/** Making a session asks nothing yet. */
const OPENS_SESSION =
  /(?:Session|session|Client|PoolManager|HTTPS?Connection|Resolver|URLopener|Curl|Bot|SMTP|SMTP_SSL|FTP)$/;
const BITS = Object.entries(HOLDS) as readonly (readonly [Act, number])[];
/** Characters between a source and a sink in a bundle; code around the two that is followed, too. */
const REACH_IN_BUNDLE = 1_500;

/** Consecutive statements in which flows are followed: `end` is the index after the last. */
interface Window {
  first: number;
  end: number;
}

/** What flows where: of `deeds`, all of the file in order. In bundles only the code around what may belong together is followed. */
export function readFlows(file: SourceFile, deeds: readonly Deed[]): readonly Flow[] {
  const ends = readEnds(deeds);
  const mayFlow = ends.sinks.some((sink) => sourcesFor(ends, sink).length > 0);
  if (!mayFlow) return [];
  const statements = statementsOf(file);
  if (!isLargeScript(file)) return flowsIn(file, statements, { first: 0, end: statements.all.length }, deeds);
  return windowsOf(file, statements, ends).flatMap((window) => flowsIn(file, statements, window, deeds));
}

/** Where flows may begin and end, in the order of the text. */
interface Ends {
  readonly all: readonly Deed[];
  /** Sources other than servers: what comes from a server matters when it is run, everything else wherever it goes. */
  readonly local: readonly Deed[];
  readonly sinks: readonly Deed[];
}

function readEnds(deeds: readonly Deed[]): Ends {
  const all = deeds.filter(({ act }) => HOLDS[act] !== undefined);
  const local = all.filter(({ act }) => act !== "http" && act !== "socket");
  return { all, local, sinks: deeds.filter(isSink) };
}

function isSink({ act, what }: Deed): boolean {
  return SINKS.has(act) && !OPENS_SESSION.test(what);
}

function sourcesFor({ all, local }: Ends, { act }: Deed): readonly Deed[] {
  return act === "start" || act === "run-code" ? all : local;
}

/** The code around each sink that has a source in its statement or within reach; windows that overlap are one. */
function windowsOf(file: SourceFile, statements: Statements, ends: Ends): readonly Window[] {
  const windows: Window[] = [];
  for (const sink of ends.sinks) {
    const { first, end } = statements.all[sink.statement]!;
    const low = Math.min(sink.offset - REACH_IN_BUNDLE, file.tokens.start(first));
    const high = Math.max(sink.offset + REACH_IN_BUNDLE, file.tokens.end(end - 1));
    const nearest = sourcesFor(ends, sink)[firstFrom(sourcesFor(ends, sink), low)];
    if (nearest === undefined || nearest.offset > high) continue;
    const window = {
      first: statementAt(file, statements, low - REACH_IN_BUNDLE),
      end: statementAt(file, statements, high + REACH_IN_BUNDLE) + 1,
    };
    const before = windows.at(-1);
    if (before !== undefined && window.first <= before.end) before.end = Math.max(before.end, window.end);
    else windows.push(window);
  }
  return windows;
}

function statementAt(file: SourceFile, statements: Statements, offset: number): number {
  return statements.around(tokenAt(file, Math.max(0, offset)));
}

/** Index of the first deed at or behind `offset`. */
function firstFrom(deeds: readonly Deed[], offset: number): number {
  let low = 0;
  let high = deeds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (deeds[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function flowsIn(file: SourceFile, statements: Statements, window: Window, deeds: readonly Deed[]): Flow[] {
  const named = scoped(statements, window.first, window.end);
  const own: Deed[][] = named.map(() => []);
  const from = firstFrom(deeds, file.tokens.start(named[0]?.first ?? 0));
  for (let at = from; at < deeds.length && deeds[at]!.statement < window.end; at++)
    own[deeds[at]!.statement - window.first]?.push(deeds[at]!);
  const held = spread(file, named, own);
  const parameters = parametersOf(named);
  const sources = Map.groupBy(own.flat(), ({ act }) => HOLDS[act] ?? 0);
  const flows: Flow[] = [];
  // Names of a minified file are single letters that mean another thing in each function.
  const reach = isMinified(file) ? -1 : isLargeScript(file) ? REACH_IN_BUNDLE : Number.POSITIVE_INFINITY;
  for (const [at, statement] of named.entries()) {
    for (const sink of own[at]!) {
      if (!isSink(sink) || (sink.act === "send" && !holdsChannel(held, statement))) continue;
      const mask = maskInto(statement, own[at]!, sink, held, parameters);
      for (const [act, bit] of mask === 0 ? [] : BITS) {
        if ((mask & (bit | (bit << IN_FILE))) === 0) continue;
        const source = own[at]!.find((deed) => deed.act === act) ?? nearest(sources.get(bit) ?? [], sink, reach);
        const fromServer = act === "http" || act === "socket";
        const runs = sink.act === "start" || sink.act === "run-code";
        if (source !== undefined && source !== sink && (!fromServer || runs)) flows.push({ source, sink });
      }
    }
  }
  return flows;
}

function holdsChannel(held: Held, { uses }: NamedStatement): boolean {
  return uses.some((name) => ((held.names.get(name) ?? 0) & CHANNEL) !== 0);
}

/** The source that stands nearest to the sink, at most `reach` characters away. */
function nearest(sources: readonly Deed[], sink: Deed, reach: number): Deed | undefined {
  let after = firstFrom(sources, sink.offset);
  let before = after - 1;
  while (sources[after] === sink) after++;
  while (sources[before] === sink) before--;
  const distance = (deed: Deed | undefined) => (deed === undefined ? Infinity : Math.abs(deed.offset - sink.offset));
  const best = distance(sources[before]) < distance(sources[after]) ? sources[before] : sources[after];
  return distance(best) <= reach ? best : undefined;
}

/** What reaches `sink`: what its statement's names hold, and what the statement itself takes from other sources. */
function maskInto(
  statement: NamedStatement,
  own: readonly Deed[],
  sink: Deed,
  held: Held,
  parameters: ReturnType<typeof parametersOf>,
): number {
  let mask = 0;
  for (const deed of own) if (deed.what !== sink.what || deed.offset !== sink.offset) mask |= HOLDS[deed.act] ?? 0;
  for (const name of statement.uses) mask |= (held.names.get(name) ?? 0) | givenByMethod(name, held, parameters);
  if (sink.act === "start" || sink.act === "run-code") mask |= heldByText(held, sink.text);
  // What a host command prints is sent only when another sink takes it; the command itself is not a channel.
  if (sink.command !== undefined && !sink.command.fetches && !sink.command.sends) mask &= ~(HOLDS["host-fact"] ?? 0);
  return mask;
}

function heldByText(held: Held, text: string): number {
  let mask = 0;
  if (text !== "") for (const [name, bits] of held.files) if (text.includes(name)) mask |= bits;
  return mask;
}
