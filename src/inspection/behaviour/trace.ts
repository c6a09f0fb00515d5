import { calls, references } from "../languages/calls.ts";
import type { Phase, SourceFile } from "../model.ts";
import { type Act, actsOf } from "./acts.ts";
import { type Command, readCommand } from "./commands.ts";
import { mayDo, SECRET_FILES } from "./marks.ts";
import { type SeenCall, seenCalls } from "./seen-calls.ts";
import { readStatements, type Statement } from "./statements.ts";

/** One thing that a file does, and when. */
export interface Deed {
  readonly act: Act;
  /** The call as resolved: `subprocess.Popen`; for commands and strings, the text. */
  readonly what: string;
  readonly offset: number;
  /** When the statement runs: a function that nothing calls when the file is loaded runs on call. */
  readonly phase: Phase;
  /** Constant text of the arguments, folded; empty when nothing is constant. */
  readonly text: string;
  /** The arguments as written, cut to what a person would read. */
  readonly words: string;
  readonly command?: Command;
  readonly statement: number;
  /** The call is a statement of its own: nobody looks at what it gives back. */
  readonly ignored?: boolean;
}

/** Data that gets from a source to a sink inside one file. */
export interface Flow {
  readonly source: Deed;
  readonly sink: Deed;
}

/** What a file does, in order, and what flows where. */
export interface Trace {
  readonly deeds: readonly Deed[];
  readonly flows: readonly Flow[];
}

const NOTHING: Trace = { deeds: [], flows: [] };
const TRACED = new Set(["python", "pth", "javascript", "typescript"]);
const traces = new WeakMap<SourceFile, Trace>();

/** The trace of a Python or JavaScript file or decoded layer, made once; empty for other kinds and for files too large to lex. */
export function trace(file: SourceFile): Trace {
  if (!TRACED.has(file.kind)) return NOTHING;
  let known = traces.get(file);
  if (known === undefined) {
    known = readTrace(file);
    traces.set(file, known);
  }
  return known;
}

/** The flows from any of `sources` to any of `sinks`. */
export function flowsBetween(file: SourceFile, sources: readonly Act[], sinks: readonly Act[]): readonly Flow[] {
  if (!mayDo(file, sources) || !mayDo(file, sinks)) return [];
  return trace(file).flows.filter((flow) => sources.includes(flow.source.act) && sinks.includes(flow.sink.act));
}

/** The deeds of these kinds. */
export function deedsOf(file: SourceFile, ...acts: readonly Act[]): readonly Deed[] {
  return mayDo(file, acts) ? trace(file).deeds.filter((deed) => acts.includes(deed.act)) : [];
}

/** Names of calls and modules by which code that runs at load may reach a process or a server. */
const STARTERS =
  /^(?:system|popen|Popen|startfile|exec[lv]\w{0,3}|spawn\w{0,4}|run|call|check_call|check_output|getoutput|getstatusoutput|ShellExecute\w?|WinExec|create_subprocess_\w{4,5}|subprocess|pip|pty)$/;
const NETWORKS =
  /^(?:urlopen|urlretrieve|get|post|put|request|requests|urllib|urllib2|urllib3|httpx|aiohttp|socket|http|gethostbyname\w{0,3}|getaddrinfo|smtplib|wget|session|Client|download|telebot|webhook\w{0,20}|dns)$/i;
const HIDDEN = /^(?:exec|eval|__import__|getattr|importlib|import_module|globals)$/;

/** Whether something that runs at load of a Python file uses a name by which it could act: one look before the file is traced. */
export function mayActAtLoad(file: SourceFile, what: "start" | "network"): boolean {
  if (file.kind !== "python") return true;
  const statements = statementsOf(file);
  const reached = reachedAtLoad(statements);
  const names = what === "start" ? STARTERS : NETWORKS;
  const renamed = importedNames(file, statements, names);
  return statements.some(
    ({ calls, scope, uses }) =>
      calls &&
      reached.has(runningScope(scope)) &&
      uses.some((name) => names.test(name) || HIDDEN.test(name) || renamed.has(name)),
  );
}

/** Names that import statements give to what matches: `from os import system as s`. */
function importedNames({ tokens }: SourceFile, statements: readonly Statement[], names: RegExp): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { first, end } of statements) {
    const head = tokens.text(first);
    if (head !== "import" && head !== "from") continue;
    let matches = false;
    for (let at = first; at < end; at++) matches ||= tokens.kind(at) === "name" && names.test(tokens.text(at));
    if (matches) for (let at = first; at < end; at++) if (tokens.kind(at) === "name") found.add(tokens.text(at));
  }
  found.delete("import");
  found.delete("from");
  return found;
}

const statementsByFile = new WeakMap<SourceFile, readonly Statement[]>();

function statementsOf(file: SourceFile): readonly Statement[] {
  let known = statementsByFile.get(file);
  if (known === undefined) {
    known = readStatements(file);
    statementsByFile.set(file, known);
  }
  return known;
}

function readTrace(file: SourceFile): Trace {
  const statements = statementsOf(file);
  if (statements.length === 0) return NOTHING;
  const deeds = readDeeds(file, statements);
  return { deeds, flows: readFlows(file, statements, deeds) };
}

// ---- deeds

/** Deeds kept of one file. */
const MOST_DEEDS = 2_000;

function readDeeds(file: SourceFile, statements: readonly Statement[]): Deed[] {
  const language = file.kind === "python" || file.kind === "pth" ? "python" : "javascript";
  const phaseOf = phases(file, statements);
  const deeds: Deed[] = [];
  let index = 0;
  for (const call of seenCalls(file)) {
    while (index + 1 < statements.length && (statements[index]?.end ?? 0) <= call.token) index++;
    const statement = statements[index];
    if (statement === undefined || deeds.length >= MOST_DEEDS) break;
    const placed = { statement: index, phase: phaseOf(statement), ignored: statement.first === call.token };
    for (const deed of deedsOfCall(language, call)) deeds.push({ ...deed, ...placed });
  }
  index = 0;
  const environments = mayDo(file, ["environment"]) ? [...environmentDeeds(file)] : [];
  for (const { token, ...deed } of environments.sort((one, other) => one.token - other.token)) {
    while (index + 1 < statements.length && (statements[index]?.end ?? 0) <= token) index++;
    const statement = statements[index];
    if (statement !== undefined) deeds.push({ ...deed, statement: index, phase: phaseOf(statement) });
  }
  for (const [at, statement] of statements.entries()) {
    for (const deed of deedsOfTokens(file, statement)) {
      if (deeds.length < MOST_DEEDS) deeds.push({ ...deed, statement: at, phase: phaseOf(statement) });
    }
  }
  return deeds.sort((a, b) => a.statement - b.statement || a.offset - b.offset);
}

type Bare = Omit<Deed, "statement" | "phase">;

function* deedsOfCall(language: "python" | "javascript", call: SeenCall): Iterable<Bare> {
  const acts = actsOf(language, call.name);
  if (acts.length === 0) return;
  const bare = { what: call.name, offset: call.offset, text: call.text, words: call.words };
  for (const act of acts) {
    if (act !== "start") {
      yield { ...bare, act: act === "http" && call.sendsBody ? "upload" : act };
      continue;
    }
    const command = readCommand(call.text);
    yield { ...bare, act, command };
    if (command.fetches) yield { ...bare, act: command.sends ? "upload" : "http" };
    else if (command.sends) yield { ...bare, act: "dns" };
    if (command.asksHost) yield { ...bare, act: "host-fact" };
    if (command.installs) yield { ...bare, act: "install-package" };
  }
}

const SECRET_FILE = new RegExp(
  SECRET_FILES.map((path) => path.replaceAll(".", "\\.").replaceAll("/", "[/\\\\]{1,2}")).join("|"),
  "i",
);

function* deedsOfTokens(file: SourceFile, statement: Statement): Iterable<Bare> {
  const { tokens } = file;
  for (let at = statement.first; at < statement.end; at++) {
    const kind = tokens.kind(at);
    if ((kind === "string" || kind === "template") && tokens.end(at) - tokens.start(at) < 400) {
      const match = SECRET_FILE.exec(tokens.text(at));
      if (match !== null)
        yield { act: "secret-file", what: match[0], offset: tokens.start(at), text: tokens.value(at), words: "" };
    }
  }
}

/** `os.environ` or `process.env` as a whole: not one variable of it, not asked for one name, not handed on to a child process. */
function* environmentDeeds(file: SourceFile): Iterable<Bare & { readonly token: number }> {
  const bare = { act: "environment" as const, what: "all environment variables", text: "", words: "" };
  if (isJavascript(file)) {
    for (const token of environmentTokens(file)) yield { ...bare, token, offset: file.tokens.start(token) };
    return;
  }
  for (const { name, token, offset } of references(file)) {
    if (ENVIRONMENTS.has(name) && !isForOneName(file, token)) yield { ...bare, token, offset };
  }
  for (const { name, token, offset } of calls(file)) {
    if (ENVIRONMENT_PARTS.test(name)) yield { ...bare, token, offset };
  }
}

const ENVIRONMENTS = new Set(["os.environ", "os.environb", "process.env", "Bun.env"]);
const ENVIRONMENT_PARTS =
  /^(?:os\.environb?\.(?:items|values|iteritems|__str__|__repr__|__dict__)|Deno\.env\.toObject|os\.environ\.copy\(\)\.items)$/;

/** `process.env`, `process["env"]` and `{ env } = process` in JavaScript, not followed by the name of one variable. */
function* environmentTokens(file: SourceFile): Iterable<number> {
  const { tokens } = file;
  for (let at = 0; at < tokens.length; at++) {
    if (tokens.kind(at) !== "name" || tokens.text(at) !== "process") continue;
    const member = tokens.text(at + 1) === "." || tokens.text(at + 1) === "?." ? at + 2 : at + 1;
    const wide = tokens.text(member) === "[" && tokens.value(member + 1) === "env" ? member + 3 : -1;
    const after = tokens.text(member) === "env" && member === at + 2 ? member + 1 : wide;
    if (after !== -1 && !/^(?:\.|\?\.|\[)$/.test(tokens.text(after)) && !isForOneName(file, at)) yield at;
    else if (tokens.text(at - 1) === "=" && tokens.text(at - 2) === "}" && tokens.text(at - 3) === "env") yield at;
  }
}

/** `"A" in os.environ` asks for one name, `env=os.environ` and `env: process.env` hand everything to a child process. */
function isForOneName({ tokens }: SourceFile, token: number): boolean {
  const before = tokens.text(token - 1);
  if (before === "=" || before === ":") return /^env$/i.test(tokens.text(token - 2));
  if (before !== "in") return false;
  for (let at = token - 2; at >= Math.max(0, token - 8); at--) if (tokens.text(at) === "for") return false;
  return true;
}

// ---- phases

/**
 * When each statement runs: at load what stands at the top level or is reached from there, otherwise on call. All of a setup
 * script counts as run, because setuptools calls into it. A module that nobody is known to import is taken to be imported.
 */
function phases(file: SourceFile, statements: readonly Statement[]): (statement: Statement) => Phase {
  if (/(?:^|\/)setup\.py$/.test(file.path) || file.phase === "none") return () => file.phase;
  if (file.phase === "call" && (file.kind !== "python" || APART.test(file.path))) return () => "call";
  const atLoad = file.phase === "call" ? "import" : file.phase;
  // In a bundle some function of every name is used at the top level, so that all would seem to run.
  const bundle = isJavascript(file) && (file.text.length > BUNDLE || isMinified(file));
  const reached: ReadonlySet<string> = bundle ? new Set([""]) : reachedAtLoad(statements);
  return ({ scope }) => (reached.has(runningScope(scope)) ? atLoad : "call");
}

/** Folders and scripts that no importing program loads. */
const APART =
  /(?:^|\/)(?:tests?|testing|docs?|examples?|samples?|demos?|benchmarks?|scripts?|tools?|bin|\.github|ci)\/|(?:^|\/)(?:__main__|conftest|noxfile|fabfile|manage|test_\w{1,80}|\w{1,80}_test)\.py$/i;

/** Scopes of functions whose name is used at the top level, or in a function that is reached. */
function reachedAtLoad(statements: readonly Statement[]): ReadonlySet<string> {
  const scopesByName = new Map<string, string[]>();
  for (const { declares, scope } of statements) {
    if (declares === undefined) continue;
    const inner = scope === "" ? declares.name : `${scope}.${declares.name}`;
    const names =
      declares.name === "__init__" ? [declares.name, scope.slice(scope.lastIndexOf("#") + 1)] : [declares.name];
    for (const name of names) scopesByName.set(name, [...(scopesByName.get(name) ?? []), inner]);
  }
  const usesByScope = Map.groupBy(statements, ({ scope }) => runningScope(scope));
  const reached = new Set([""]);
  const queue = [""];
  for (let scope = queue.pop(); scope !== undefined; scope = queue.pop()) {
    for (const statement of usesByScope.get(scope) ?? []) {
      if (!statement.calls) continue;
      for (const used of statement.uses) {
        const name = used.startsWith("self.") ? used.slice("self.".length) : used;
        if (statement.declares?.name === name) continue;
        for (const inner of scopesByName.get(name) ?? []) {
          if (reached.has(inner) || reached.size > 2_000) continue;
          reached.add(inner);
          queue.push(inner);
        }
      }
    }
  }
  return reached;
}

/**
 * The scope without what runs together with the code around it: functions without a name (`@…`) and the bodies of classes (`#Name`).
 */
function runningScope(scope: string): string {
  return /[@#]/.test(scope) ? scope.replace(/(?:\.?[@#]\w{1,200})+$/, "") : scope;
}

// ---- flows

/** Bits of what a name may hold. */
const HOLDS: Readonly<Partial<Record<Act, number>>> = {
  http: 1,
  environment: 2,
  "host-fact": 4,
  "secret-file": 8,
  decode: 16,
  clipboard: 32,
  screen: 64,
  keys: 128,
  socket: 256,
};
/** The same thing once it is in a file: the name is the file's path or handle. */
const IN_FILE = 12;
const SOURCE_BITS = 0xfff;
const FILE_BITS = 0xfff000;
/** The name is an open socket, mail server or webhook. */
const CHANNEL = 1 << 28;
const SINKS = new Set<Act>(["upload", "http", "dns", "send", "start", "run-code", "publish"]);
/** Their result is an open connection, to which `send` hands data. */
const CHANNELS = new Set<Act>(["socket", "mail"]);
/** Making a session asks nothing yet. */
const OPENS_SESSION =
  /(?:Session|session|Client|PoolManager|HTTPS?Connection|Resolver|URLopener|Curl|Bot|SMTP|SMTP_SSL|FTP)$/;
const MOST_ROUNDS = 6;
const MOST_FLOWS = 200;

function readFlows(file: SourceFile, statements: readonly Statement[], deeds: readonly Deed[]): Flow[] {
  const byStatement = Map.groupBy(deeds, (deed) => deed.statement);
  if (!deeds.some((deed) => HOLDS[deed.act] !== undefined) || !deeds.some((deed) => SINKS.has(deed.act))) return [];
  const named = scoped(statements);
  const held = spread(file, named, byStatement);
  const sources = Map.groupBy(deeds, (deed) => HOLDS[deed.act] ?? 0);
  const flows: Flow[] = [];
  const minified = isMinified(file);
  // A bundle is many programs in one file: what one of them reads is not what another one sends.
  const reach = isJavascript(file) && file.text.length > BUNDLE ? REACH_IN_BUNDLE : Number.POSITIVE_INFINITY;
  for (const [at, own] of byStatement) {
    const statement = named[at];
    if (statement === undefined) continue;
    for (const sink of own) {
      if (!SINKS.has(sink.act) || flows.length >= MOST_FLOWS || OPENS_SESSION.test(sink.what)) continue;
      if (sink.act === "send" && !statement.uses.some((name) => ((held.names.get(name) ?? 0) & CHANNEL) !== 0))
        continue;
      const mask = maskInto(statement, own, sink, held);
      for (const [act, bit] of Object.entries(HOLDS)) {
        const inFile = bit << IN_FILE;
        if ((mask & (bit | inFile)) === 0) continue;
        // Names of a minified file are single letters that mean another thing in each function.
        const source =
          own.find((deed) => deed.act === act) ?? (minified ? undefined : nearest(sources.get(bit) ?? [], sink, reach));
        const comesFromNet = act === "http" || act === "socket";
        const runs = sink.act === "start" || sink.act === "run-code";
        if (source !== undefined && source !== sink && (!comesFromNet || runs)) {
          flows.push({ source, sink });
        }
      }
    }
  }
  return flows;
}

const BUNDLE = 100_000;
const REACH_IN_BUNDLE = 1_500;

function isJavascript(file: SourceFile): boolean {
  return file.kind === "javascript" || file.kind === "typescript";
}

/** The source that stands nearest to the sink, at most `reach` characters away. */
function nearest(sources: readonly Deed[], sink: Deed, reach: number): Deed | undefined {
  const distance = (deed: Deed) => Math.abs(deed.offset - sink.offset);
  let best: Deed | undefined;
  for (const deed of sources) if (deed !== sink && distance(deed) <= distance(best ?? deed)) best = deed;
  return best !== undefined && distance(best) <= reach ? best : undefined;
}

function isMinified(file: SourceFile): boolean {
  return file.kind !== "python" && file.text.length > 2_000 && file.text.length / file.lineAt(file.text.length) > 300;
}

/** What reaches `sink`: what its statement's names hold, and what the statement itself takes from other sources. */
function maskInto(statement: Statement, own: readonly Deed[], sink: Deed, held: Held): number {
  let mask = 0;
  for (const deed of own) if (deed.what !== sink.what || deed.offset !== sink.offset) mask |= HOLDS[deed.act] ?? 0;
  for (const name of statement.uses) mask |= held.names.get(name) ?? 0;
  if (sink.act === "start" || sink.act === "run-code") mask |= heldByText(held, sink.text);
  // What a host command prints is sent only when another sink takes it; the command itself is not a channel.
  if (sink.command !== undefined && !sink.command.fetches && !sink.command.sends) mask &= ~(HOLDS["host-fact"] ?? 0);
  return mask;
}

interface Held {
  readonly names: Map<string, number>;
  /** File names written as constants. */
  readonly files: Map<string, number>;
}

/** Names that an open file goes by, and the names and constants that make its path. */
interface Handle {
  readonly names: readonly string[];
  readonly path: readonly string[];
  readonly constants: readonly string[];
}

function heldByText(held: Held, text: string): number {
  let mask = 0;
  if (text !== "") for (const [name, bits] of held.files) if (text.includes(name)) mask |= bits;
  return mask;
}

/** What each name may hold once everything has run, in whatever order: assignments, calls, parameters and files spread it. */
function spread(
  file: SourceFile,
  statements: readonly Statement[],
  byStatement: ReadonlyMap<number, readonly Deed[]>,
): Held {
  const held: Held = { names: new Map(), files: new Map() };
  const parameters = new Map<string, readonly string[]>();
  for (const { declares, scope } of statements) {
    if (declares === undefined) continue;
    const inner = scope === "" ? declares.name : `${scope}.${declares.name}`;
    parameters.set(
      declares.name,
      declares.parameters.map((name) => `${inner}:${name}`),
    );
  }
  const handles = readHandles(file, statements, byStatement);
  for (let round = 0, changed = true; changed && round < MOST_ROUNDS; round++) {
    changed = false;
    for (const [at, statement] of statements.entries()) {
      if (statement.declares?.whole === true) continue;
      if (spreadOne(file, statement, byStatement.get(at) ?? [], held, parameters)) changed = true;
    }
    for (const handle of handles) if (spreadToPath(handle, held)) changed = true;
  }
  return held;
}

/**
 * Makes the names of each function its own: `function:name` for what it assigns or takes as parameter, the plain name for what
 * belongs to the file. Without this, every `data` and `path` of a large module would be one variable.
 */
function scoped(statements: readonly Statement[]): readonly Statement[] {
  const own = new Map<string, Set<string>>();
  const ownOf = (scope: string) => own.get(scope) ?? own.set(scope, new Set()).get(scope)!;
  for (const { scope, gives, declares } of statements) {
    if (scope !== "") for (const name of gives) if (!name.startsWith("self.")) ownOf(scope).add(name);
    if (declares === undefined) continue;
    const inner = ownOf(scope === "" ? declares.name : `${scope}.${declares.name}`);
    for (const name of declares.parameters) inner.add(name);
  }
  const key = (name: string, scope: string): string => {
    for (let at = scope; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
      if (own.get(at)?.has(name) === true) return `${at}:${name}`;
    }
    return name;
  };
  return statements.map((statement) => ({
    ...statement,
    uses: statement.uses.map((name) => key(name, statement.scope)),
    gives: statement.gives.map((name) => key(name, statement.scope)),
  }));
}

function readHandles(
  file: SourceFile,
  statements: readonly Statement[],
  byStatement: ReadonlyMap<number, readonly Deed[]>,
): Handle[] {
  const handles: Handle[] = [];
  for (const [at, own] of byStatement) {
    const statement = statements[at];
    const opened = own.filter((deed) => deed.act === "open");
    if (statement === undefined || opened.length === 0) continue;
    const folded = opened.flatMap((deed) => fileNames(deed.text.split(/\s/)));
    handles.push({
      names: statement.gives,
      path: statement.uses.filter((name) => name !== "open" && name !== "os"),
      constants: [...constantFiles(file, statement), ...folded],
    });
  }
  return handles;
}

/** What is written through a handle is in the file that its path names. */
function spreadToPath(handle: Handle, held: Held): boolean {
  let bits = 0;
  for (const name of handle.names) bits |= (held.names.get(name) ?? 0) & FILE_BITS;
  if (bits === 0) return false;
  let changed = false;
  for (const [map, keys] of [
    [held.names, handle.path],
    [held.files, handle.constants],
  ] as const) {
    for (const key of keys) {
      const before = map.get(key) ?? 0;
      if ((before | bits) === before) continue;
      map.set(key, before | bits);
      changed = true;
    }
  }
  return changed;
}

function spreadOne(
  file: SourceFile,
  statement: Statement,
  own: readonly Deed[],
  held: Held,
  parameters: ReadonlyMap<string, readonly string[]>,
): boolean {
  let mask = 0;
  for (const deed of own) mask |= HOLDS[deed.act] ?? 0;
  for (const name of statement.uses) mask |= held.names.get(name) ?? 0;
  if (own.some((deed) => CHANNELS.has(deed.act))) mask |= CHANNEL;
  if (mask === 0) return false;
  let changed = false;
  const give = (name: string, bits: number) => {
    const before = held.names.get(name) ?? 0;
    if ((before | bits) === before) return;
    held.names.set(name, before | bits);
    changed = true;
  };
  for (const name of statement.gives) give(name, mask);
  if (statement.returns && statement.scope !== "")
    give(statement.scope.slice(statement.scope.lastIndexOf(".") + 1), mask);
  for (const name of statement.uses) for (const parameter of parameters.get(name) ?? []) give(parameter, mask);
  if (own.some((deed) => deed.act === "write")) {
    const stored = ((mask & SOURCE_BITS) << IN_FILE) | (mask & FILE_BITS);
    if (stored !== 0) {
      for (const name of [...statement.uses, ...statement.gives]) if (!parameters.has(name)) give(name, stored);
      for (const name of constantFiles(file, statement)) {
        const before = held.files.get(name) ?? 0;
        if ((before | stored) !== before) {
          held.files.set(name, before | stored);
          changed = true;
        }
      }
    }
  }
  return changed;
}

/** File names among the statement's constants: with an extension or a folder, at least four characters. */
function constantFiles(file: SourceFile, statement: Statement): string[] {
  const { tokens } = file;
  const values: string[] = [];
  for (let at = statement.first; at < statement.end && values.length < 20; at++) {
    if (tokens.kind(at) === "string" && tokens.end(at) - tokens.start(at) < 300) values.push(tokens.value(at));
  }
  return fileNames(values);
}

/** Last segments of paths that are long enough to be told apart from other words. */
function fileNames(paths: readonly string[]): string[] {
  return paths
    .map((path) => path.split(/[/\\]/).at(-1) ?? "")
    .filter((name) => name.length >= 4 && name.length <= 200 && /^[\w.$-]+$/.test(name) && /\W|\d/.test(name));
}
