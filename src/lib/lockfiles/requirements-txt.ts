import { hexDigests, type LockedEntry } from "./lockfile.ts";

/**
 * A requirements file (https://pip.pypa.io/en/stable/reference/requirements-file-format/): exact pins with their hashes. What is
 * not pinned, comes from an address, or stands in another file is told as elsewhere; this reads one file.
 */
export function* readRequirements(source: string): Generator<LockedEntry> {
  // Pip joins continued lines before it drops comments.
  for (const joined of source
    .replace(/^\ufeff/, "")
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n|\r/)) {
    const line = joined.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") continue;
    const entry = line.startsWith("-") ? readOption(line) : readRequirement(line);
    if (entry) yield entry;
  }
}

function readOption(line: string): LockedEntry | undefined {
  const [, option, value] = /^(--?[a-z-]+)[\s=]*(.*)$/.exec(line) ?? [];
  if (option === "-r" || option === "--requirement") return { name: value!, why: "is another file" };
  if (option !== "-e" && option !== "--editable") return undefined;
  return /^[\w+.-]+:\/\//.test(value!) ? { name: value!, why: "comes from an address of its own" } : undefined;
}

function readRequirement(line: string): LockedEntry {
  const requirement = line.split(/\s--/, 1)[0]!.split(";", 1)[0]!.trim();
  const [, name, rest] = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/s.exec(requirement) ?? [];
  if (name === undefined || rest!.startsWith("@") || /^[a-z+]+:\/\/|^\./.test(requirement)) {
    return { name: name ?? requirement, why: "comes from an address of its own" };
  }
  const version = /^\(?\s*={2,3}\s*([^\s,;)*$]+)\s*\)?$/.exec(rest!)?.[1];
  if (version === undefined) return { name, why: "has no exact version" };
  const hashes = [...line.matchAll(/--hash[=\s]+(\w+:[0-9A-Fa-f]+)/g)].map((match) => match[1]);
  return { type: "pypi", name, version, digests: hexDigests(hashes) };
}
