import { parse as parseToml } from "smol-toml";
import { parseAllDocuments } from "yaml";
import { plainJson } from "../../lib/lockfiles/bun-lock.ts";
import { items, members, text } from "../../lib/lockfiles/lockfile.ts";

/** An http(s) address from which a lock file's package, or all of them, are to come. */
export interface LockedAddress {
  /** The package, or the setting that names an index. */
  readonly name: string;
  readonly url: string;
  /** `file`: where the client fetches one file; `index`: where it looks up. `direct`: no registry at all. */
  readonly kind: "file" | "index" | "direct";
}

const FORMATS: readonly { readonly names: RegExp; read(source: string): Iterable<LockedAddress> }[] = [
  { names: /^(\.?package-lock|npm-shrinkwrap)\.json$/, read: readNpmLock },
  { names: /^yarn\.lock$/, read: readYarnLock },
  { names: /^pnpm-lock.*\.yaml$/, read: readPnpmLock },
  { names: /^bun\.lock$/, read: readBunLock },
  { names: /^deno\.lock$/, read: readDenoLock },
  { names: /^((poetry|pdm.*|uv)\.lock|pylock(\..+)?\.toml)$/, read: readPythonToml },
  { names: /^Pipfile\.lock$/, read: readPipfileLock },
  { names: /^(?:.*requirements.*|constraints.*)\.(?:txt|in)$/, read: readRequirements },
];

/** Whether a file is a lock file that can name addresses. */
export function isLockWithAddresses(filename: string): boolean {
  return FORMATS.some(({ names }) => names.test(filename));
}

/** The addresses that a lock file names, at most `most`; undefined when it cannot be read as what its name says. */
export function lockedAddresses(filename: string, source: string, most: number): readonly LockedAddress[] | undefined {
  const found: LockedAddress[] = [];
  try {
    for (const one of FORMATS.find(({ names }) => names.test(filename))?.read(source) ?? []) {
      if (found.length >= most) return undefined;
      found.push(one);
    }
  } catch {
    return undefined;
  }
  return found;
}

/** Nested dependencies of lockfile version 1. */
const MAX_DEPTH = 200;

function* readNpmLock(source: string): Generator<LockedAddress> {
  const document = members(JSON.parse(source));
  for (const [path, value] of Object.entries(members(document["packages"]))) {
    const { name, version, resolved } = members(value);
    yield* npmFile(`${text(name) || path.replace(/^.*node_modules\//, "")}@${text(version)}`, text(resolved));
  }
  if (document["packages"] === undefined) yield* readNpmTree(members(document["dependencies"]), 0);
}

function* readNpmTree(dependencies: Readonly<Record<string, unknown>>, depth: number): Generator<LockedAddress> {
  if (depth > MAX_DEPTH) throw new SyntaxError(`dependencies are nested deeper than ${MAX_DEPTH}`);
  for (const [name, value] of Object.entries(dependencies)) {
    const entry = members(value);
    const version = text(entry["version"]);
    yield* npmFile(`${name}@${version}`, text(entry["resolved"]) || version);
    yield* readNpmTree(members(entry["dependencies"]), depth + 1);
  }
}

/** Registries serve tarballs below `/-/`; anything else is an address of its own. */
function* npmFile(name: string, url: string): Generator<LockedAddress> {
  if (/^https?:/i.test(url)) yield { name, url, kind: url.includes("/-/") ? "file" : "direct" };
  else if (/^git[+:@]|^(github|gitlab|bitbucket|gist):/.test(url)) yield { name, url, kind: "direct" };
}

function* readYarnLock(source: string): Generator<LockedAddress> {
  let name = "";
  for (const line of source.split(/\r?\n/)) {
    if (/^[^\s#]/.test(line)) name = line.replace(/^"|"?:$/g, "").split(/", "|, /, 1)[0]!;
    const [, key, value] = /^ {2}"?(resolved|resolution)"?:? "([^"]*)"/.exec(line) ?? [];
    if (key === "resolved") yield* npmFile(name, value!.replace(/#[0-9a-f]*$/, ""));
    if (key === "resolution") yield* berryFile(name, value!);
  }
}

/** Yarn 4 writes an address only where it is not the registry's usual one, or no registry's at all. */
function* berryFile(name: string, resolution: string): Generator<LockedAddress> {
  const archive = /::.*__archiveUrl=([^&"]+)/.exec(resolution)?.[1];
  const reference = resolution.slice(resolution.indexOf("@", 1) + 1);
  if (archive !== undefined) yield { name, url: decodeURIComponent(archive), kind: "file" };
  else if (/^(https?:|git[+:@])/.test(reference)) yield { name, url: reference, kind: "direct" };
}

function* readPnpmLock(source: string): Generator<LockedAddress> {
  for (const yaml of parseAllDocuments(source)) {
    if (yaml.errors[0]) throw new SyntaxError(yaml.errors[0].message);
    for (const [key, value] of Object.entries(members(members(yaml.toJS())["packages"]))) {
      const { tarball, repo } = members(members(value)["resolution"]);
      const name = key.replace(/^\//, "").replace(/\(.*$/s, "");
      if (text(repo) !== "") yield { name, url: text(repo), kind: "direct" };
      else yield* npmFile(name, text(tarball));
    }
  }
}

function* readBunLock(source: string): Generator<LockedAddress> {
  for (const value of Object.values(members(members(JSON.parse(plainJson(source)))["packages"]))) {
    const [resolution, url] = items(value).map(text);
    const reference = (resolution ?? "").slice((resolution ?? "").indexOf("@", 1) + 1);
    if (/^(https?:|git[+:@]|github:)/.test(reference)) yield { name: resolution!, url: reference, kind: "direct" };
    else yield* npmFile(resolution ?? "", url ?? "");
  }
}

function* readDenoLock(source: string): Generator<LockedAddress> {
  const document = members(JSON.parse(source));
  for (const [name, value] of Object.entries(members(document["npm"])))
    yield* npmFile(name, text(members(value)["tarball"]));
  for (const name of Object.keys(members(document["jsr"]))) yield { name, url: `jsr:${name}`, kind: "direct" };
  for (const url of Object.keys(members(document["remote"]))) yield { name: url, url, kind: "direct" };
}

/** poetry.lock, pdm.lock, uv.lock and pylock.toml: the index of each package and, in most, the address of each file. */
function* readPythonToml(source: string): Generator<LockedAddress> {
  const document = members(parseToml(source));
  for (const value of [...items(document["package"]), ...items(document["packages"])]) {
    const entry = members(value);
    const name = `${text(entry["name"])}@${text(entry["version"])}`;
    const from = { ...members(entry["source"]), ...members(entry["vcs"]), ...members(entry["archive"]) };
    const direct =
      text(from["git"]) ||
      (["git", "url"].includes(text(from["type"])) || "vcs" in entry || "archive" in entry ? text(from["url"]) : "") ||
      text(entry["git"]);
    if (direct !== "") yield { name, url: direct, kind: "direct" };
    const index =
      text(from["registry"]) || text(entry["index"]) || (text(from["type"]) === "legacy" ? text(from["url"]) : "");
    if (/^https?:/i.test(index)) yield { name, url: index, kind: "index" };
    for (const file of [...items(entry["files"]), ...items(entry["wheels"]), entry["sdist"]].map(members))
      if (/^https?:/i.test(text(file["url"]))) yield { name, url: text(file["url"]), kind: "file" };
  }
}

function* readPipfileLock(source: string): Generator<LockedAddress> {
  const document = members(JSON.parse(source));
  for (const value of items(members(document["_meta"])["sources"])) {
    const { name, url } = members(value);
    if (/^https?:/i.test(text(url))) yield { name: `source ${text(name)}`, url: text(url), kind: "index" };
  }
  for (const [group, packages] of Object.entries(document))
    for (const [name, value] of group === "_meta" ? [] : Object.entries(members(packages))) {
      const url = text(members(value)["git"]) || text(members(value)["file"]);
      if (/^(https?|git|ssh)[+:]/.test(url)) yield { name, url, kind: "direct" };
    }
}

function* readRequirements(source: string): Generator<LockedAddress> {
  for (const joined of source.replace(/\\\r?\n/g, " ").split(/\r?\n|\r/)) {
    const line = joined.replace(/(^|\s)#.*$/, "").trim();
    const [, option, value] = /^(-i|-f|--index-url|--extra-index-url|--find-links)[\s=]*(\S+)/.exec(line) ?? [];
    if (option !== undefined && /^https?:/i.test(value!)) yield { name: option, url: value!, kind: "index" };
    else if (option === undefined) yield* directRequirement(line);
  }
}

function* directRequirement(line: string): Generator<LockedAddress> {
  const requirement = line.replace(/^(-e|--editable)[\s=]*/, "");
  const [, url] =
    /^(?:[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@\s*)?((?:(?:git|hg|svn|bzr)\+|https?:)\S+)/i.exec(requirement) ?? [];
  if (url === undefined) return;
  const name = /^[A-Za-z0-9][\w.-]*(?=\s*(?:\[[^\]]*\])?\s*@)/.exec(requirement)?.[0] ?? url;
  yield { name, url, kind: "direct" };
}
