import type { Manifest } from "./model.ts";
import { manifestText, type Placed } from "./placed.ts";
import { findXml, readXml, type XmlNode } from "./xml.ts";

/** Scripts and build files that NuGet, Visual Studio or MSBuild run of a package once it is referenced. */
export const NUGET_HOOK =
  /^(?:tools\/(?:[^/]+\/)?(?:init|install|uninstall)\.ps1|build(?:transitive|multitargeting|crosstargeting)?\/.+\.(?:props|targets))$/i;

/** Reads a .nuspec; throws on XML that is malformed or has a document type. */
export function readNuspec(file: Placed, files: readonly Placed[]): Manifest {
  const raw = readXml(manifestText(file));
  const metadata = findXml(raw, "metadata")[0];
  if (metadata === undefined) throw new Error("It has no metadata");
  const homepage = textAt(metadata, "projectUrl");
  const repository = findXml(metadata, "repository")[0]?.attributes["url"];
  const description = textAt(metadata, "description");
  const hooks = files.filter(({ place }) => NUGET_HOOK.test(place)).map(({ place, path }) => [place, path]);
  return {
    path: file.path,
    name: textAt(metadata, "id") ?? "",
    version: textAt(metadata, "version") ?? "",
    hooks: Object.fromEntries(hooks),
    dependencies: Object.fromEntries(dependenciesOf(metadata)),
    ...(homepage === undefined ? {} : { homepage }),
    ...(repository === undefined ? {} : { repository }),
    authors: [textAt(metadata, "authors"), textAt(metadata, "owners")]
      .flatMap((list) => list?.split(",") ?? [])
      .map((name) => name.trim()),
    ...(description === undefined ? {} : { description }),
    raw,
  };
}

function textAt(node: XmlNode, name: string): string | undefined {
  return findXml(node, name)[0]?.text || undefined;
}

function dependenciesOf(metadata: XmlNode): (readonly [string, string])[] {
  const all = [
    ...findXml(metadata, "dependencies", "dependency"),
    ...findXml(metadata, "dependencies", "group", "dependency"),
  ];
  return all.map(({ attributes }) => [attributes["id"] ?? "", attributes["version"] ?? ""]);
}
