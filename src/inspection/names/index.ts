import type { EcosystemId } from "../../catalog/model.ts";
import { type Lookalikes, openLookalikes } from "./lookalikes.ts";
import { builtInList, type PopularList } from "./popular.ts";

const OPENED = new Map<EcosystemId, Lookalikes>();

/** The popular names that come with the program, made ready at the first question. */
export function builtInLookalikes(ecosystem: EcosystemId): Lookalikes {
  let opened = OPENED.get(ecosystem);
  if (opened === undefined) OPENED.set(ecosystem, (opened = openLookalikes(builtInList(ecosystem))));
  return opened;
}

const IN_USE = new Map<EcosystemId, Lookalikes>();

/** The popular names that assessments use: the refreshed list when there is one, else the one that comes with the program. */
export function lookalikesOf(ecosystem: EcosystemId): Lookalikes {
  return IN_USE.get(ecosystem) ?? builtInLookalikes(ecosystem);
}

/** Has assessments use another list from now on. */
export function useList(list: PopularList): void {
  IN_USE.set(list.ecosystem, openLookalikes(list));
}
