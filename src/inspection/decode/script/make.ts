import { evaluate } from "./expressions.ts";
import type { Machine } from "./machine.ts";
import type { Entry, Node } from "./nodes.ts";
import { isFunction, type Scope, Thing, textOf, UNKNOWN, type Val } from "./values.ts";

/** An object literal. */
export function makeObject(m: Machine, entries: readonly Entry[], scope: Scope): Thing {
  const thing = new Thing();
  addEntries(m, entries, thing, scope);
  return thing;
}

function addEntries(m: Machine, entries: readonly Entry[], thing: Thing, scope: Scope): void {
  for (const entry of entries) {
    const value = evaluate(m, entry.value, scope);
    if (entry.kind === "spread") {
      if (value instanceof Thing) for (const [name, one] of value.members) thing.members.set(name, one);
      continue;
    }
    const key = textOf(entry.key.type === "constant" ? entry.key.value : evaluate(m, entry.key, scope));
    if (key !== undefined) thing.members.set(key, entry.kind === "value" ? value : UNKNOWN);
  }
}

/** A class, as the function that makes its instances. */
export function makeClass(m: Machine, node: Node & { readonly type: "class" }, scope: Scope): Val {
  if (node.base !== undefined) evaluate(m, node.base, scope);
  const own: Scope = { names: new Map(), outer: scope, isOwn: false };
  const methods = node.entries.filter((entry) => !entry.isStatic && entry.value.type === "function");
  const prototype = makeObject(m, methods, own);
  const made = prototype.members.get("constructor");
  const thing =
    isFunction(made) && made.code !== undefined ? made : Object.assign(new Thing(), { native: () => UNKNOWN });
  thing.name = node.name;
  thing.members.set("prototype", prototype);
  if (node.name !== "") own.names.set(node.name, thing);
  addEntries(
    m,
    node.entries.filter((entry) => entry.isStatic),
    thing,
    own,
  );
  return thing;
}
