import type { EcosystemId } from "../catalog/model.ts";
import type { ReleaseTree } from "./model.ts";

/** How the files came: in a zip, in a tar, or loose in a folder. */
export type Container = "zip" | "tar" | "loose";

/** What an artifact is, and where installing would put its members. */
export interface Layout {
  readonly form: ReleaseTree["form"];
  readonly ecosystem: ReleaseTree["ecosystem"];
  /**
   * A member's path as installing sees it: npm drops the first folder whatever its name; pip drops it when all members of an
   * sdist share it; a wheel's `*.data/purelib/` becomes the root; NuGet undoes percent escapes.
   */
  place(path: string): string;
}

const ECOSYSTEM_OF_FORM = { sdist: "pypi", wheel: "pypi", npm: "npm", nupkg: "nuget" } as const;

/** Tells the form from the members; `ecosystem` decides only where the content would be valid for several. */
export function layoutOf(
  paths: readonly string[],
  container: Container,
  ecosystem: EcosystemId | undefined,
  given?: ReleaseTree["form"],
): Layout {
  const form = given ?? formOf(paths, container, ecosystem);
  const found = form === "other" ? "unknown" : ECOSYSTEM_OF_FORM[form];
  return { form, ecosystem: ecosystem ?? found, place: placeIn(form, paths, container) };
}

function formOf(paths: readonly string[], container: Container, ecosystem: EcosystemId | undefined): Layout["form"] {
  const possible: Layout["form"][] = [];
  if (container !== "tar") {
    if (paths.some((path) => /^[^/]+\.dist-info\/(?:METADATA|WHEEL)$/.test(path))) possible.push("wheel");
    if (paths.some((path) => /^[^/]+\.nuspec$/i.test(path))) possible.push("nupkg");
  }
  const roots = new Set(paths.filter((path) => path.split("/", 3).length <= 2).map((path) => nameAtTop(path)));
  const python = roots.has("PKG-INFO") || roots.has("setup.py") || roots.has("pyproject.toml");
  const node = container !== "zip" && roots.has("package.json");
  if (node && (!python || paths.includes("package/package.json"))) possible.push("npm");
  if (python) possible.push("sdist");
  if (node) possible.push("npm");
  return possible.find((form) => form !== "other" && ECOSYSTEM_OF_FORM[form] === ecosystem) ?? possible[0] ?? "other";
}

function nameAtTop(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

function placeIn(form: Layout["form"], paths: readonly string[], container: Container): Layout["place"] {
  const top = singleTop(paths);
  if (form === "npm" && container !== "loose") return (path) => nameAtTop(path);
  if (form === "wheel") return (path) => path.replace(/^[^/]{1,300}\.data\/(?:purelib|platlib)\//, "");
  if (form === "nupkg") return unescapePart;
  return top === undefined ? (path) => path : (path) => path.slice(top.length);
}

/** The folder, with its slash, that all members are in. */
function singleTop(paths: readonly string[]): string | undefined {
  const first = paths[0];
  if (first === undefined || !first.includes("/")) return undefined;
  const top = first.slice(0, first.indexOf("/") + 1);
  return paths.every((path) => path.startsWith(top)) ? top : undefined;
}

function unescapePart(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
