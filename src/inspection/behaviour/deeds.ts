import { calls, references } from "../languages/calls.ts";
import { detached } from "../languages/detached.ts";
import { idAt, known, knownSet, wordsOf } from "../languages/interned.ts";
import type { Phase, SourceFile } from "../model.ts";
import { noteUnread } from "../unread.ts";
import type { Act } from "./acts.ts";
import { isJavascript } from "./bundles.ts";
import { type Command, LONGEST_COMMAND, readCommand, squeezed } from "./commands.ts";
import { isForOneName, SWEPT, sweptVariables, wholeEnvironments } from "./environments.ts";
import { type JavascriptCall, javascriptCalls } from "./javascript-calls.ts";
import { mayDo, SECRETS } from "./marks.ts";
import { phaseAt } from "./moments.ts";
import { tokenAt } from "./places.ts";
import { seenCalls } from "./seen-calls.ts";
import { statementsOf } from "./statements.ts";

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
  /** What the command line asks for, of the start of a process. */
  readonly command: Command | undefined;
  /** Index of the statement in the file's. */
  readonly statement: number;
  /** The call is a statement of its own: nobody looks at what it gives back. */
  readonly ignored: boolean;
}

/** What is said in the parentheses of a call, or by a string. */
interface Said {
  readonly text: string;
  readonly words: string;
  /** More is said than was read. */
  readonly cut?: boolean;
}

/** The deeds of a Python or JavaScript file in the order of its text. */
export function readDeeds(file: SourceFile): readonly Deed[] {
  if (file.tokens.length === 0) return [];
  const deeds: Deed[] = [...(isJavascript(file) ? javascriptDeeds(file) : pythonDeeds(file))];
  if (mayDo(file, ["environment"])) deeds.push(...environmentDeeds(file));
  if (mayDo(file, ["secret-file"])) deeds.push(...secretFileDeeds(file));
  return deeds.sort((a, b) => a.offset - b.offset);
}

/** A deed whose statement, and the phase with it, is looked up when somebody asks: most are passed over. */
class ReadDeed implements Deed {
  readonly act: Act;
  readonly what: string;
  readonly offset: number;
  readonly command: Command | undefined;
  readonly #file: SourceFile;
  readonly #token: number;
  readonly #said: Said;
  #statement = -1;

  constructor(file: SourceFile, act: Act, what: string, token: number, said: Said, command?: Command) {
    this.act = act;
    this.what = what;
    this.offset = file.tokens.start(token);
    this.command = command;
    this.#file = file;
    this.#token = token;
    this.#said = said;
  }

  get text(): string {
    return this.#said.text;
  }

  get words(): string {
    return this.#said.words;
  }

  get statement(): number {
    if (this.#statement === -1) this.#statement = statementsOf(this.#file).around(this.#token);
    return this.#statement;
  }

  get phase(): Phase {
    return phaseAt(this.#file, this.statement);
  }

  get ignored(): boolean {
    return statementsOf(this.#file).all[this.statement]?.first === this.#token;
  }
}

const PROCESS_ENVIRONMENT = /\/proc\/[\w*…]{1,20}\/environ/;

function* pythonDeeds(file: SourceFile): Iterable<Deed> {
  for (const call of seenCalls(file)) {
    yield* deedsOfCall(file, call.acts, call.name, call.token, call, () => call.sendsBody);
    // Linux shows a process its environment as a file.
    if (call.acts.includes("open") && file.has("environ") && PROCESS_ENVIRONMENT.test(call.text))
      yield new ReadDeed(file, "environment", call.name, call.token, call);
  }
}

function* javascriptDeeds(file: SourceFile): Iterable<Deed> {
  for (const call of javascriptCalls(file)) {
    const said = new LazyArguments(file, call);
    yield* deedsOfCall(file, call.acts, call.name, call.token, said, () => said.sendsBody);
  }
}

/** A command that prints the environment and does nothing else, alone or as a part of another. */
const PRINTS_ENVIRONMENT = /(?:^|[;&|(`])[ \t]{0,4}(?:printenv|env)[ \t]{0,4}(?:$|[;&|)`])/;
const ALL_VARIABLES = "all environment variables";

/** The arguments of what makes bytes of text as it is; a third argument would make the second one what counts. */
const AS_TEXT = /^[^,]{1,500},\s{0,20}["'`](?:utf-?8|ascii|utf-?16le|ucs-?2)["'`]\s{0,20}$/i;

/** The method of a connection that is told what to do; where it only asks, the connection itself says as much. */
const ASKS = /Connection\(\)\.request$/;

function* deedsOfCall(
  file: SourceFile,
  acts: readonly Act[],
  name: string,
  token: number,
  said: Said,
  sendsBody: () => boolean,
): Iterable<Deed> {
  for (const act of acts) {
    if (act === "upload" && ASKS.test(name) && /^\s*(?:GET|HEAD|OPTIONS)\b/.test(said.text)) continue;
    if (act === "decode" && name === "Buffer.from" && AS_TEXT.test(said.words)) continue;
    if (act !== "start") {
      yield new ReadDeed(file, act === "http" && sendsBody() ? "upload" : act, name, token, said);
      continue;
    }
    const command = readCommand(said.text);
    if (said.cut || said.text.length > LONGEST_COMMAND)
      noteUnread(file, "it starts a process with more words than are read");
    yield new ReadDeed(file, act, name, token, said, command);
    if (command.fetches) yield new ReadDeed(file, command.sends ? "upload" : "http", name, token, said);
    else if (command.sends) yield new ReadDeed(file, "dns", name, token, said);
    if (PRINTS_ENVIRONMENT.test(said.text)) yield new ReadDeed(file, "environment", ALL_VARIABLES, token, said);
    if (command.asksHost) yield new ReadDeed(file, "host-fact", name, token, said);
    if (command.installs) yield new ReadDeed(file, "install-package", name, token, said);
  }
}

// ---- arguments of JavaScript

const COMMA = known(",");
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");
const BODY = knownSet("data json files body params".split(" "));
const NAMES_VALUE = knownSet("=:");
const EXECUTABLE = known("executable");
const SYS = known("sys");
/** Tokens of arguments that are read, of a command more; characters of one text and of all. */
const MOST_ARGUMENTS = 400;
const MOST_OF_COMMAND = 4_000;
const MOST_PIECE = 32 << 10;
const MOST_TEXT = 64 << 10;
const MOST_WORDS = 600;

/** The arguments of a call, read when somebody asks. */
class LazyArguments implements Said {
  readonly #file: SourceFile;
  readonly #call: JavascriptCall;
  #read: ReturnType<typeof readArguments> | undefined;

  constructor(file: SourceFile, call: JavascriptCall) {
    this.#file = file;
    this.#call = call;
  }

  get text(): string {
    return this.#all.text;
  }

  get words(): string {
    return this.#all.words;
  }

  get cut(): boolean {
    return this.#all.cut;
  }

  get sendsBody(): boolean {
    return this.#all.sendsBody;
  }

  get #all() {
    this.#read ??= readArguments(this.#file, this.#call);
    return this.#read;
  }
}

/** What is constant in the arguments, the arguments as written, and whether they name a body. */
function readArguments(
  file: SourceFile,
  { open, acts, text: given }: JavascriptCall,
): Required<Said> & { readonly sendsBody: boolean } {
  const { tokens, text: source } = file;
  const { ids } = wordsOf(file);
  let depth = 0;
  let text = "";
  let sendsBody = false;
  let cut = false;
  let at = open;
  const most = acts.includes("start") ? MOST_OF_COMMAND : MOST_ARGUMENTS;
  const last = Math.min(ids.length, open + most) - 1;
  for (; at <= last; at++) {
    const id = ids[at]!;
    if (id === 0) {
      const kind = tokens.kind(at);
      if (kind !== "string" && kind !== "template") continue;
      const piece = squeezed(tokens.value(at));
      if (piece.length > MOST_PIECE || text.length >= MOST_TEXT) cut = true;
      if (text.length < MOST_TEXT) text += piece.slice(0, MOST_PIECE);
    } else if (OPENING[id] === 1) depth++;
    else if (CLOSING[id] === 1) {
      if (--depth === 0) break;
    } else if (id === COMMA) text += " ";
    else if (BODY[id] === 1 && depth <= 2 && NAMES_VALUE[idAt(ids, at + 1)] === 1) sendsBody = true;
    else if (id === EXECUTABLE && idAt(ids, at - 2) === SYS) text += "python";
  }
  if (at > last && last < ids.length - 1) cut = true;
  const from = tokens.end(open);
  const written = source.slice(from, Math.min(tokens.start(Math.min(at, last)), from + MOST_WORDS));
  const said = given === undefined || text.trim().length >= given.length ? text : given;
  return { text: said, words: detached(written, source), sendsBody, cut };
}

// ---- strings and members

const SECRET_FILE = new RegExp(
  SECRETS.map((path) => path.replaceAll(".", "\\.").replaceAll("/", "[/\\\\]{1,2}")).join("|"),
  "gi",
);
/** The one of them that is written as a name as well: `process.env.ACTIONS_ID_TOKEN_REQUEST_URL`. */
const VARIABLE = /^actions_/i;
/** Longer strings are texts, not paths. */
const LONGEST_PATH = 400;

function* secretFileDeeds(file: SourceFile): Iterable<Deed> {
  const { tokens, text } = file;
  let before = -1;
  for (const match of text.matchAll(SECRET_FILE)) {
    const token = tokenAt(file, match.index);
    if (token === before || tokens.end(token) < match.index + match[0].length) continue;
    const kind = tokens.kind(token);
    if (kind !== "string" && kind !== "template" && !(kind === "name" && VARIABLE.test(match[0]))) continue;
    if (tokens.end(token) - tokens.start(token) >= LONGEST_PATH) continue;
    before = token;
    yield new ReadDeed(file, "secret-file", match[0], token, { text: tokens.value(token), words: "" });
  }
}

/** `os.environ` or `process.env` as a whole: not one variable of it, not asked for one name, not handed on to a child process. */
function* environmentDeeds(file: SourceFile): Iterable<Deed> {
  const isScript = isJavascript(file);
  for (const token of isScript ? wholeEnvironments(file) : pythonEnvironments(file))
    yield new ReadDeed(file, "environment", ALL_VARIABLES, token, { text: "", words: "" });
  if (!isScript) return;
  for (const token of sweptVariables(file))
    yield new ReadDeed(file, "environment", SWEPT, token, { text: "", words: "" });
}

const ENVIRONMENTS = new Set(["os.environ", "os.environb", "process.env", "Bun.env"]);
const ENVIRONMENT_PARTS =
  /^(?:os\.environb?\.(?:items|values|iteritems|__str__|__repr__|__dict__)|Deno\.env\.toObject|os\.environ\.copy\(\)\.items)$/;

function* pythonEnvironments(file: SourceFile): Iterable<number> {
  const { ids } = wordsOf(file);
  for (const { name, token } of references(file)) {
    if (ENVIRONMENTS.has(name) && !isForOneName(ids, token)) yield token;
  }
  for (const { name, token } of calls(file)) {
    if (ENVIRONMENT_PARTS.test(name)) yield token;
  }
}
