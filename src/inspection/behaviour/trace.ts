import { idAt, isName, known, type Words, wordsOf } from "../languages/interned.ts";
import type { SourceFile } from "../model.ts";
import type { Act } from "./acts.ts";
import { type Deed, readDeeds } from "./deeds.ts";
import { type Flow, readFlows } from "./flows.ts";
import { mayDo } from "./marks.ts";
import { runsAtLoad } from "./moments.ts";
import { mayName } from "./named-acts.ts";
import { type Statements, statementsOf } from "./statements.ts";

export type { Deed } from "./deeds.ts";
export type { Flow } from "./flows.ts";

/** What a file does, in order, and what flows where. */
export interface Trace {
  readonly deeds: readonly Deed[];
  /** Followed when first asked for. */
  readonly flows: readonly Flow[];
}

const NOTHING: Trace = { deeds: [], flows: [] };
const TRACED = new Set(["python", "pth", "javascript", "typescript"]);
const traces = new WeakMap<SourceFile, Trace>();

/** The trace of a Python or JavaScript file or decoded layer, made once; empty for other kinds and for files too large to lex. */
export function trace(file: SourceFile): Trace {
  if (!TRACED.has(file.kind)) return NOTHING;
  let found = traces.get(file);
  if (found === undefined) {
    const deeds = readDeeds(file);
    let flows: readonly Flow[] | undefined;
    found = {
      deeds,
      get flows() {
        flows ??= readFlows(file, deeds);
        return flows;
      },
    };
    traces.set(file, found);
  }
  return found;
}

/** The flows from any of `sources` to any of `sinks`. */
export function flowsBetween(file: SourceFile, sources: readonly Act[], sinks: readonly Act[]): readonly Flow[] {
  if (!mayDo(file, sources) || !mayDo(file, sinks) || !mayName(file, sources) || !mayName(file, sinks)) return [];
  const { deeds } = trace(file);
  if (!deeds.some(({ act }) => sources.includes(act)) || !deeds.some(({ act }) => sinks.includes(act))) return [];
  return trace(file).flows.filter(({ source, sink }) => sources.includes(source.act) && sinks.includes(sink.act));
}

/** Function that the deed stands in, outer ones and classes (`#Name`) before it, with dots; empty at the top level. */
export function scopeOf(file: SourceFile, { statement }: Deed): string {
  return statementsOf(file).all[statement]?.scope ?? "";
}

/** The deeds of these kinds. */
export function deedsOf(file: SourceFile, ...acts: readonly Act[]): readonly Deed[] {
  return mayDo(file, acts) && mayName(file, acts) ? trace(file).deeds.filter((deed) => acts.includes(deed.act)) : [];
}

/** Names of calls and modules by which code that runs at load may reach a process or a server. */
const STARTERS =
  /^(?:system|popen|Popen|startfile|exec[lv]\w{0,3}|spawn\w{0,4}|run|call|check_call|check_output|getoutput|getstatusoutput|ShellExecute\w?|WinExec|create_subprocess_\w{4,5}|subprocess|pip|pty)$/;
const NETWORKS =
  /^(?:urlopen|urlretrieve|get|post|put|request|requests|urllib|urllib2|urllib3|httpx|aiohttp|socket|http|gethostbyname\w{0,3}|getaddrinfo|smtplib|wget|session|Client|download|telebot|webhook\w{0,20}|dns)$/i;
const HIDDEN = /^(?:exec|eval|__import__|getattr|importlib|import_module|globals)$/;

const STARTING: readonly Act[] = ["start", "install-package"];
const NETWORKING: readonly Act[] = ["http", "upload", "dns", "socket", "mail"];

const actsAtLoad = { start: new WeakMap<SourceFile, boolean>(), network: new WeakMap<SourceFile, boolean>() };

/** Whether something that runs at load of a Python file uses a name by which it could act: one look before the file is traced. */
export function mayActAtLoad(file: SourceFile, what: "start" | "network"): boolean {
  if (file.kind !== "python") return true;
  let may = actsAtLoad[what].get(file);
  if (may === undefined) {
    may = looksLikeActing(file, what);
    actsAtLoad[what].set(file, may);
  }
  return may;
}

function looksLikeActing(file: SourceFile, what: "start" | "network"): boolean {
  if (!mayName(file, what === "start" ? STARTING : NETWORKING)) return false;
  const names = what === "start" ? STARTERS : NETWORKS;
  if (
    !wordsOf(file)
      .names()
      .some((name) => names.test(name) || HIDDEN.test(name))
  )
    return false;
  const renamed = importedNames(wordsOf(file), statementsOf(file), names);
  return runsAtLoad(file, (name) => names.test(name) || HIDDEN.test(name) || renamed.has(name));
}

const IMPORT = known("import");
const FROM = known("from");

/** Names that import statements give to what matches: `from os import system as s`. */
function importedNames({ ids, word }: Words, { all }: Statements, names: RegExp): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { first, end } of all) {
    const head = idAt(ids, first);
    if (head !== IMPORT && head !== FROM) continue;
    const imported = [...ids.subarray(first, end)].filter(isName).map(word);
    if (imported.some((name) => names.test(name))) for (const name of imported) found.add(name);
  }
  found.delete("import");
  found.delete("from");
  return found;
}
