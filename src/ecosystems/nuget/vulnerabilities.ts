import { Refusal, refuse } from "../../errors.ts";
import type { AdvisoryMatch, Gate, Reply } from "../ecosystem.ts";
import { httpUrlOf, objectsOf, readJson, readJsonObject, textOf } from "./json.ts";
import { normalizeName } from "./names.ts";
import { type NuGetRange, parseRange } from "./ranges.ts";
import { upstreamServices } from "./search.ts";
import { compareParsed, compareVersions, type NuGetVersion } from "./versions.ts";

/** The protocol allows 16 files; one is ours. */
const UPSTREAM_FILES = 15;
const MAX_ADVISORIES = 500_000;
const SEVERITY = { low: 0, moderate: 1, high: 2, critical: 3 } as const;

interface UpstreamFile {
  readonly name: string;
  readonly url: string;
  readonly updated: string;
}

/** One vulnerable range as clients read it. */
interface Entry {
  readonly severity: 0 | 1 | 2 | 3;
  readonly url: string;
  readonly versions: string;
}

/**
 * The vulnerability index: our advisories, then upstream's own files under our addresses, so that clients that reach only us
 * still warn of what upstream knows. While upstream is down ours are served alone.
 */
export async function writeVulnerabilityIndex(gate: Gate): Promise<Reply> {
  const own = await ownAdvisories(gate);
  const updatedAt = own.reduce((latest, match) => Math.max(latest, match.updatedAt), 0);
  const folder = `${gate.base}/v3/vulnerabilities`;
  const files = [
    {
      "@name": "portcullis",
      "@id": `${folder}/portcullis.json`,
      "@updated": new Date(updatedAt).toISOString(),
      comment: "Advisories of this feed: malicious and vulnerable versions.",
    },
    ...(await upstreamFiles(gate)).map((file) => ({
      "@name": file.name,
      "@id": `${folder}/${file.name}.json`,
      "@updated": file.updated,
      comment: "As upstream publishes it.",
    })),
  ];
  return json(files);
}

/** One file of the index: ours, or upstream's bytes unchanged. Throws NOT_FOUND for a name that the index does not have. */
export async function writeVulnerabilityFile(gate: Gate, file: string): Promise<Reply> {
  if (file === "portcullis.json") return json(byName(await ownAdvisories(gate)));
  const known = (await upstreamFiles(gate)).find((one) => `${one.name}.json` === file);
  if (!known) throw refuse("NOT_FOUND", { what: `the vulnerability file ${file.slice(0, 60)}` });
  const answer = await gate.passThrough(known.url, { accept: "application/json" });
  if (answer.status !== 200) throw refuse("NOT_FOUND", { what: `the vulnerability file ${file.slice(0, 60)}` });
  readJsonObject(answer.body, known.url);
  return { status: 200, headers: { "content-type": "application/json" }, body: answer.body };
}

async function ownAdvisories(gate: Gate): Promise<readonly AdvisoryMatch[]> {
  if (!gate.everyAdvisory) throw refuse("NOT_FOUND", { what: "vulnerability information" });
  return gate.everyAdvisory(MAX_ADVISORIES);
}

/** Empty is `{}`: the documentation says `[]`, which the client's own reader refuses. */
function byName(advisories: readonly AdvisoryMatch[]): Record<string, readonly Entry[]> {
  const found = new Map<string, { entry: Entry; range: NuGetRange | undefined }[]>();
  for (const match of advisories) {
    const name = nameOf(match.name);
    if (name === undefined) continue;
    const entries = found.get(name) ?? [];
    found.set(name, entries);
    const severity = match.kind === "malicious" ? SEVERITY.critical : SEVERITY[match.severity];
    for (const versions of rangesOf(match))
      entries.push({ entry: { severity, url: match.url, versions }, range: parseRange(versions) });
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, entries]) => [name, entries.sort(inFileOrder).map(({ entry }) => entry)]),
  );
}

/** Clients read one interval an entry, and no floating ones. */
function rangesOf(match: AdvisoryMatch): readonly string[] {
  const range = match.range.trim();
  if (range === "*") return ["(, )"];
  const intervals = range.split("||").map((one) => one.trim());
  const readable = intervals.filter((one) => one.length > 0 && parseRange(one) !== undefined && !one.includes("*"));
  if (readable.length > 0) return readable;
  return [...match.versions].sort(compareVersions).map((version) => `[${version}]`);
}

/** By highest bound and then lowest bound, both descending and unbounded first, then by URL. */
function inFileOrder(
  a: { readonly entry: Entry; readonly range: NuGetRange | undefined },
  b: { readonly entry: Entry; readonly range: NuGetRange | undefined },
): number {
  return (
    descending(a.range?.max, b.range?.max) ||
    descending(a.range?.min, b.range?.min) ||
    (a.entry.url < b.entry.url ? -1 : a.entry.url > b.entry.url ? 1 : 0)
  );
}

function descending(a: NuGetVersion | undefined, b: NuGetVersion | undefined): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  return compareParsed(b, a);
}

async function upstreamFiles(gate: Gate): Promise<readonly UpstreamFile[]> {
  try {
    const index = (await upstreamServices(gate))?.vulnerabilities;
    if (index === undefined) return [];
    const answer = await gate.passThrough(index, { accept: "application/json" });
    if (answer.status !== 200) return [];
    const files = objectsOf(readJson(answer.body, index)).flatMap((entry) => readFile(entry, index));
    return files.slice(0, UPSTREAM_FILES);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

function readFile(entry: Readonly<Record<string, unknown>>, index: string): UpstreamFile[] {
  const name = textOf(entry["@name"]);
  const url = httpUrlOf(entry["@id"], index);
  const updated = textOf(entry["@updated"]);
  if (name === undefined || !/^[A-Za-z0-9_-]{1,32}$/.test(name) || url === undefined || updated === undefined)
    return [];
  return [{ name: `upstream-${name}`.slice(0, 32), url, updated }];
}

function nameOf(name: string): string | undefined {
  try {
    return normalizeName(name);
  } catch {
    return undefined;
  }
}

function json(value: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}
