import { evaluate } from "./expressions.ts";
import { lookUp, type Machine } from "./machine.ts";
import { getMember, setMember } from "./members.ts";
import type { Node } from "./nodes.ts";
import { listOf, type Scope, Thing, UNKNOWN, type Val } from "./values.ts";

/** Gives the names and members of a target, which may be a pattern, their values; `declare` makes names of this very scope. */
export function assignTo(m: Machine, target: Node, value: Val, scope: Scope, how: "set" | "declare"): void {
  switch (target.type) {
    case "name":
      (how === "declare" ? scope : (lookUp(scope, target.name) ?? m.globals)).names.set(target.name, value);
      break;
    case "member": {
      const of = evaluate(m, target.of, scope);
      setMember(m, of, evaluate(m, target.key, scope), value);
      break;
    }
    case "assign":
      assignTo(m, target.target, value === undefined ? evaluate(m, target.value, scope) : value, scope, how);
      break;
    case "array":
      for (const [at, item] of target.items.entries()) {
        if (item?.type === "spread") assignTo(m, item.of, restOf(value, at), scope, how);
        else if (item !== undefined) assignTo(m, item, memberOr(m, value, at), scope, how);
      }
      break;
    case "object":
      for (const entry of target.entries) {
        const part = entry.kind === "spread" ? UNKNOWN : memberOr(m, value, evaluate(m, entry.key, scope));
        assignTo(m, entry.value, part, scope, how);
      }
      break;
    default:
  }
}

function restOf(value: Val, from: number): Val {
  return value instanceof Thing && value.items !== undefined ? listOf(value.items.slice(from)) : UNKNOWN;
}

/** A member for a pattern: of nothing it is unknown, because it may be given a value that we have not seen. */
function memberOr(m: Machine, of: Val, key: Val): Val {
  return of === undefined || of === null ? UNKNOWN : getMember(m, of, key);
}
