import type { EcosystemId } from "../../catalog/model.ts";
import { ECOSYSTEMS } from "../../ecosystems/index.ts";
import type { PopularList } from "../../inspection/names/popular.ts";
import { MOST_POPULAR_NAMES, readPopularList } from "../../inspection/names/popular.ts";
import type { Archive } from "../../lib/archives/archive.ts";

/** A package that carries a list of popular names, and how the list is read out of it. */
export interface NamesSource {
  readonly ecosystem: EcosystemId;
  /** The registry that has the package. */
  readonly registry: EcosystemId;
  readonly name: string;
  readonly licence: string;
  /** Files of the package that hold the list: the end of their name. */
  readonly filename: RegExp;
  /** Names and, where the file says so, the day that they are of. Throws for a file of another form. */
  read(archive: Archive): { readonly names: readonly string[]; readonly asOf?: string };
}

/** NuGet has no such package; its list is kept by hand with the program. */
export const SOURCES: readonly NamesSource[] = [
  {
    ecosystem: "npm",
    registry: "npm",
    name: "npm-high-impact",
    licence: "MIT",
    filename: /\.tgz$/,
    read(archive) {
      const text = textOf(archive, "/lib/top.js");
      return { names: [...text.matchAll(/'([^'\n]{1,214})'/g)].map(([, name]) => name!) };
    },
  },
  {
    ecosystem: "pypi",
    registry: "pypi",
    name: "guarddog",
    licence: "Apache-2.0",
    filename: /\.whl$/,
    read(archive) {
      const { downloaded_timestamp: seconds, packages } = JSON.parse(
        textOf(archive, "/resources/top_pypi_packages.json"),
      );
      if (!Array.isArray(packages)) throw new Error("its list of names has another form");
      const asOf = Number.isSafeInteger(seconds) ? { asOf: dayOf(seconds * 1_000) } : {};
      return { names: packages.map(String), ...asOf };
    },
  },
];

/** The list in a package's archive, checked and normalised. `publishedAt` is its day where the list names none, epoch milliseconds. */
export function listOf(source: NamesSource, version: string, archive: Archive, publishedAt: number): PopularList {
  const { names, asOf } = source.read(archive);
  const { normalizeName } = ECOSYSTEMS[source.ecosystem];
  const normal = new Set<string>();
  for (const name of names.slice(0, MOST_POPULAR_NAMES)) {
    try {
      normal.add(normalizeName(name).toLowerCase());
    } catch {
      // Old names that clients no longer take cannot be imitated either.
    }
  }
  const list = {
    ecosystem: source.ecosystem,
    source: `${source.name} ${version}`,
    licence: source.licence,
    asOf: asOf ?? dayOf(publishedAt),
    names: [...normal].join(" "),
  };
  return readPopularList(list, source.ecosystem);
}

/** Best-known names that a new list has to have in common with the one in use, and how many of them. */
const COMPARED = 1_000;
const LEAST_COMMON = 0.6;

/** Why a list is not believed after the one in use: a list that was tampered with hides what imitates the names it lacks. */
export function doubtAbout(list: PopularList, inUse: PopularList): string | undefined {
  const best = inUse.names.split(" ").slice(0, COMPARED);
  const names = new Set(list.names.split(" "));
  const common = best.filter((name) => names.has(name)).length;
  return common >= best.length * LEAST_COMMON
    ? undefined
    : `it has only ${common} of the ${best.length} best-known names of the list in use`;
}

function textOf(archive: Archive, end: string): string {
  const entry = archive.entries.find(({ path }) => path.endsWith(end));
  if (entry === undefined) throw new Error(`it holds no ${end.slice(1)}`);
  return entry.bytes.toString("utf8");
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
