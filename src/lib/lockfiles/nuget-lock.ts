import { SaxesParser } from "saxes";
import { type LockedEntry, members, text } from "./lockfile.ts";

/**
 * packages.lock.json. Its contentHash is that of the unsigned content, not of the file that registries serve, so no digests.
 * Throws a SyntaxError when it is not JSON.
 */
export function* readNugetLock(source: string): Generator<LockedEntry> {
  for (const framework of Object.values(members(members(JSON.parse(source))["dependencies"]))) {
    for (const [name, value] of Object.entries(members(framework))) {
      const { type, resolved } = members(value);
      if (text(type).toLowerCase() === "project") continue;
      yield resolved === undefined
        ? { name, why: "has no version" }
        : { type: "nuget", name, version: text(resolved), digests: [] };
    }
  }
}

/** project.assets.json and *.deps.json: their libraries. Throws a SyntaxError when it is not JSON. */
export function* readNugetLibraries(source: string): Generator<LockedEntry> {
  for (const [key, value] of Object.entries(members(members(JSON.parse(source))["libraries"]))) {
    const slash = key.indexOf("/");
    if (members(value)["type"] !== "package" || slash < 1) continue;
    yield { type: "nuget", name: key.slice(0, slash), version: key.slice(slash + 1), digests: [] };
  }
}

/** packages.config. Throws a SyntaxError when it is not XML; entities and document types mean nothing to the reader. */
export function readPackagesConfig(source: string): readonly LockedEntry[] {
  const found: LockedEntry[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw new SyntaxError(error.message);
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (name !== "package" || !attributes["id"]) return;
    const { id, version } = attributes;
    found.push(version ? { type: "nuget", name: id, version, digests: [] } : { name: id, why: "has no version" });
  });
  parser.write(source.replace(/^\ufeff/, "")).close();
  return found;
}
