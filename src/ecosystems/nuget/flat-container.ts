import type { Decision } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { IndexView, StoredDocument, WrittenIndex } from "../ecosystem.ts";
import { type Leaf, readRegistration } from "./stored.ts";
import { headerText, isWithheld } from "./withheld.ts";

/** Reasons that lie in the file; the others (age, not yet inspected) pass by themselves and are no news to a terminal. */
const NEWS: ReadonlySet<Decision["code"]> = new Set([
  "malicious",
  "suspicious",
  "unknown",
  "known-malware",
  "vulnerable",
  "blocked-url",
  "denied",
  "changed-bytes",
  "digest-mismatch",
]);

/**
 * The flat container's list of versions, listed and unlisted, ascending; withheld ones are left out, because restore takes the
 * lowest that fits and would take them. Where the newest version is withheld the list carries the sentence as a header that
 * clients print. Throws WITHHELD when every version is.
 */
export function writeVersionList(document: StoredDocument, view: IndexView): WrittenIndex {
  const { leaves } = readRegistration(document);
  const decisions = leaves.map((leaf) => view.decide(leaf.artifact));
  const offered = leaves.filter((_, index) => !isWithheld(decisions[index]!));
  const last = leaves.at(-1);
  if (last && offered.length === 0)
    throw refuse("WITHHELD", { sentence: decisions.at(-1)!.sentence, url: view.whyUrl(last.artifact) });
  const notice = newestNotice(leaves, decisions, view);
  return {
    body: Buffer.from(JSON.stringify({ versions: offered.map((leaf) => leaf.urlVersion) })),
    contentType: "application/json",
    ...(notice !== undefined && { headers: { "x-nuget-warning": notice } }),
  };
}

/**
 * The sentence when a version above every offered stable one is withheld for what is in it. Older ones are not mentioned: every
 * restore of the project would warn of a version that it does not use, and fail where warnings are errors.
 */
function newestNotice(leaves: readonly Leaf[], decisions: readonly Decision[], view: IndexView): string | undefined {
  const stable = (leaf: Leaf) => leaf.version.labels.length === 0;
  for (let index = leaves.length - 1; index >= 0; index--) {
    const leaf = leaves[index]!;
    const decision = decisions[index]!;
    if (!stable(leaf)) continue;
    if (!isWithheld(decision) || !NEWS.has(decision.code)) return undefined;
    return headerText(`${decision.sentence} See ${view.whyUrl(leaf.artifact)}`, 500);
  }
  return undefined;
}
