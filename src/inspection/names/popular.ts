import type { EcosystemId } from "../../catalog/model.ts";
import npm from "./popular/npm.json" with { type: "json" };
import nuget from "./popular/nuget.json" with { type: "json" };
import pypi from "./popular/pypi.json" with { type: "json" };

/** A list of popular names as it is stored: small, dated, and with what it was made from. */
export interface PopularList {
  readonly ecosystem: EcosystemId;
  /** What the names were taken from: a package with its version, or how they were chosen. */
  readonly source: string;
  readonly licence: string;
  /** ISO date of the list's content. */
  readonly asOf: string;
  /** Normalised names, the most popular first, with a blank between two. */
  readonly names: string;
}

/** Names in one list; a longer one is refused. */
export const MOST_POPULAR_NAMES = 50_000;

const BUILT_IN: Readonly<Record<EcosystemId, PopularList>> = {
  npm: npm as PopularList,
  nuget: nuget as PopularList,
  pypi: pypi as PopularList,
};

/** The list that comes with the program. */
export function builtInList(ecosystem: EcosystemId): PopularList {
  return BUILT_IN[ecosystem];
}

/** A stored list, every member checked. Throws a TypeError that names the first member that is wrong. */
export function readPopularList(value: unknown, ecosystem: EcosystemId): PopularList {
  const it = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  if (it["ecosystem"] !== ecosystem) throw new TypeError("ecosystem: another one");
  const names = readText(it["names"], MOST_POPULAR_NAMES * 60, "names");
  const count = names.split(" ").length;
  if (count < LEAST_NAMES || count > MOST_POPULAR_NAMES)
    throw new TypeError(`names: ${count}, not ${LEAST_NAMES} to ${MOST_POPULAR_NAMES}`);
  const asOf = readText(it["asOf"], 10, "asOf");
  if (!/^\d{4}-\d\d-\d\d$/.test(asOf)) throw new TypeError("asOf: no date");
  return {
    ecosystem,
    source: readText(it["source"], 200, "source"),
    licence: readText(it["licence"], 100, "licence"),
    asOf,
    names,
  };
}

/** A list with fewer names is taken for damaged: every name that it lacks could be taken for an imitation. */
const LEAST_NAMES = 100;

function readText(value: unknown, most: number, what: string): string {
  if (typeof value !== "string" || value.length === 0 || value.length > most)
    throw new TypeError(`${what}: no text of at most ${most} characters`);
  return value;
}
