import { parseAllDocuments } from "yaml";
import { type LockedEntry, members, text } from "./lockfile.ts";
import { readNpmEntry } from "./npm-lock.ts";

/** pnpm-lock.yaml, lockfile versions 5 to 9. Throws a SyntaxError when it is not YAML. */
export function* readPnpmLock(source: string): Generator<LockedEntry> {
  for (const yaml of parseAllDocuments(source)) {
    if (yaml.errors[0]) throw new SyntaxError(yaml.errors[0].message.split("\n")[0]);
    const document = members(yaml.toJS());
    const slashed = Number.parseFloat(String(document["lockfileVersion"])) < 6;
    for (const [key, value] of Object.entries(members(document["packages"]))) {
      const entry = readEntry(key, members(value), slashed);
      if (entry) yield entry;
    }
  }
}

function readEntry(key: string, entry: Readonly<Record<string, unknown>>, slashed: boolean): LockedEntry | undefined {
  const resolution = members(entry["resolution"]);
  const [keyName, keyVersion] = slashed ? splitSlashed(key) : splitAt(key);
  const name = text(entry["name"]) || keyName;
  if (resolution["type"] === "directory" || keyVersion.startsWith("link:")) return undefined;
  if (resolution["type"] === "git" || resolution["repo"] !== undefined) return { name, why: "comes from git" };
  const own = /^(https?|file):/.test(keyVersion) ? keyVersion : "";
  const version = text(entry["version"]) || (own ? "" : keyVersion);
  return readNpmEntry(name, version, text(resolution["tarball"]) || own, text(resolution["integrity"]));
}

/** Versions 6 and later: `/name@1.0.0(peer@2)` or without the slash. */
function splitAt(key: string): [string, string] {
  const plain = key.replace(/^\//, "").replace(/\(.*$/s, "");
  const at = plain.indexOf("@", 1);
  return at === -1 ? [plain, ""] : [plain.slice(0, at), plain.slice(at + 1)];
}

/** Version 5: `/name/1.0.0_peer@2`, or with the registry's host in front. */
function splitSlashed(key: string): [string, string] {
  const parts = key.replace(/^\//, "").split("/");
  if (!key.startsWith("/") && parts.length > 2) parts.shift();
  const scoped = parts[0]?.startsWith("@") === true;
  const version = (parts[scoped ? 2 : 1] ?? "").replace(/[_(].*$/s, "");
  return [scoped ? `${parts[0]}/${parts[1] ?? ""}` : (parts[0] ?? ""), version];
}
