import type { Decision } from "../../catalog/model.ts";
import type { IndexView } from "../ecosystem.ts";
import type { Leaf } from "./stored.ts";

/** Whether clients must not choose a version: held or blocked. Pending ones stay; their file waits for its inspection. */
export function isWithheld(decision: Decision): boolean {
  return decision.state === "held" || decision.state === "blocked";
}

/** The versions that clients may choose. */
export function offeredLeaves(leaves: readonly Leaf[], view: IndexView): readonly Leaf[] {
  return leaves.filter((leaf) => !isWithheld(view.decide(leaf.artifact)));
}

/** A text for a header: printable ASCII on one line, at most `length` characters. */
export function headerText(text: string, length: number): string {
  return text.replace(/[^\x20-\x7e]+/g, "?").slice(0, length);
}
