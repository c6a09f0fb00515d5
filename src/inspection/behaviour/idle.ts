import type { SourceFile, Tokens } from "../model.ts";
import type { Declared } from "./statements.ts";

/** A statement as far as it matters here. */
interface Placed {
  readonly first: number;
  readonly end: number;
  readonly scope: string;
  readonly declares?: Declared;
}

/** Setuptools commands that installing runs, or may run. */
const RUN_BY_INSTALL =
  /^(?:install\w{0,20}|develop|egg_info|build|build_(?:py|ext|clib|scripts|editable)|bdist\w{0,12}|sdist|editable_wheel|dist_info|easy_install)$/;
/** Classes of one setup script that are looked at. */
const MOST_CLASSES = 200;
const ROUNDS = 4;

/**
 * Scopes of a setup script that run only when somebody asks for them by name, `python setup.py publish`: the classes that it
 * registers for no command of an installation and uses nowhere else, and functions that only those use.
 */
export function idleScopes(file: SourceFile, statements: readonly Placed[]): (scope: string) => boolean {
  const classes = idleClasses(file, statements);
  if (classes.size === 0) return () => false;
  const within = (scope: string) => scope.split(".", 20).some((part) => classes.has(part) || functions.has(part));
  const functions = new Set<string>();
  const uses = usesByName(file.tokens, statements);
  for (let round = 0, changed = true; changed && round < ROUNDS; round++) {
    changed = false;
    for (const [name, scopes] of uses) {
      if (functions.has(name) || scopes.length === 0 || !scopes.every(within)) continue;
      functions.add(name);
      changed = true;
    }
  }
  return within;
}

/** Classes as `#Name`. */
function idleClasses({ tokens }: SourceFile, statements: readonly Placed[]): ReadonlySet<string> {
  const idle = new Set<string>();
  let looked = 0;
  for (const { declares } of statements) {
    if (declares === undefined || !declares.name.startsWith("#") || idle.has(declares.name)) continue;
    if (++looked > MOST_CLASSES) break;
    if (isIdle(tokens, statements, declares.name)) idle.add(declares.name);
  }
  return idle;
}

function isIdle(tokens: Tokens, statements: readonly Placed[], scope: string): boolean {
  const name = scope.slice(1);
  let registered = false;
  for (const statement of statements) {
    if (statement.declares?.name === scope || statement.scope.split(".", 20).includes(scope)) continue;
    for (let at = statement.first; at < statement.end; at++) {
      if (tokens.kind(at) !== "name" || tokens.text(at) !== name) continue;
      const command = commandBefore(tokens, at);
      if (command === undefined || RUN_BY_INSTALL.test(command) || timesNamed(tokens, command) > 1) return false;
      registered = true;
    }
  }
  return registered;
}

/** `publish` before the name in `{"publish": Name}`, `cmdclass["publish"] = Name` and `dict(publish=Name)`. */
function commandBefore(tokens: Tokens, at: number): string | undefined {
  const sign = tokens.text(at - 1);
  if (sign === ":" && tokens.kind(at - 2) === "string") return tokens.value(at - 2);
  if (sign !== "=") return undefined;
  if (tokens.text(at - 2) === "]" && tokens.kind(at - 3) === "string") return tokens.value(at - 3);
  const keyword = tokens.kind(at - 2) === "name" && /^[(,]$/.test(tokens.text(at - 3));
  return keyword ? tokens.text(at - 2) : undefined;
}

/** How often the script writes the command's name as a constant: a second time may be `run_command` or `sub_commands`. */
function timesNamed(tokens: Tokens, command: string): number {
  let times = 0;
  for (let at = 0; at < tokens.length; at++) if (tokens.kind(at) === "string" && tokens.value(at) === command) times++;
  return times;
}

/** For each function outside classes, the scopes that use its name, its own aside. */
function usesByName(tokens: Tokens, statements: readonly Placed[]): ReadonlyMap<string, string[]> {
  const uses = new Map<string, string[]>();
  for (const { declares, scope } of statements)
    if (declares !== undefined && scope === "" && !declares.name.startsWith("#")) uses.set(declares.name, []);
  for (const { first, end, scope, declares } of statements) {
    for (let at = first; at < end; at++) {
      const name = tokens.kind(at) === "name" ? tokens.text(at) : "";
      if (uses.has(name) && declares?.name !== name && scope.split(".", 1)[0] !== name) uses.get(name)!.push(scope);
    }
  }
  return uses;
}
