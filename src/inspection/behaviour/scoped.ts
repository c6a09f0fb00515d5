import { inside } from "./names.ts";
import type { Declared, Names, Statement, Statements } from "./statements.ts";

/** A statement whose names are told apart from equal names of other functions. */
export interface NamedStatement extends Statement, Names {}

/**
 * The statements from `first` up to `end`, with the names of each function its own: `function:name` for what it assigns or takes
 * as parameter, the plain name for what belongs to the file. Without this, every `data` and `path` of a large module would be
 * one variable.
 */
export function scoped(statements: Statements, first: number, end: number): readonly NamedStatement[] {
  const named: NamedStatement[] = [];
  for (let at = first; at < end; at++) named.push({ ...statements.all[at]!, ...statements.names(at) });
  const own = ownNames(named);
  const key = (name: string, scope: string): string => {
    for (let at = scope; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
      if (own.get(at)?.has(name) === true) return `${at}:${name}`;
    }
    return name;
  };
  return named.map((statement) => ({
    ...statement,
    uses: statement.uses.map((name) => key(name, statement.scope)),
    gives: statement.gives.map((name) => key(name, statement.scope)),
  }));
}

/** By scope: the names that the function assigns or takes as parameters. */
function ownNames(statements: readonly NamedStatement[]): ReadonlyMap<string, ReadonlySet<string>> {
  const own = new Map<string, Set<string>>();
  const ownOf = (scope: string) => own.get(scope) ?? own.set(scope, new Set()).get(scope)!;
  for (const { scope, gives, declares } of statements) {
    if (scope !== "") for (const name of gives) if (!name.startsWith("self.")) ownOf(scope).add(name);
    if (declares === undefined) continue;
    for (const name of declares.parameters) ownOf(inside(scope, declares.name)).add(name);
  }
  return own;
}

/** By name of a function: the names that its parameters have inside of it. */
export function parametersOf(statements: readonly { readonly scope: string; readonly declares?: Declared }[]) {
  const parameters = new Map<string, readonly string[]>();
  for (const { declares, scope } of statements) {
    if (declares === undefined) continue;
    const inner = inside(scope, declares.name);
    parameters.set(
      declares.name,
      declares.parameters.map((name) => `${inner}:${name}`),
    );
  }
  return parameters;
}
