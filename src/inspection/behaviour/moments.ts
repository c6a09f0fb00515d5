import type { Phase, SourceFile } from "../model.ts";
import { isJavascript, isLargeScript, isMinified } from "./bundles.ts";
import { idleScopes } from "./idle.ts";
import { lambdaName } from "./lambdas.ts";
import { inside } from "./names.ts";
import { tokenAt } from "./places.ts";
import { type Statement, type Statements, statementsOf } from "./statements.ts";

/** Folders and scripts that no importing program loads. */
const APART =
  /(?:^|\/)(?:tests?|testing|docs?|examples?|samples?|demos?|benchmarks?|scripts?|tools?|bin|\.github|ci)\/|(?:^|\/)(?:__main__|conftest|noxfile|fabfile|manage|test_\w{1,80}|\w{1,80}_test)\.py$/i;

/**
 * When a statement runs: at load what stands at the top level or is reached from there, otherwise on call. All of a setup script
 * counts as run, because setuptools calls into it, but for commands that only a person asks for. A module that nobody is known to
 * import is taken to be imported.
 */
export function phaseAt(file: SourceFile, statement: number): Phase {
  if (file.phase === "none") return "none";
  if (/(?:^|\/)setup\.py$/.test(file.path)) return isIdleAt(file, statement) ? "call" : file.phase;
  if (file.phase === "call" && (file.kind !== "python" || file.apart === true || APART.test(file.path))) return "call";
  const scope = runningScope(statementsOf(file).all[statement]?.scope ?? "");
  // In a bundle some function of every name is used at the top level, so that all would seem to run.
  const isBundle = isJavascript(file) && (isLargeScript(file) || isMinified(file));
  if (scope !== "" && (isBundle || !reachedOf(file).has(scope))) return "call";
  if (isUncalledLambda(file, statement)) return "call";
  return file.phase === "call" ? "import" : file.phase;
}

/** When what stands at an offset of the file's text runs, as far as the file is known to be loaded by others that call into it. */
export function phaseHere(file: SourceFile, offset: number): Phase {
  return file.isFar === true ? phaseAt(file, statementsOf(file).around(tokenAt(file, offset))) : file.phase;
}

const idleByFile = new WeakMap<SourceFile, (scope: string) => boolean>();

function isIdleAt(file: SourceFile, statement: number): boolean {
  const { all } = statementsOf(file);
  let idle = idleByFile.get(file);
  if (idle === undefined) {
    idle = idleScopes(file, all);
    idleByFile.set(file, idle);
  }
  return idle(all[statement]?.scope ?? "");
}

/** Whether the statement gives a function a name that nothing that runs at load uses. */
function isUncalledLambda(file: SourceFile, statement: number): boolean {
  const statements = statementsOf(file);
  const own = statements.all[statement];
  const name = own === undefined ? undefined : lambdaName(file, own);
  if (name === undefined) return false;
  const reached = reachedOf(file);
  return !statements.all.some(
    ({ scope }, at) => at !== statement && reached.has(runningScope(scope)) && statements.names(at).uses.includes(name),
  );
}

/** Whether some statement that runs at load calls something and uses a name for which `wanted` holds. */
export function runsAtLoad(file: SourceFile, wanted: (name: string) => boolean): boolean {
  const statements = statementsOf(file);
  const reached = reachedOf(file);
  return statements.all.some(({ scope }, at) => {
    if (!reached.has(runningScope(scope))) return false;
    const { calls, uses } = statements.names(at);
    return calls && uses.some(wanted);
  });
}

const reachedByFile = new WeakMap<SourceFile, ReadonlySet<string>>();

function reachedOf(file: SourceFile): ReadonlySet<string> {
  let reached = reachedByFile.get(file);
  if (reached === undefined) {
    reached = reachedAtLoad(statementsOf(file), file.calledAs, INSTALL_COMMANDS.test(file.text));
    reachedByFile.set(file, reached);
  }
  return reached;
}

/** Classes of commands that setuptools makes and runs, wherever they are named. */
const INSTALL_COMMANDS =
  /\b(?:setuptools|distutils)\.command\.(?:install|develop|egg_info|build|build_py|sdist|bdist_egg)\b/;
const COMMAND_METHODS: ReadonlySet<string> = new Set(["__init__", "initialize_options", "finalize_options", "run"]);

/** Scopes of functions that are followed from the top level. */
const MOST_REACHED = 2_000;

/**
 * Scopes of functions whose name is used at the top level, in a function that is reached, or by what loads the file (`calledAs`;
 * of a class that it names, all methods, and what setuptools calls of a command).
 */
function reachedAtLoad(
  statements: Statements,
  calledAs: ReadonlySet<string> | undefined,
  holdsCommands: boolean,
): ReadonlySet<string> {
  const scopesByName = functionScopes(statements);
  const byScope = statementsByScope(statements);
  const heads = new Map(
    statements.all.flatMap(({ declares, scope }, at) => (declares ? [[inside(scope, declares.name), at]] : [])),
  );
  const named =
    calledAs === undefined ? [] : statements.all.flatMap((one) => scopeCalledAs(one, calledAs, holdsCommands) ?? []);
  const reached = new Set(["", ...named]);
  const queue = [...reached];
  for (let scope = queue.pop(); scope !== undefined; scope = queue.pop()) {
    // Functions that the head names as defaults may be called in the body under other names.
    const head = heads.get(scope);
    for (const at of [...(head === undefined ? [] : [head]), ...(byScope.get(scope) ?? [])]) {
      const { calls, uses } = statements.names(at);
      if (!calls && at !== head) continue;
      const own = statements.all[at]!.declares?.name;
      for (const used of uses) {
        const name = used.startsWith("self.") ? used.slice("self.".length) : used;
        if (own === name) continue;
        for (const inner of scopesByName.get(name) ?? []) {
          if (reached.has(inner) || reached.size > MOST_REACHED || !isInSight(inner, scope)) continue;
          reached.add(inner);
          queue.push(inner);
        }
      }
    }
  }
  return reached;
}

/** The scope that a statement opens, when it is a function of such a name or a method of such a class. */
function scopeCalledAs(
  { declares, scope }: Statement,
  names: ReadonlySet<string>,
  holdsCommands: boolean,
): string | undefined {
  if (declares === undefined || declares.name.startsWith("#")) return undefined;
  if (scope === "") return names.has(declares.name) ? declares.name : undefined;
  const isCalled = names.has(scope.slice(1)) || (holdsCommands && COMMAND_METHODS.has(declares.name));
  return scope.startsWith("#") && isCalled ? inside(scope, declares.name) : undefined;
}

/** Whether a function can be called by its name from `from`: what stands inside another function only from within that one. */
function isInSight(inner: string, from: string): boolean {
  const outer = runningScope(inner.slice(0, Math.max(0, inner.lastIndexOf("."))));
  return outer === "" || from === outer || from.startsWith(`${outer}.`);
}

/** The scopes of functions by the names that call them; a class calls its `__init__` or constructor. */
function functionScopes({ all, names: namesAt }: Statements): ReadonlyMap<string, readonly string[]> {
  const scopes = new Map<string, string[]>();
  for (const [at, { declares, scope }] of all.entries()) {
    if (declares === undefined) continue;
    const names = [declares.name];
    if (declares.name === "__init__") names.push(scope.slice(scope.lastIndexOf("#") + 1));
    else if (declares.name === "constructor") names.push(...classNames(at, all, namesAt));
    for (const name of names) {
      const known = scopes.get(name) ?? [];
      known.push(inside(scope, declares.name));
      scopes.set(name, known);
    }
  }
  return scopes;
}

/** Statements before a constructor that are looked through for the head of its class. */
const MOST_MEMBERS = 40;

/** The names in the head of the JavaScript class whose constructor is declared at `at`: the nearest statement before that only names something. */
function classNames(at: number, all: Statements["all"], namesAt: Statements["names"]): readonly string[] {
  const { scope } = all[at]!;
  for (let before = at - 1; before >= Math.max(0, at - MOST_MEMBERS); before--) {
    const { declares, scope: own } = all[before]!;
    if (declares !== undefined || own !== scope) continue;
    const { uses, gives, calls } = namesAt(before);
    if (calls || uses.length === 0 || uses.length > 3) return [];
    return [...uses, ...gives];
  }
  return [];
}

function statementsByScope({ all }: Statements): ReadonlyMap<string, readonly number[]> {
  const running = new Map<string, string>();
  const byScope = new Map<string, number[]>();
  for (const [at, { scope }] of all.entries()) {
    let key = running.get(scope);
    if (key === undefined) {
      key = runningScope(scope);
      running.set(scope, key);
    }
    const known = byScope.get(key);
    if (known === undefined) byScope.set(key, [at]);
    else known.push(at);
  }
  return byScope;
}

/**
 * The scope without what runs together with the code around it: functions without a name (`@…`) and the bodies of classes (`#Name`).
 */
function runningScope(scope: string): string {
  return /[@#]/.test(scope) ? scope.replace(/(?:\.?[@#]\w{1,200})+$/, "") : scope;
}
