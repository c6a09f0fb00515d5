import { idAt, isName, known, knownSet, wordsOf } from "../languages/interned.ts";
import type { SourceFile } from "../model.ts";
import { statementsOf } from "./statements.ts";

const PROCESS = known("process");
const ENV = known("env");
const UPPER_ENV = known("ENV");
const DOT = known(".");
const OPTIONAL_DOT = known("?.");
const OPEN_BRACKET = known("[");
const OPEN_PAREN = known("(");
const OPEN_BRACE = known("{");
const CLOSE_BRACE = known("}");
const REST = known("...");
const EQUALS = known("=");
const COLON = known(":");
const COMMA = known(",");
const IN = known("in");
const FOR = known("for");
const OPENING = knownSet("([{");
const CLOSING = knownSet(")]}");

/** `process.env`, `process["env"]` and `{ env } = process` in JavaScript, as the tokens where they begin: not followed by the name of one variable. */
export function* wholeEnvironments(file: SourceFile): Iterable<number> {
  const { ids } = wordsOf(file);
  for (const at of processes(file, ids)) {
    const after = behindEnvironment(file, ids, at);
    const then = idAt(ids, after);
    const isOne = then === DOT || then === OPTIONAL_DOT || then === OPEN_BRACKET;
    const key = keyOfCopy(ids, at);
    const isHanded = isForOneName(ids, at) && !isAmongFacts(ids, key === -1 ? at : key);
    if (after !== -1 && !isOne && !isHanded && !takesNames(ids, at)) yield at;
    else if (idAt(ids, at - 1) === EQUALS && idAt(ids, at - 2) === CLOSE_BRACE && idAt(ids, at - 3) === ENV) yield at;
  }
}

/** Where `process`, or a name that it was given, stands. */
function* processes({ tokens }: SourceFile, ids: Int32Array): Iterable<number> {
  const names = new Set([PROCESS]);
  for (let at = ids.indexOf(REQUIRE); at !== -1; at = ids.indexOf(REQUIRE, at + 1)) {
    if (idAt(ids, at - 1) !== EQUALS || idAt(ids, at + 1) !== OPEN_PAREN || at + 2 >= ids.length) continue;
    if (tokens.kind(at + 2) === "string" && MODULE.test(tokens.value(at + 2))) addName(names, ids, at - 2);
  }
  for (let at = ids.indexOf(PROCESS); at !== -1; at = ids.indexOf(PROCESS, at + 1)) {
    const after = idAt(ids, at + 1);
    const isAlone = after !== DOT && after !== OPTIONAL_DOT && after !== OPEN_BRACKET && after !== OPEN_PAREN;
    if (idAt(ids, at - 1) === EQUALS && isAlone) addName(names, ids, at - 2);
  }
  for (const name of names) for (let at = ids.indexOf(name); at !== -1; at = ids.indexOf(name, at + 1)) yield at;
}

const REQUIRE = known("require");
const MODULE = /^(?:node:)?process$/;
/** Names of `process` that are followed in one file. */
const MOST_ALIASES = 4;

function addName(names: Set<number>, ids: Int32Array, at: number): void {
  const name = idAt(ids, at);
  if (names.size < MOST_ALIASES && isName(name) && idAt(ids, at - 1) !== DOT) names.add(name);
}

/** Index of the token behind `process.env` or `process["env"]` at `at`; -1 when something else stands there. */
function behindEnvironment({ tokens }: SourceFile, ids: Int32Array, at: number): number {
  const next = idAt(ids, at + 1);
  const member = next === DOT || next === OPTIONAL_DOT ? at + 2 : at + 1;
  if (idAt(ids, member) === ENV && member === at + 2) return member + 1;
  const isComputed =
    idAt(ids, member) === OPEN_BRACKET && member + 1 < ids.length && tokens.value(member + 1) === "env";
  return isComputed ? member + 3 : -1;
}

/** `const { A, B } = process.env` takes some variables by their names, unless it takes the rest as well. */
function takesNames(ids: Int32Array, token: number): boolean {
  if (idAt(ids, token - 1) !== EQUALS || idAt(ids, token - 2) !== CLOSE_BRACE) return false;
  for (let at = token - 3; at >= Math.max(0, token - MOST_TAKEN); at--) {
    if (ids[at] === OPEN_BRACE) return true;
    if (ids[at] === REST || ids[at] === OPEN_BRACKET) return false;
  }
  return false;
}

const MOST_TAKEN = 300;

/** Whether `"A" in os.environ` asks for one name, or `env=os.environ` or `env: process.env` hands everything to a child process. */
export function isForOneName(ids: Int32Array, token: number): boolean {
  const before = idAt(ids, token - 1);
  if (before === EQUALS || before === COLON) return idAt(ids, token - 2) === ENV || idAt(ids, token - 2) === UPPER_ENV;
  if (keyOfCopy(ids, token) !== -1) return true;
  if (before !== IN) return false;
  for (let at = token - 2; at >= Math.max(0, token - 8); at--) if (ids[at] === FOR) return false;
  return true;
}

/** What compilers make of `{ ...process.env, A: 1 }` for older engines, and what people wrote before there was that. */
const COPIES = knownSet(
  "( { } , . ... Object assign __spreadValues __spreadProps __assign _objectSpread _extends".split(" "),
);
/** Tokens before the copied object. */
const MOST_COPYING = 24;

/** Where the key stands in `env: { ...process.env }` or `env: __spreadValues({}, process.env)`: a copy for a child process; -1 elsewhere. */
function keyOfCopy(ids: Int32Array, token: number): number {
  let at = token - 1;
  while (at > token - MOST_COPYING && COPIES[idAt(ids, at)] === 1) at--;
  const isKey = at < token - 1 && idAt(ids, at) === COLON;
  const key = isKey && (idAt(ids, at - 1) === ENV || idAt(ids, at - 1) === UPPER_ENV) ? at - 1 : -1;
  return key !== -1 && isInCall(ids, key) ? key : -1;
}

/** Whether the arguments of a call, in the same statement, hold what stands at `token`. */
function isInCall(ids: Int32Array, token: number): boolean {
  let depth = 0;
  for (let at = token - 1; at >= Math.max(0, token - MOST_TAKEN); at--) {
    const id = ids[at]!;
    if (CLOSING[id] === 1) depth++;
    else if (OPENING[id] === 1 && --depth < 0) {
      if (id === OPEN_PAREN) return true;
      depth = 0;
    }
  }
  return false;
}

/** Calls whose argument is a message, and what stands in a message about a machine. */
const WRITES = knownSet(
  "stringify post put patch fetch axios got needle request send sendBeacon write end emit".split(" "),
);
const FACTS = knownSet(
  "host hostname user username userInfo homedir home platform arch ip network machine os npmrc ssh tokens".split(" "),
);

/** `env: process.env` beside other facts about the machine, or in what is written as text: a message, not what a child process gets. */
function isAmongFacts(ids: Int32Array, token: number): boolean {
  let depth = 0;
  let inObject = true;
  for (let at = token - 1; at >= Math.max(0, token - MOST_TAKEN); at--) {
    const id = ids[at]!;
    if (CLOSING[id] === 1) depth++;
    else if (OPENING[id] === 1 && --depth < 0) {
      depth = 0;
      inObject = false;
      if (id === OPEN_PAREN) return WRITES[idAt(ids, at - 1)] === 1;
    } else if (inObject && depth === 0 && isKey(ids, at)) return true;
  }
  return false;
}

/** A name of a fact as a key of an object: `host: …`, `host,`, `{ host }`. */
function isKey(ids: Int32Array, at: number): boolean {
  if (FACTS[ids[at]!] !== 1) return false;
  const before = idAt(ids, at - 1);
  const after = idAt(ids, at + 1);
  return (before === OPEN_BRACE || before === COMMA) && (after === COLON || after === COMMA || after === CLOSE_BRACE);
}

/** Whoever has one of these publishes packages. */
const OPENS_REGISTRY =
  /^(?:NPM_(?:AUTH_)?TOKEN|NODE_AUTH_TOKEN|PYPI_\w{0,10}TOKEN|TWINE_PASSWORD|NUGET_API_KEY|CARGO_REGISTRY_TOKEN)$/;
/** Names of variables that hold secrets, by what they open: what reads several kinds of them wants whatever there is. */
const KINDS: readonly RegExp[] = [
  OPENS_REGISTRY,
  /^(?:AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS|GCP_\w{0,20}KEY|CLOUDFLARE_API_TOKEN|DIGITALOCEAN_\w{0,20}TOKEN)$/,
  /^(?:GITHUB_TOKEN|GH_TOKEN|GITHUB_PAT|GITLAB_TOKEN|CI_JOB_TOKEN|BITBUCKET_\w{0,20}(?:TOKEN|PASSWORD))$/,
  /^(?:OPENAI|ANTHROPIC|GEMINI|CLAUDE|MISTRAL|GROQ)_API_KEY$|^HF_TOKEN$/,
  /^(?:SLACK|DISCORD|TELEGRAM)_\w{0,20}TOKEN$/,
  /^STRIPE_\w{0,20}KEY$|^(?:TWILIO|SENDGRID|MAILGUN)_\w{0,20}(?:KEY|TOKEN)$/,
  /^(?:DATABASE_URL|MONGO\w{0,4}_UR[IL]|REDIS_URL|POSTGRES_PASSWORD|MYSQL_PASSWORD|DB_PASS\w{0,4})$/,
  /^(?:JWT_SECRET|PRIVATE_KEY|MNEMONIC|SEED_PHRASE|WALLET_\w{0,20}KEY|SECRET_KEY)$/,
  /^(?:VAULT_TOKEN|DOCKER_\w{0,10}(?:PASSWORD|TOKEN|AUTH_CONFIG)|SSH_\w{0,10}KEY|KUBECONFIG)$/,
];
const LEAST_KINDS = 3;
/** Tokens of one statement, and texts of one file, that are looked at. */
const MOST_TOKENS = 600;
const LONGEST_NAME = 40;
const MOST_TEXTS = 20_000;

/** What a deed says that takes several secrets out of the environment rather than all of it. */
export const SWEPT = "variables with secrets";

/** Where one statement of JavaScript takes variables with secrets of at least three kinds, or those that a list in the file names. */
export function* sweptVariables(file: SourceFile): Iterable<number> {
  if (!MAY_SWEEP.test(file.text)) return;
  const { ids } = wordsOf(file);
  const statements = statementsOf(file);
  const sweeps = new Map<number, boolean>();
  const namesSeveral = (first: number, end: number): boolean => {
    const several = sweeps.get(first) ?? kindsIn(file, first, end, MOST_TOKENS) >= LEAST_KINDS;
    sweeps.set(first, several);
    return several;
  };
  let listed: boolean | undefined;
  for (let at = ids.indexOf(PROCESS); at !== -1; at = ids.indexOf(PROCESS, at + 1)) {
    const after = behindEnvironment(file, ids, at);
    if (after === -1) continue;
    const { first, end } = statements.all[statements.around(at)]!;
    const isByVariable = idAt(ids, after) === OPEN_BRACKET && isName(idAt(ids, after + 1));
    if (isByVariable) listed ??= kindsIn(file, 0, ids.length, MOST_TEXTS) >= LEAST_KINDS;
    if ((isByVariable && listed === true) || namesSeveral(first, end)) yield at;
  }
}

/** One of those that most sweeps begin with. */
export const MAY_SWEEP =
  /\b(?:NPM_TOKEN|NPM_AUTH_TOKEN|NODE_AUTH_TOKEN|GITHUB_TOKEN|GH_TOKEN|AWS_SECRET_ACCESS_KEY|OPENAI_API_KEY|DATABASE_URL|PRIVATE_KEY|VAULT_TOKEN)\b/;

/** How many kinds of secrets the names and texts from `first` up to `end` name; one that opens a registry counts as two. */
function kindsIn({ tokens }: SourceFile, first: number, end: number, most: number): number {
  const seen = new Set<RegExp>();
  let left = most;
  for (let at = first; at < end && left > 0 && seen.size < KINDS.length; at++) {
    const kind = tokens.kind(at);
    if ((kind !== "name" && kind !== "string") || tokens.end(at) - tokens.start(at) > LONGEST_NAME) continue;
    left--;
    const text = tokens.value(at);
    if (!text.includes("_") && text !== "MNEMONIC" && text !== "KUBECONFIG") continue;
    for (const pattern of KINDS) if (!seen.has(pattern) && pattern.test(text)) seen.add(pattern);
  }
  return seen.size + (seen.has(OPENS_REGISTRY) ? 1 : 0);
}
