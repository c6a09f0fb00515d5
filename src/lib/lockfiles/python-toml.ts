import { parse } from "smol-toml";
import { hexDigests, items, type LockedEntry, members, text } from "./lockfile.ts";

/** poetry.lock, pdm.lock, uv.lock and pylock.toml (PEP 751). Throws a SyntaxError when it is not TOML. */
export function* readPythonToml(source: string): Generator<LockedEntry> {
  const document = members(parse(source));
  const oldPoetryFiles = members(members(document["metadata"])["files"]);
  for (const value of [...items(document["package"]), ...items(document["packages"])]) {
    const entry = members(value);
    const name = text(entry["name"]);
    const version = text(entry["version"]);
    const origin = originOf(entry);
    if (name === "" || origin === "own") continue;
    if (origin !== "registry") yield { name, why: `comes from ${origin}` };
    else if (version === "") yield { name, why: "has no version" };
    else yield { type: "pypi", name, version, digests: digestsOf(entry, items(oldPoetryFiles[name])) };
  }
}

/** `own` is the project itself or a part of it. */
function originOf(
  entry: Readonly<Record<string, unknown>>,
): "registry" | "own" | "git" | "an address of its own" | "a file" {
  const source = members(entry["source"]);
  const says = (word: string) => word in source || source["type"] === word || word in entry;
  if (says("virtual") || says("editable") || says("directory") || entry["editable"] === true) return "own";
  if (says("git") || says("vcs") || says("hg") || says("svn")) return "git";
  if (says("archive") || (says("url") && source["type"] !== "legacy")) return "an address of its own";
  return says("path") || source["type"] === "file" ? "a file" : "registry";
}

function digestsOf(entry: Readonly<Record<string, unknown>>, oldPoetryFiles: readonly unknown[]): string[] {
  const files = [...items(entry["files"]), ...items(entry["wheels"]), entry["sdist"], ...oldPoetryFiles].map(members);
  return files.flatMap((file) => [
    ...hexDigests([file["hash"]]),
    ...hexDigests(Object.entries(members(file["hashes"])).map(([algorithm, hex]) => `${algorithm}:${text(hex)}`)),
  ]);
}
