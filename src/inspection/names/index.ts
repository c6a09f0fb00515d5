import type { EcosystemId } from "../../catalog/model.ts";
import { type Lookalikes, openLookalikes } from "./lookalikes.ts";
import { builtInList } from "./popular.ts";

const OPENED = new Map<EcosystemId, Lookalikes>();

/** The popular names that come with the program, made ready at the first question. */
export function builtInLookalikes(ecosystem: EcosystemId): Lookalikes {
  let opened = OPENED.get(ecosystem);
  if (opened === undefined) OPENED.set(ecosystem, (opened = openLookalikes(builtInList(ecosystem))));
  return opened;
}
