import { Refusal, refuse } from "../../errors.ts";
import type { AskRequest, Gate, GatedProject, Reply } from "../ecosystem.ts";
import { HIVES, type Hive, leafUrl, registrationUrl } from "./addresses.ts";
import { isObject, type JsonObject, objectsOf, readJsonObject, textOf } from "./json.ts";
import { normalizeName } from "./names.ts";
import { type Leaf, latestOf, readRegistration } from "./stored.ts";
import { readServices, type UpstreamServices } from "./upstream-services.ts";
import { compareVersions, formatVersion, parseVersion, urlVersion } from "./versions.ts";
import { isWithheld, offeredLeaves } from "./withheld.ts";

const MAX_TAKE = 1_000;
const DEFAULT_TAKE = 20;
const MAX_SKIP = 3_000;
/** Results whose project this feed is asked about; further ones are checked against advisories alone. */
const CHECKED_RESULTS = 100;
/** Names that are searched where there is no upstream to ask. */
const SEARCHED_NAMES = 20_000;

/** What a search asks for (search and autocomplete have the same parameters). */
interface Search {
  readonly q: string;
  readonly skip: number;
  readonly take: number;
  readonly prerelease: boolean;
  readonly semVer2: boolean;
  readonly packageType: string;
}

/** Search: upstream's answer with our addresses and without withheld versions; without upstream, what this feed knows. */
export async function search(gate: Gate, request: AskRequest): Promise<Reply> {
  const wanted = readSearch(request);
  const found = await askUpstream(gate, "search", wanted);
  if (!found) return json(await searchKnown(gate, wanted));
  const results = objectsOf(found["data"]).slice(0, MAX_TAKE);
  const malicious = await maliciousVersions(gate, results);
  const data: JsonObject[] = [];
  for (const [index, result] of results.entries()) {
    const id = ownId(result["id"]);
    if (id === undefined || gate.belongsElsewhere?.(id)) continue;
    const withheld = new Set(malicious.get(id));
    if (index < CHECKED_RESULTS) for (const version of await withheldVersions(gate, id)) withheld.add(version);
    const rewritten = rewriteResult(gate, hiveFor(wanted), id, result, withheld);
    if (rewritten) data.push(rewritten);
  }
  return json({ totalHits: numberOr(found["totalHits"], data.length), data });
}

/** Autocomplete: ids that match `q` (asked of upstream), or the versions of `id` that this feed offers. */
export async function autocomplete(gate: Gate, request: AskRequest): Promise<Reply> {
  const wanted = readSearch(request);
  const id = request.query["id"];
  if (id !== undefined && id !== "") return json({ data: await offeredVersions(gate, normalizeName(id), wanted) });
  const found = await askUpstream(gate, "autocomplete", wanted);
  if (!found) {
    const names = await knownNames(gate, wanted.q);
    return json({ totalHits: names.length, data: names.slice(wanted.skip, wanted.skip + wanted.take) });
  }
  const data = (Array.isArray(found["data"]) ? found["data"] : []).filter((name) => {
    const known = ownId(name);
    return known !== undefined && !gate.belongsElsewhere?.(known);
  });
  return json({ totalHits: numberOr(found["totalHits"], data.length), data: data.slice(0, MAX_TAKE) });
}

/** The services of the default upstream; undefined without one. */
export async function upstreamServices(gate: Gate): Promise<UpstreamServices | undefined> {
  try {
    const answer = await gate.passThrough("", { accept: "application/json" });
    return answer.status === 200 ? readServices(answer) : undefined;
  } catch (error) {
    if (error instanceof Refusal && error.code === "NO_UPSTREAM") return undefined;
    throw error;
  }
}

function readSearch(request: AskRequest): Search {
  const { query } = request;
  return {
    q: (query["q"] ?? "").slice(0, 500),
    skip: readCount(query["skip"], 0, MAX_SKIP),
    take: readCount(query["take"], DEFAULT_TAKE, MAX_TAKE),
    prerelease: /^true$/i.test(query["prerelease"] ?? ""),
    semVer2: (parseVersion(query["semVerLevel"] ?? "")?.numbers[0] ?? 1) >= 2,
    packageType: (query["packageType"] ?? "").slice(0, 100),
  };
}

function readCount(text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined || text === "") return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw refuse("BAD_REQUEST", { why: "skip and take are whole numbers" });
  return Math.min(Number(text), most);
}

/** Undefined when there is no upstream or it has no such service. */
async function askUpstream(
  gate: Gate,
  service: "search" | "autocomplete",
  wanted: Search,
): Promise<JsonObject | undefined> {
  if (gate.namesOthers?.(wanted.q)) return undefined;
  const base = (await upstreamServices(gate))?.[service];
  if (base === undefined) return undefined;
  const url = new URL(base);
  url.searchParams.set("q", wanted.q);
  url.searchParams.set("skip", String(wanted.skip));
  url.searchParams.set("take", String(wanted.take));
  url.searchParams.set("prerelease", String(wanted.prerelease));
  if (wanted.semVer2) url.searchParams.set("semVerLevel", "2.0.0");
  if (wanted.packageType !== "") url.searchParams.set("packageType", wanted.packageType);
  const answer = await gate.passThrough(url.href, { accept: "application/json" });
  return answer.status === 200 ? readJsonObject(answer.body, `the ${service} service`) : undefined;
}

/** Versions that an advisory calls malicious, by id: this covers projects that nobody has visited yet. */
async function maliciousVersions(
  gate: Gate,
  results: readonly JsonObject[],
): Promise<ReadonlyMap<string, Set<string>>> {
  const asked: Record<string, string[]> = Object.create(null);
  for (const result of results) {
    const id = ownId(result["id"]);
    if (id !== undefined) asked[id] = versionsOf(result);
  }
  const found = new Map<string, Set<string>>();
  if (Object.keys(asked).length === 0) return found;
  for (const match of await gate.advisories(asked)) {
    if (match.kind !== "malicious") continue;
    const versions = found.get(match.name) ?? new Set<string>();
    for (const version of match.versions) versions.add(urlVersion(version));
    found.set(match.name, versions);
  }
  return found;
}

function versionsOf(result: JsonObject): string[] {
  const all = objectsOf(result["versions"]).map((one) => one["version"]);
  return [...all, result["version"]].flatMap((version) => textOf(version) ?? []).slice(0, 10_000);
}

async function withheldVersions(gate: Gate, id: string): Promise<readonly string[]> {
  const project = (await isKnown(gate, id)) ? await projectOf(gate, id) : undefined;
  if (!project) return [];
  const { leaves } = readRegistration(project.document);
  return leaves.filter((leaf) => isWithheld(project.view.decide(leaf.artifact))).map((leaf) => leaf.urlVersion);
}

/** Asking for a project fetches it; a search result that nobody uses should not be. The text just before an id is found by its last letter. */
async function isKnown(gate: Gate, id: string): Promise<boolean> {
  const before = `${id.slice(0, -1)}${String.fromCharCode(id.charCodeAt(id.length - 1) - 1)}\uffff`;
  return (await gate.names(1, before))[0] === id;
}

async function projectOf(gate: Gate, id: string): Promise<GatedProject | undefined> {
  try {
    return await gate.project(id);
  } catch {
    // What is wrong with one result must not hide the others; its versions are gated again on every request.
    return undefined;
  }
}

function rewriteResult(
  gate: Gate,
  hive: Hive,
  id: string,
  result: JsonObject,
  withheld: ReadonlySet<string>,
): JsonObject | undefined {
  const kept = (version: unknown) => textOf(version) !== undefined && !withheld.has(urlVersion(version as string));
  const versions = objectsOf(result["versions"])
    .filter((one) => kept(one["version"]))
    .map((one) => ({ ...one, "@id": leafUrl(gate.base, hive, id, urlVersion(one["version"] as string)) }));
  const own = kept(result["version"]) ? result["version"] : highest(versions);
  if (own === undefined) return undefined;
  const registration = registrationUrl(gate.base, hive, id);
  return { ...result, "@id": registration, registration, version: own, versions };
}

function highest(versions: readonly JsonObject[]): string | undefined {
  const all = versions.flatMap((one) => textOf(one["version"]) ?? []);
  return all.sort(compareVersions).at(-1);
}

async function searchKnown(gate: Gate, wanted: Search): Promise<JsonObject> {
  const names = await knownNames(gate, wanted.q);
  const data: JsonObject[] = [];
  for (const name of names.slice(wanted.skip, wanted.skip + Math.min(wanted.take, CHECKED_RESULTS))) {
    const project = await projectOf(gate, name);
    const result = project && describe(gate, project, name, wanted);
    if (result) data.push(result);
  }
  return { totalHits: names.length, data };
}

async function knownNames(gate: Gate, q: string): Promise<readonly string[]> {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 20);
  const names = await gate.names(SEARCHED_NAMES);
  return names.filter((name) => words.every((word) => name.includes(word)));
}

function describe(gate: Gate, project: GatedProject, id: string, wanted: Search): JsonObject | undefined {
  const leaves = chosenLeaves(project, wanted);
  const latest = latestOf(leaves);
  if (!latest) return undefined;
  const hive = hiveFor(wanted);
  const { authors, description, summary, tags, title, iconUrl, projectUrl, licenseUrl } = latest.entry;
  return {
    "@id": registrationUrl(gate.base, hive, id),
    "@type": "Package",
    registration: registrationUrl(gate.base, hive, id),
    id: project.listing.name,
    version: fullVersion(latest),
    ...definedOf({ authors, description, summary, tags, title, iconUrl, projectUrl, licenseUrl }),
    packageTypes: [{ name: "Dependency" }],
    versions: leaves.map((leaf) => ({
      "@id": leafUrl(gate.base, hive, id, leaf.urlVersion),
      version: fullVersion(leaf),
      downloads: 0,
    })),
  };
}

async function offeredVersions(gate: Gate, id: string, wanted: Search): Promise<readonly string[]> {
  return chosenLeaves(await gate.project(id), wanted).map(fullVersion);
}

/** Offered and listed versions that the parameters let through. */
function chosenLeaves(project: GatedProject, wanted: Search): readonly Leaf[] {
  return offeredLeaves(readRegistration(project.document).leaves, project.view).filter(
    (leaf) =>
      leaf.listed && (wanted.prerelease || leaf.version.labels.length === 0) && (wanted.semVer2 || !leaf.semVer2),
  );
}

/** Search shows build metadata too. */
function fullVersion(leaf: Leaf): string {
  const { metadata } = leaf.version;
  return formatVersion(leaf.version) + (metadata === "" ? "" : `+${metadata}`);
}

function hiveFor(wanted: Search): Hive {
  const hives = Object.keys(HIVES) as Hive[];
  return hives.find((hive) => HIVES[hive].gzip && HIVES[hive].semVer2 === wanted.semVer2)!;
}

function definedOf(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && !isObject(value)));
}

function ownId(value: unknown): string | undefined {
  try {
    return typeof value === "string" ? normalizeName(value) : undefined;
  } catch {
    return undefined;
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}

function json(value: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}
