import type { App } from "../app.ts";
import type { EcosystemId } from "../catalog/model.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { raw } from "../storage/database/sqlite.ts";
import { ESTABLISHED_MS } from "./mentions.ts";

/** One published statement that versions of a project are malicious or vulnerable. */
export interface Advisory {
  readonly id: string;
  readonly source: string;
  readonly kind: "malicious" | "vulnerable";
  readonly severity: "low" | "moderate" | "high" | "critical";
  readonly title: string;
  readonly url: string;
  /** Exact versions; with `ranges` both count. */
  readonly versions: readonly string[];
  readonly ranges: readonly AdvisoryRange[];
  readonly publishedAt: number;
  readonly modifiedAt: number;
}

/** OSV's half-open interval: from `introduced` (`0` = from the first) to before `fixed`, or up to `lastAffected`. */
export interface AdvisoryRange {
  readonly introduced: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
}

/** Advisories in force for a project; withdrawn ones are left out. Synchronous: a hot read. */
export function advisoriesOf(app: App, ecosystem: EcosystemId, name: string): readonly Advisory[] {
  const rows = raw(app.database)
    .prepare("select * from advisories where ecosystem = ? and name = ? and withdrawn_at is null")
    .all(ecosystem, name);
  return rows.map(rowOf);
}

/** Advisories in force of an ecosystem in the order of their ids, with the names they concern, at most `limit`. */
export function everyAdvisoryOf(
  app: App,
  ecosystem: EcosystemId,
  limit: number,
): readonly (Advisory & { readonly name: string })[] {
  return raw(app.database)
    .prepare("select * from advisories where ecosystem = ? and withdrawn_at is null order by id limit ?")
    .all(ecosystem, limit)
    .map((row) => ({ ...rowOf(row), name: String(row["name"]) }));
}

/** An advisory in force with everything that it concerns, one entry for each project, at most `limit`. Synchronous. */
export function advisoryById(
  app: App,
  id: string,
  limit: number,
): readonly (Advisory & { readonly ecosystem: EcosystemId; readonly name: string })[] {
  return raw(app.database)
    .prepare("select * from advisories where id = ? and withdrawn_at is null order by ecosystem, name limit ?")
    .all(id, limit)
    .map((row) => ({ ...rowOf(row), ecosystem: row["ecosystem"] as EcosystemId, name: String(row["name"]) }));
}

function rowOf(row: Record<string, unknown>): Advisory {
  return {
    id: String(row["id"]),
    source: String(row["source"]),
    kind: row["kind"] as Advisory["kind"],
    severity: row["severity"] as Advisory["severity"],
    title: String(row["title"]),
    url: String(row["url"]),
    versions: JSON.parse(String(row["versions"])) as string[],
    ranges: JSON.parse(String(row["ranges"])) as AdvisoryRange[],
    publishedAt: Number(row["published_at"]),
    modifiedAt: Number(row["modified_at"]),
  };
}

/** Longest time before an advisory that "all versions" of an established project reaches back (house rule: a source is a reporter, not an oracle). */
const WHOLE_PROJECT_REACHES_MS = 14 * 86_400_000;

/**
 * Whether an advisory concerns a release. One that names every version counts, for a project that was more than 90 days old then, only
 * for releases of the last 14 days before it; a younger one may have been malicious from its start.
 */
export function affects(
  advisory: Advisory,
  ecosystem: EcosystemId,
  release: { readonly version: string; readonly bornAt?: number },
  projectBornAt: number | undefined,
): boolean {
  const { compareVersions } = ECOSYSTEMS[ecosystem];
  if (names(advisory, release.version, compareVersions)) return true;
  const hit = advisory.ranges.some((range) => inside(range, release.version, compareVersions));
  if (!hit) return false;
  const reachesFrom = advisory.publishedAt - WHOLE_PROJECT_REACHES_MS;
  const established = projectBornAt !== undefined && projectBornAt < advisory.publishedAt - ESTABLISHED_MS;
  if (advisory.kind !== "malicious" || !coversEverything(advisory) || !established) return true;
  return release.bornAt === undefined || release.bornAt >= reachesFrom;
}

/** Whether an advisory spells out a version, in whatever spelling: reporters write `1.0.0-beta` of what its index calls `1.0.0-Beta`, and `1.0` of 1.0.0. */
function names({ versions }: Advisory, version: string, compare: (a: string, b: string) => number): boolean {
  if (versions.includes(version)) return true;
  const likely = spellings(versions).get(roughly(version)) ?? [];
  return likely.some((one) => compare(one, version) === 0);
}

/** Versions by a form that all spellings of one version share, and only a few others do: comparing them all would cost too much. */
function spellings(versions: readonly string[]): ReadonlyMap<string, readonly string[]> {
  let found = SPELLINGS.get(versions);
  if (!found) SPELLINGS.set(versions, (found = Map.groupBy(versions, roughly)));
  return found;
}

const SPELLINGS = new WeakMap<readonly string[], ReadonlyMap<string, readonly string[]>>();

function roughly(version: string): string {
  const parts =
    version
      .toLowerCase()
      .split("+", 1)[0]!
      .match(/\d+|[a-z]+/g) ?? [];
  return parts
    .map((part) => part.replace(/^0+/, ""))
    .filter((part) => part !== "" && part !== "v")
    .join(".");
}

/** Whether a version is the one that an advisory names as its fix. */
export function isFixOf(advisory: Advisory, version: string): boolean {
  return advisory.kind === "vulnerable" && advisory.ranges.some(({ fixed }) => fixed === version);
}

function coversEverything(advisory: Advisory): boolean {
  return advisory.ranges.some(({ introduced, fixed, lastAffected }) => introduced === "0" && !fixed && !lastAffected);
}

function inside(range: AdvisoryRange, version: string, compare: (a: string, b: string) => number): boolean {
  if (range.introduced !== "0" && compare(version, range.introduced) < 0) return false;
  if (range.fixed !== undefined) return compare(version, range.fixed) < 0;
  return range.lastAffected === undefined || compare(version, range.lastAffected) <= 0;
}
