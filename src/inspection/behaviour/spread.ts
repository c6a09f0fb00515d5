import type { SourceFile } from "../model.ts";
import type { Act } from "./acts.ts";
import { isJavascript } from "./bundles.ts";
import type { Deed } from "./deeds.ts";
import { type NamedStatement, parametersOf } from "./scoped.ts";

/** Bits of what a name may hold. */
export const HOLDS: Readonly<Partial<Record<Act, number>>> = {
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
export const IN_FILE = 12;
const SOURCE_BITS = 0xfff;
const FILE_BITS = 0xfff000;
const ENVIRONMENT = 2;
const DECODED = 16;
const FETCHED_FILE = 1 << IN_FILE;
/** The name is an open socket, mail server or webhook. */
export const CHANNEL = 1 << 28;
/** Their result is an open connection, to which `send` hands data. */
const CHANNELS = new Set<Act>(["socket", "mail"]);
/** Rounds in which what names hold is passed on. */
const MOST_ROUNDS = 6;

/** What names and files hold. */
export interface Held {
  readonly names: Map<string, number>;
  /** File names written as constants. */
  readonly files: Map<string, number>;
  /** What methods of one class hand to each other without its being too much to tell apart. */
  readonly betweenMethods: number;
}

/** Names that an open file goes by, and the names and constants that make its path. */
interface Handle {
  readonly names: readonly string[];
  readonly path: readonly string[];
  readonly constants: readonly string[];
}

/**
 * What each name may hold once everything has run, in whatever order: assignments, calls, parameters and files spread it. `own`
 * has the deeds of each statement.
 */
export function spread(
  file: SourceFile,
  statements: readonly NamedStatement[],
  own: readonly (readonly Deed[])[],
): Held {
  const betweenMethods = isJavascript(file) ? DECODED | ENVIRONMENT : DECODED;
  const held: Held = { names: new Map(), files: new Map(), betweenMethods };
  const parameters = parametersOf(statements);
  const handles = readHandles(file, statements, own);
  for (let round = 0, changed = true; changed && round < MOST_ROUNDS; round++) {
    changed = false;
    for (const [at, statement] of statements.entries()) {
      if (statement.declares?.whole === true) continue;
      if (spreadOne(file, statement, own[at]!, held, parameters)) changed = true;
    }
    for (const handle of handles) if (spreadToPath(handle, held)) changed = true;
  }
  return held;
}

function readHandles(
  file: SourceFile,
  statements: readonly NamedStatement[],
  own: readonly (readonly Deed[])[],
): Handle[] {
  const handles: Handle[] = [];
  for (const [at, deeds] of own.entries()) {
    const opened = deeds.filter((deed) => deed.act === "open");
    if (opened.length === 0) continue;
    const statement = statements[at]!;
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
  statement: NamedStatement,
  own: readonly Deed[],
  held: Held,
  parameters: ReadonlyMap<string, readonly string[]>,
): boolean {
  let mask = 0;
  for (const deed of own) mask |= HOLDS[deed.act] ?? 0;
  for (const name of statement.uses) mask |= (held.names.get(name) ?? 0) | givenByMethod(name, held, parameters);
  // A function that downloads into the path it is given: the caller's path is that file.
  const written = fileBitsOf(statement, held, parameters);
  mask |= written;
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
  if (written !== 0) for (const name of statement.uses) if (!parameters.has(name)) give(name, written);
  if (statement.returns && statement.scope !== "")
    give(statement.scope.slice(statement.scope.lastIndexOf(".") + 1), mask);
  for (const name of statement.uses) {
    for (const parameter of parameters.get(name) ?? []) give(parameter, mask);
    if (!name.startsWith(SELF) || (mask & ENVIRONMENT & held.betweenMethods) === 0) continue;
    for (const parameter of parameters.get(name.slice(SELF.length)) ?? []) give(parameter, ENVIRONMENT);
  }
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

const SELF = "self.";

/** What a method of the same class has decoded, or in JavaScript taken of the environment, and hands back; everything else that methods share is too much to tell apart. */
export function givenByMethod(name: string, held: Held, parameters: ReadonlyMap<string, readonly string[]>): number {
  if (!name.startsWith(SELF)) return 0;
  const method = name.slice(SELF.length);
  return parameters.has(method) ? (held.names.get(method) ?? 0) & held.betweenMethods : 0;
}

/** What functions that the statement names have fetched into files whose paths are parameters of theirs. */
function fileBitsOf(
  { uses, calls }: NamedStatement,
  held: Held,
  parameters: ReadonlyMap<string, readonly string[]>,
): number {
  let bits = 0;
  if (!calls) return bits;
  for (const name of uses) {
    for (const parameter of parameters.get(name) ?? []) bits |= (held.names.get(parameter) ?? 0) & FETCHED_FILE;
  }
  return bits;
}

/** File names among the statement's constants: with an extension or a folder, at least four characters. */
function constantFiles(file: SourceFile, statement: NamedStatement): string[] {
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
