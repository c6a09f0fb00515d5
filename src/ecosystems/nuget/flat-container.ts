import { refuse } from "../../errors.ts";
import type { IndexView, StoredDocument, WrittenIndex } from "../ecosystem.ts";
import { readRegistration } from "./stored.ts";
import { offeredLeaves, withheldNotice } from "./withheld.ts";

/**
 * The flat container's list of versions, listed and unlisted, ascending; withheld ones are left out, because restore takes the
 * lowest that fits and would take them. A header that clients print says what there is to say about those. Throws WITHHELD when
 * every version is withheld.
 */
export function writeVersionList(document: StoredDocument, view: IndexView): WrittenIndex {
  const { leaves } = readRegistration(document);
  const offered = offeredLeaves(leaves, view);
  const last = leaves.at(-1);
  if (last && offered.length === 0)
    throw refuse("WITHHELD", { sentence: view.decide(last.artifact).sentence, url: view.whyUrl(last.artifact) });
  const notice = withheldNotice(leaves, view);
  return {
    body: Buffer.from(JSON.stringify({ versions: offered.map((leaf) => leaf.urlVersion) })),
    contentType: "application/json",
    ...(notice !== undefined && { headers: { "x-nuget-warning": notice } }),
  };
}
