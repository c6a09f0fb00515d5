import type { Decision } from "../../catalog/model.ts";
import type { IndexView } from "../ecosystem.ts";
import type { Leaf } from "./stored.ts";
import { compareParsed } from "./versions.ts";

/** Whether clients must not choose a version: held or blocked. Pending ones stay; their file waits for its inspection. */
export function isWithheld(decision: Decision): boolean {
  return decision.state === "held" || decision.state === "blocked";
}

/** The versions that clients may choose. */
export function offeredLeaves(leaves: readonly Leaf[], view: IndexView): readonly Leaf[] {
  return leaves.filter((leaf) => !isWithheld(view.decide(leaf.artifact)));
}

/**
 * Whether a registration leaves a withheld version out. Most withheld versions are shown as unlisted: resolvers avoid them, and an
 * exact request fails with the sentence. But nuget.exe up to 5.8 takes the highest version even when it is unlisted, so what
 * stands above everything on offer is left out, as long as something is on offer.
 */
export function isLeftOut(leaf: Leaf, offered: readonly Leaf[]): boolean {
  const stable = leaf.version.labels.length === 0;
  const rivals = offered.filter((one) => one.listed && (!stable || one.version.labels.length === 0));
  return rivals.length > 0 && rivals.every((one) => compareParsed(one.version, leaf.version) < 0);
}

/**
 * Sentences for the terminal, for the clients that find a withheld version missing and cannot ask why: of the highest stable version
 * when it is withheld for what is in it, and of versions that are dangerous to have. Others are not mentioned: every restore would
 * warn of versions that it does not use, and fail where all warnings are errors. Undefined when there is nothing to say.
 */
export function withheldNotice(leaves: readonly Leaf[], view: IndexView): string | undefined {
  const newest = leaves.findLast((leaf) => leaf.version.labels.length === 0) ?? leaves.at(-1);
  const sentences: string[] = [];
  for (let index = leaves.length - 1; index >= 0 && sentences.length < MENTIONED; index--) {
    const leaf = leaves[index]!;
    const decision = view.decide(leaf.artifact);
    if (!isWithheld(decision)) continue;
    if (!DANGEROUS.has(decision.code) && (leaf !== newest || PASSING.has(decision.code))) continue;
    sentences.push(explain(decision, view.whyUrl(leaf.artifact)));
  }
  return sentences.length === 0 ? undefined : headerText(sentences.join(" "), 1_000);
}

/** The decision's sentence and where to read more. */
export function explain(decision: Decision, url: string): string {
  return `${decision.sentence.replace(/[.!?]?$/, ".")} See ${url}`;
}

/** Versions mentioned at most. */
const MENTIONED = 3;
/** Whoever has such a version should hear of it. */
const DANGEROUS: ReadonlySet<Decision["code"]> = new Set([
  "malicious",
  "known-malware",
  "blocked-url",
  "changed-bytes",
  "digest-mismatch",
]);
/** Reasons that pass by themselves and are no news to a terminal. */
const PASSING: ReadonlySet<Decision["code"]> = new Set(["cooldown", "not-inspected"]);

/** A text for a header: printable ASCII on one line, at most `length` characters. */
export function headerText(text: string, length: number): string {
  return text.replace(/[^\x20-\x7e]+/g, "?").slice(0, length);
}
