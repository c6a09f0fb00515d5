import { hexDigests, items, type LockedEntry, members, text } from "./lockfile.ts";

/** Pipfile.lock: the default, develop and further groups. Throws a SyntaxError when it is not JSON. */
export function* readPipfileLock(source: string): Generator<LockedEntry> {
  for (const [group, packages] of Object.entries(members(JSON.parse(source)))) {
    if (group === "_meta") continue;
    for (const [name, value] of Object.entries(members(packages))) {
      const entry = members(value);
      const version = /^===?(.+)$/.exec(text(entry["version"]))?.[1]?.trim();
      if ("git" in entry || "ref" in entry) yield { name, why: "comes from git" };
      else if ("file" in entry) yield { name, why: "comes from a file" };
      else if ("path" in entry || entry["editable"] === true) continue;
      else if (version === undefined) yield { name, why: "has no exact version" };
      else yield { type: "pypi", name, version, digests: hexDigests(items(entry["hashes"])) };
    }
  }
}
