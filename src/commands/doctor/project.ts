import { basename, relative, sep } from "node:path";
import type { EcosystemId } from "../../catalog/model.ts";
import { withoutCredentials } from "../../lib/secret.ts";
import { type Address, addressesIn, isSettingsFile } from "./addresses.ts";
import { isPlain, registryAt, removeFrom, setIn } from "./fixes.ts";
import { type LockedAddress, lockedAddresses } from "./locked-addresses.ts";
import type { Machine } from "./model.ts";
import { isBelow, type Prober } from "./probe.ts";
import type { FileReport } from "./report.ts";
import { findFiles } from "./walk.ts";

/** What a project's files are held against. */
export interface ProjectCheck {
  readonly machine: Machine;
  readonly probe: Prober;
  /** The gate's URLs by ecosystem. */
  readonly bases: Readonly<Record<EcosystemId, string>>;
  /** Every URL below which the gate is known to be. */
  readonly roots: readonly string[];
  /** Ecosystems whose files are looked at. */
  readonly ecosystems: ReadonlySet<EcosystemId>;
  /** Settings that a client has told already, as `KEY in PATH`. */
  readonly told: ReadonlySet<string>;
  /** Whether npm asks its registry for what a package-lock says comes from a host; undefined where nobody can say. */
  npmReplaces(): Promise<((host: string) => boolean) | undefined>;
}

/** Entries read of one lock file. */
const MOST_ENTRIES = 500_000;

/** The lock and settings files below the project's folder that lead past the gate, in the order of their paths. */
export async function reportProject(check: ProjectCheck): Promise<{ files: FileReport[]; filesRead: number }> {
  const { machine } = check;
  const { files: all, isPartial } = await findFiles(machine.folder);
  const files = all.filter((path) => check.ecosystems.has(ecosystemOf(basename(path))));
  const reports: FileReport[] = [];
  for (const path of files) {
    const source = await machine.read(path);
    const name = relative(machine.folder, path).split(sep).join("/");
    if (source === undefined)
      reports.push({ file: name, verdict: "unknown", says: "it cannot be read, or is too large" });
    else if (isSettingsFile(basename(path))) reports.push(...(await reportSettings(check, path, name, source)));
    else reports.push(...(await reportLock(check, name, source)));
  }
  if (isPartial)
    reports.push({ file: ".", verdict: "unknown", says: "it holds more folders or files than are looked at" });
  return { files: reports, filesRead: files.length };
}

async function reportSettings(check: ProjectCheck, path: string, file: string, source: string): Promise<FileReport[]> {
  const addresses = addressesIn(basename(path), source, check.machine.env);
  if (addresses === undefined) return [{ file, verdict: "unknown", says: "it cannot be read as what its name says" }];
  const reports: FileReport[] = [];
  for (const address of addresses.filter(({ kind }) => kind !== "direct")) {
    const { key, url, kind } = address;
    const ecosystem = ecosystemOf(basename(path));
    if (check.told.has(`${key} in ${path}`)) continue;
    const { verdict, why } = await check.probe(url, ecosystem);
    if (verdict !== "bypasses" && verdict !== "unknown") continue;
    const fix =
      kind === "extra" ? removeFrom(file, key) : setIn(file, key, registryAt(ecosystem, check.bases[ecosystem]));
    reports.push({ file, ...place(source, url), verdict, says: `${key}: ${why}`, url: shown(url), fix });
  }
  const direct = addresses.filter(({ kind, url }) => kind === "direct" && !isBelow(url, check.roots));
  return direct.length > 0 ? [...reports, directReport(file, source, direct)] : reports;
}

function directReport(file: string, source: string, direct: readonly Pick<Address, "key" | "url">[]): FileReport {
  const [first] = direct;
  const names = direct.slice(0, 3).map(({ key }) => key);
  const more = direct.length > names.length ? ` and ${direct.length - names.length} more` : "";
  return {
    file,
    ...place(source, first!.url),
    verdict: "bypasses",
    says: `${count(direct.length, "dependency", "dependencies")} from git or an address instead of a registry: ${names.join(", ")}${more}`,
    url: shown(first!.url),
    fix: "depend on releases of a registry instead; the gate sees nothing of these",
  };
}

async function reportLock(check: ProjectCheck, file: string, source: string): Promise<FileReport[]> {
  const locked = lockedAddresses(basename(file), source, MOST_ENTRIES);
  if (locked === undefined) return [{ file, verdict: "unknown", says: "it cannot be read as what its name says" }];
  const past = await pastTheGate(check, file, locked);
  const direct = past.filter(({ kind }) => kind === "direct").map(({ name, url }) => ({ key: name, url }));
  const others = past.filter(({ kind }) => kind !== "direct");
  return [
    ...(others.length > 0 ? await lockReport(check, file, source, others) : []),
    ...(direct.length > 0 ? [directReport(file, source, direct)] : []),
  ];
}

async function pastTheGate(
  check: ProjectCheck,
  file: string,
  locked: readonly LockedAddress[],
): Promise<LockedAddress[]> {
  const past: LockedAddress[] = [];
  for (const one of locked) {
    if (isBelow(one.url, check.roots)) continue;
    if (one.kind === "index" && (await check.probe(one.url, ecosystemOf(basename(file)))).verdict === "through")
      continue;
    past.push(one);
  }
  return past;
}

async function lockReport(
  check: ProjectCheck,
  file: string,
  source: string,
  named: readonly LockedAddress[],
): Promise<FileReport[]> {
  const replaces = isNpmLock(file) ? await check.npmReplaces() : () => false;
  const past = replaces ? named.filter(({ url }) => !replaces(hostOf(url))) : named;
  const [first] = past;
  if (!first) return [];
  const most = [...Map.groupBy(past, ({ url }) => originOf(url))].sort(([, a], [, b]) => b.length - a.length);
  const told = most.slice(0, 3).map(([origin, all]) => (most.length > 1 ? `${origin} (${all.length})` : origin));
  const more = most.length > told.length ? ` and ${most.length - told.length} more` : "";
  const says = `${count(past.length, "address leads", "addresses lead")} past the gate: ${told.join(", ")}${more}`;
  const head = { file, ...place(source, first.url), url: shown(first.url) };
  if (!replaces) {
    const asked = "unless npm, which is not here to be asked, replaces the host (npm config get replace-registry-host)";
    return [{ ...head, verdict: "unknown", says: `${says}, ${asked}` }];
  }
  const urls = most.map(([, all]) => all[0]!.url);
  return [{ ...head, verdict: "bypasses", says, fix: fixOf(check, basename(file), file, urls) }];
}

/** Locks of Python are made anew once the client goes through the gate; those of JavaScript name addresses that can be replaced. */
function fixOf({ bases }: ProjectCheck, name: string, file: string, urls: readonly string[]): string {
  const again = RELOCK.find(([names]) => names.test(name))?.[1];
  if (again !== undefined) return again;
  if (isNpmLock(name)) return "npm config set replace-registry-host always --location=project";
  const [before] = urls.map((url) => /^(https?:\/\/.*?)\/(?:@[^/]+(?:\/|%2f))?[^/]+\/-\//i.exec(url)?.[1]);
  if (before === undefined || !isPlain(before + file)) return `in ${file} replace these addresses by ${bases.npm}/`;
  return `sed -i.bak 's#${before}/#${bases.npm}/#' ${file}`;
}

const RELOCK: readonly (readonly [RegExp, string])[] = [
  [/^uv\.lock$/, "uv lock, once uv goes through the gate"],
  [/^poetry\.lock$/, "poetry lock, once the sources of pyproject.toml go through the gate"],
  [/^pdm.*\.lock$/, "pdm lock, once pdm goes through the gate"],
  [/^pylock/, "make it again, once the client goes through the gate"],
  [/^Pipfile\.lock$/, "set the source in Pipfile to the gate, then: pipenv lock"],
  [/\.(txt|in)$/, "remove these options; the client's own index then counts"],
];

function ecosystemOf(name: string): EcosystemId {
  if (/^nuget\.config$|proj$|\.props$|\.targets$/i.test(name)) return "nuget";
  return /^(uv\.toml|pyproject\.toml|pdm\.toml|Pipfile.*|(poetry|pdm.*|uv)\.lock|pylock.*)$|\.(txt|in)$/.test(name)
    ? "pypi"
    : "npm";
}

function isNpmLock(file: string): boolean {
  return /(^|\/)(\.?package-lock|npm-shrinkwrap)\.json$/.test(file);
}

function place(source: string, text: string): { line?: number } {
  const at = source.indexOf(text);
  return at < 0 ? {} : { line: source.slice(0, at).split("\n").length };
}

function shown(url: string): string {
  return /^https?:/i.test(url) ? withoutCredentials(url) : url;
}

function originOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/` : url;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
