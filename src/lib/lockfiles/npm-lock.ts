import { digestsOfIntegrity, type LockedEntry, members, text } from "./lockfile.ts";

/** Nested dependencies of lockfile version 1; npm itself stays far below. */
const MAX_DEPTH = 200;

/** package-lock.json and npm-shrinkwrap.json, lockfile versions 1 to 3. Throws a SyntaxError when it is not JSON. */
export function* readNpmLock(source: string): Generator<LockedEntry> {
  const document = members(JSON.parse(source));
  if (document["packages"] !== undefined) yield* fromPaths(members(document["packages"]));
  else yield* fromTree(members(document["dependencies"]), 0);
}

function* fromPaths(packages: Readonly<Record<string, unknown>>): Generator<LockedEntry> {
  for (const [path, value] of Object.entries(packages)) {
    const folder = path.lastIndexOf("node_modules/");
    const entry = members(value);
    // Outside node_modules: the project itself and its workspaces. A link points at one of those; what is bundled lies in its parent's tarball.
    if (folder === -1 || entry["link"] === true || entry["inBundle"] === true) continue;
    const name = text(entry["name"]) || path.slice(folder + "node_modules/".length);
    yield readNpmEntry(name, text(entry["version"]), text(entry["resolved"]), text(entry["integrity"]));
  }
}

function* fromTree(dependencies: Readonly<Record<string, unknown>>, depth: number): Generator<LockedEntry> {
  if (depth > MAX_DEPTH) throw new SyntaxError(`dependencies are nested deeper than ${MAX_DEPTH}`);
  for (const [name, value] of Object.entries(dependencies)) {
    const entry = members(value);
    const version = text(entry["version"]);
    if (entry["bundled"] !== true && !version.startsWith("file:")) {
      const alias = /^npm:(.+)@([^@]+)$/.exec(version);
      const resolved = text(entry["resolved"]) || (/^[\w+.-]+:/.test(version) && !alias ? version : "");
      yield readNpmEntry(alias?.[1] ?? name, alias?.[2] ?? version, resolved, text(entry["integrity"]));
    }
    yield* fromTree(members(entry["dependencies"]), depth + 1);
  }
}

/** One package of the npm world: pinned on a registry, or from elsewhere by its resolved address. */
export function readNpmEntry(name: string, version: string, resolved: string, integrity: string): LockedEntry {
  const digests = digestsOfIntegrity(integrity);
  if (/^git[+:@]|^(github|gitlab|bitbucket|gist):|\.git(#|$)|:\/\/codeload\./.test(resolved))
    return { name, why: "comes from git" };
  if (/^(file|link|portal):/.test(resolved)) return { name, why: "comes from a file" };
  // Registries serve tarballs below `/-/`; another address may still hold the registry's bytes, which the digest shows.
  if (/^https?:/.test(resolved) && !resolved.includes("/-/") && digests.length === 0) {
    return { name, why: "comes from an address of its own and has no digest" };
  }
  return version === "" ? { name, why: "has no version" } : { type: "npm", name, version, digests };
}
