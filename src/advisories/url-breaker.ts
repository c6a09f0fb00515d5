import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";
import { mentioning } from "./mentions.ts";
import type { UrlIndicator } from "./url-list.ts";

/** An address of a list; one that was forced counts whoever refers to it. */
export interface WeighedAddress extends UrlIndicator {
  readonly isForced: boolean;
}

/** What of a reading of a URL list is to be believed. */
export interface WeighedAddresses {
  readonly counted: readonly WeighedAddress[];
  /** Those that established projects refer to: addresses that half of the world mentions. */
  readonly passedOver: readonly WeighedAddress[];
  /** Why the reading as a whole is not to be believed. */
  readonly alarm?: string;
}

/** An address that so many established projects refer to does not count. */
const PROJECTS_OF_ADDRESS = 3;
/** At least this many established projects, and this share of them, newly withheld by one reading, open the breaker. */
const LEAST_PROJECTS = 5;
const LARGEST_SHARE = 0.02;

/** Lays a reading beside what is known and was found clean; those that were forced before stay so. */
export async function weighAddresses(
  app: App,
  source: string,
  listed: readonly UrlIndicator[],
): Promise<WeighedAddresses> {
  const known = knownOf(app, source);
  const { referring, established } = await countReferring(app, new Set(listed.map(({ indicator }) => indicator)));
  const isKnown = (address: string) => known.has(address);
  const isForced = (address: string) => known.get(address) === true;
  const isPassedOver = (address: string) =>
    !isForced(address) && (referring.get(address)?.size ?? 0) >= PROJECTS_OF_ADDRESS;
  const newlyWithheld = new Set<number>();
  for (const [address, projects] of referring)
    if (!isKnown(address) && !isPassedOver(address)) for (const project of projects) newlyWithheld.add(project);
  const weighed = listed.map((one) => ({ ...one, isForced: isForced(one.indicator) }));
  return {
    counted: weighed.filter(({ indicator }) => !isPassedOver(indicator)),
    passedOver: weighed.filter(({ indicator }) => isPassedOver(indicator)),
    ...(newlyWithheld.size >= Math.max(LEAST_PROJECTS, established * LARGEST_SHARE) && {
      alarm: `one reading withholds ${newlyWithheld.size} of the ${established} established projects in use here`,
    }),
  };
}

/** What to tell of addresses that do not count; undefined when there are none. */
export function whyPassedOver({ passedOver, counted }: WeighedAddresses): string | undefined {
  if (passedOver.length === 0) return undefined;
  const some = passedOver.slice(0, 5).map(({ indicator }) => indicator.replace(/[^\x21-\x7e]/g, "?").slice(0, 100));
  return (
    `${passedOver.length} of its ${passedOver.length + counted.length} addresses do not count, as at least ` +
    `${PROJECTS_OF_ADDRESS} established projects refer to each (${some.join(", ")}${passedOver.length > 5 ? " …" : ""})`
  );
}

/** Whether addresses differ from those that count now. */
export function isChange(app: App, source: string, addresses: readonly WeighedAddress[]): boolean {
  const known = knownOf(app, source);
  const next = new Set(addresses.map(({ indicator }) => indicator));
  return known.size !== next.size || addresses.some(({ indicator }) => !known.has(indicator));
}

/** Addresses of a source that count now, and whether each was forced. */
function knownOf(app: App, source: string): ReadonlyMap<string, boolean> {
  const rows = raw(app.database).prepare("select indicator, forced from url_indicators where source = ?").all(source);
  return new Map(rows.map((row) => [String(row["indicator"]), row["forced"] === 1]));
}

/** Established projects that refer to each of the addresses, and how many established projects there are. */
async function countReferring(
  app: App,
  addresses: ReadonlySet<string>,
): Promise<{ readonly referring: ReadonlyMap<string, ReadonlySet<number>>; readonly established: number }> {
  const referring = new Map<string, Set<number>>();
  const established = new Set<number>();
  for await (const file of mentioning(app)) {
    if (!file.isEstablished) continue;
    established.add(file.projectId);
    for (const address of file.addresses)
      if (addresses.has(address))
        referring.set(address, (referring.get(address) ?? new Set<number>()).add(file.projectId));
  }
  return { referring, established: established.size };
}
