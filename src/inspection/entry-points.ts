import type { Manifest, ReleaseTree } from "./model.ts";

const MOST = 500;

/** What users of a package run or load by name: npm's main, exports and bin, Python's entry points, NuGet's build files. Bounded. */
export function entryPointsOf(tree: ReleaseTree): Readonly<Record<string, string>> {
  const { manifest } = tree;
  const found =
    tree.form === "npm" && manifest ? ofPackageJson(manifest) : tree.form === "nupkg" ? ofNupkg(tree) : ofPython(tree);
  return Object.fromEntries(found.slice(0, MOST));
}

type Entries = [string, string][];

function ofPackageJson({ raw }: Manifest): Entries {
  const document = (raw ?? {}) as Readonly<Record<string, unknown>>;
  const { bin, exports } = document;
  const main = ["main", "module", "browser"].flatMap((key): Entries => named(key, document[key]));
  const bins = typeof bin === "string" ? named("bin", bin) : members(bin).flatMap(([k, v]) => named(`bin ${k}`, v));
  const subpaths = typeof exports === "string" ? named("exports", exports) : members(exports).flatMap(ofSubpath);
  return [...main, ...bins, ...subpaths];
}

function ofSubpath([name, value]: [string, unknown]): Entries {
  if (typeof value === "string") return named(`exports ${name}`, value);
  return members(value).flatMap(([condition, target]) => named(`exports ${name} ${condition}`, target));
}

function named(name: string, value: unknown): Entries {
  return typeof value === "string" ? [[name, value]] : [];
}

function members(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value).slice(0, MOST) : [];
}

/** `group name = module:object` of entry_points.txt (https://packaging.python.org/specifications/entry-points/). */
function ofPython(tree: ReleaseTree): Entries {
  const file = tree.files.find(({ place }) => /^(?:[^/]{1,300}\.(?:dist|egg)-info\/)entry_points\.txt$/.test(place));
  const entries: Entries = [];
  let group = "";
  for (const line of file?.text.slice(0, 64 << 10).split("\n", MOST) ?? []) {
    const heading = /^\[([^\]]{1,200})\]/.exec(line.trim())?.[1];
    const at = line.indexOf("=");
    if (heading !== undefined) group = heading;
    else if (at > 0) entries.push([`${group} ${line.slice(0, at).trim()}`, line.slice(at + 1).trim()]);
  }
  return entries;
}

/** Everything that NuGet or MSBuild runs or loads by its place. */
function ofNupkg(tree: ReleaseTree): Entries {
  return tree.files
    .filter(({ place, layer }) => layer === undefined && /^(?:build\w*|tools|analyzers)\//i.test(place))
    .filter(({ phase }) => phase === "install" || phase === "import")
    .map(({ place, phase }) => [place, phase]);
}
