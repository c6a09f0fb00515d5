import { parseSyml } from "@yarnpkg/parsers";
import { type LockedEntry, members, text } from "./lockfile.ts";
import { readNpmEntry } from "./npm-lock.ts";

/** yarn.lock of Yarn 1 and of Yarn 2 and later. Throws a SyntaxError when it is neither. */
export function* readYarnLock(source: string): Generator<LockedEntry> {
  for (const [descriptors, value] of Object.entries(members(parseSyml(source)))) {
    if (descriptors === "__metadata") continue;
    const entry = members(value);
    const resolution = text(entry["resolution"]);
    const found = resolution === "" ? fromClassic(descriptors, entry) : fromBerry(resolution, text(entry["version"]));
    if (found) yield found;
  }
}

function fromClassic(descriptors: string, entry: Readonly<Record<string, unknown>>): LockedEntry | undefined {
  const [name, range] = splitDescriptor(descriptors.split(", ")[0]!);
  // Yarn writes no address for folders of the project itself.
  if (/^(file|link|workspace):/.test(range) && text(entry["resolved"]) === "") return undefined;
  const alias = range.startsWith("npm:") ? splitDescriptor(range.slice(4))[0] : "";
  const resolved = text(entry["resolved"]);
  const [address, sha1] = resolved.split("#");
  const integrity = text(entry["integrity"]) || (/^[0-9a-f]{40}$/.test(sha1 ?? "") ? base64Sha1(sha1!) : "");
  return readNpmEntry(alias || name, text(entry["version"]), isGitRange(range) ? "git:" : (address ?? ""), integrity);
}

function fromBerry(resolution: string, version: string): LockedEntry | undefined {
  const [name, reference] = splitDescriptor(resolution);
  // A patched or virtual package stands beside the entry of what it is made from.
  if (/^(workspace|link|portal|patch|virtual):/.test(reference)) return undefined;
  if (!reference.startsWith("npm:"))
    return { name, why: /git|\.git|commit=/.test(reference) ? "comes from git" : "comes from an address of its own" };
  return { type: "npm", name, version: version || reference.slice(4), digests: [] };
}

/** `@scope/name@range` → name and range. */
function splitDescriptor(descriptor: string): [string, string] {
  const at = descriptor.indexOf("@", 1);
  return at === -1 ? [descriptor, ""] : [descriptor.slice(0, at), descriptor.slice(at + 1)];
}

function isGitRange(range: string): boolean {
  return /^git[+:@]|^(github|gitlab|bitbucket):|\.git(#|$)|^[\w.-]+\/[\w.-]+(#|$)/.test(range);
}

function base64Sha1(hex: string): string {
  return `sha1-${Buffer.from(hex, "hex").toString("base64")}`;
}
