import { parse } from "smol-toml";
import type { Manifest } from "./model.ts";
import { manifestText, type Placed } from "./placed.ts";

const MOST_HEADERS = 20_000;

/** Reads METADATA or PKG-INFO: headers as in mail, lower-case names, up to the first empty line. `raw` is name → values. */
export function readHeaders(file: Placed, hooks: Readonly<Record<string, string>>): Manifest {
  const headers = headersOf(manifestText(file));
  const first = (name: string) => headers.get(name)?.[0];
  const urls = projectUrls(headers.get("project-url") ?? []);
  const homepage = first("home-page") ?? urls.find(([label]) => /^home/.test(label))?.[1];
  const repository = urls.find(([label]) => /source|repo|code|github/.test(label))?.[1];
  const description = first("summary");
  return {
    path: file.path,
    name: first("name") ?? "",
    version: first("version") ?? "",
    hooks,
    dependencies: Object.fromEntries(
      (headers.get("requires-dist") ?? headers.get("requires") ?? []).map(readRequirement),
    ),
    ...(homepage === undefined ? {} : { homepage }),
    ...(repository === undefined ? {} : { repository }),
    authors: ["author", "author-email", "maintainer", "maintainer-email"].flatMap((name) => headers.get(name) ?? []),
    ...(description === undefined ? {} : { description }),
    raw: Object.fromEntries(headers),
  };
}

function headersOf(text: string): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of text.split(/\r?\n/, MOST_HEADERS)) {
    if (line === "") break;
    const header = /^([A-Za-z][\w-]{0,100}):[ \t]*(.*)$/.exec(line);
    if (header !== null) {
      const name = header[1]!.toLowerCase();
      values = headers.get(name) ?? [];
      headers.set(name, values);
      values.push(header[2]!.trimEnd());
    } else if (values !== undefined) {
      values.push(`${values.pop()}\n${line.trim()}`);
    }
  }
  if (headers.size === 0) throw new Error("It has no headers");
  return headers;
}

function projectUrls(values: readonly string[]): (readonly [string, string])[] {
  return values.map((value) => {
    const comma = value.indexOf(",");
    return [value.slice(0, Math.max(0, comma)).trim().toLowerCase(), value.slice(comma + 1).trim()];
  });
}

function readRequirement(value: string): [string, string] {
  const name = /^[\w.-]{1,200}/.exec(value.trim())?.[0] ?? value.slice(0, 200);
  return [name, value.trim().slice(name.length).trim()];
}

/** Builders that projects use every day; any other one, or one inside the project, is worth telling. */
const KNOWN_BACKENDS = new Set(
  `setuptools.build_meta setuptools.build_meta:__legacy__ flit_core.buildapi flit.buildapi flit_scm:buildapi hatchling.build
poetry.core.masonry.api poetry.masonry.api poetry_dynamic_versioning.backend pdm.backend pdm.pep517.api maturin mesonpy
scikit_build_core.build scikit_build_core.setuptools.build_meta uv_build pbr.build sipbuild.api py_build_cmake.build enscons.api
jupyter_packaging.build_api whey trampolim`.split(/\s+/),
);

/** What pyproject.toml says of building; `undefined` when there is none or it cannot be read. */
interface BuildSystem {
  readonly backend: string | undefined;
  /** Folders of the project that the backend is imported from. */
  readonly inTree: readonly string[];
  readonly requires: readonly string[];
  readonly project: Readonly<Record<string, unknown>>;
}

/** Commands that installing an sdist runs: its setup.py, and a builder that is unusual or part of the project. */
export function pythonHooks(files: readonly Placed[]): Record<string, string> {
  const hooks: [string, string][] = [];
  if (files.some(({ place }) => place === "setup.py")) hooks.push(["setup.py", "python setup.py"]);
  const { backend, inTree } = buildSystem(files) ?? {};
  if (backend !== undefined && ((inTree?.length ?? 0) > 0 || !KNOWN_BACKENDS.has(backend))) {
    hooks.push(["build-backend", backend]);
  }
  return Object.fromEntries(hooks);
}

/** Places where the module of an in-tree builder can be. */
export function backendPlaces(files: readonly Placed[]): readonly string[] {
  const { backend, inTree = [] } = buildSystem(files) ?? {};
  if (backend === undefined) return [];
  const module = backend.split(":", 1)[0]!.replaceAll(".", "/");
  return inTree.flatMap((folder) => {
    const base = folder === "." || folder === "" ? "" : `${folder.replace(/^\.\//, "").replace(/\/+$/, "")}/`;
    return [`${base}${module}.py`, `${base}${module}/__init__.py`];
  });
}

/** For an sdist without PKG-INFO, as attackers pack them: what its name and its pyproject.toml tell. */
export function standInManifest(files: readonly Placed[], filename: string): Manifest | undefined {
  const file = files.find(({ place }) => place === "setup.py") ?? files.find(({ place }) => place === "pyproject.toml");
  if (file === undefined) return undefined;
  const system = buildSystem(files);
  const named = /^(.{1,200})-([^-]{1,100}?)(?:\.tar\.gz|\.tgz|\.zip|\.tar)?$/.exec(filename);
  const declared = system?.project ?? {};
  const requires = [...(system?.requires ?? []), ...strings(declared["dependencies"])];
  return {
    path: file.path,
    name: typeof declared["name"] === "string" ? declared["name"] : (named?.[1] ?? ""),
    version: typeof declared["version"] === "string" ? declared["version"] : (named?.[2] ?? ""),
    hooks: pythonHooks(files),
    dependencies: Object.fromEntries(requires.map(readRequirement)),
    authors: [],
    raw: declared,
  };
}

function buildSystem(files: readonly Placed[]): BuildSystem | undefined {
  const file = files.find(({ place }) => place === "pyproject.toml");
  if (file === undefined || file.bytes.length > 1 << 20) return undefined;
  try {
    const document = parse(manifestText(file)) as Readonly<Record<string, unknown>>;
    const build = (document["build-system"] ?? {}) as Readonly<Record<string, unknown>>;
    const backend = build["build-backend"];
    return {
      backend: typeof backend === "string" ? backend : undefined,
      inTree: strings(build["backend-path"]),
      requires: strings(build["requires"]),
      project: (document["project"] ?? {}) as Readonly<Record<string, unknown>>,
    };
  } catch {
    return undefined;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
