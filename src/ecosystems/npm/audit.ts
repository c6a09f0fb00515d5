import { createHash } from "node:crypto";
import { refuse } from "../../errors.ts";
import type { AdvisoryMatch, AskRequest, Gate, Reply } from "../ecosystem.ts";
import { isName } from "./names.ts";
import { asObject, type Json } from "./packument.ts";
import { headerText } from "./refusal.ts";

/** Names, versions of one name, and nodes of an old-style tree that one audit may hold; the body's size is bounded before. */
const MOST_NAMES = 20_000;
const MOST_VERSIONS = 200;
const MOST_NODES = 100_000;
/** Places of one version that an old-style answer names. */
const MOST_PATHS = 20;
/** Malicious packages that a notice names. */
const MOST_NOTICED = 5;

/** What of an installed tree an audit asks about: name → versions. */
type Installed = Map<string, Set<string>>;

/** Where in an old-style tree a package is, as `a>b>c`, with its version. */
interface Place {
  readonly version: string;
  readonly path: string;
}

/**
 * Answers the bulk audit that npm 7 and later, pnpm, yarn 4 and bun send, from our own advisories: the question names
 * every private package of a project, so it never goes upstream. npm sends it on each install and prints the notice.
 */
export async function answerBulk(gate: Gate, request: AskRequest): Promise<Reply> {
  const installed = readBulk(await readJson(request));
  const matches = await gate.advisories(asRecord(installed));
  // A map: npm packages are called `constructor` and `toString` too.
  const answer = new Map<string, Json[]>();
  for (const match of matches) {
    if (isName(match.name)) answer.set(match.name, [...(answer.get(match.name) ?? []), bulkAdvisory(match)]);
  }
  return json(Object.fromEntries(answer), matches);
}

/** Answers the older audit of npm 6 (`audits/quick`) and yarn 1 (`audits`), which send a dependency tree. */
export async function answerTree(gate: Gate, request: AskRequest): Promise<Reply> {
  const places = readTree(await readJson(request));
  const installed: Installed = new Map();
  for (const [name, found] of places) installed.set(name, new Set(found.map((place) => place.version)));
  const matches = await gate.advisories(asRecord(installed));
  const advisories: Record<string, Json> = {};
  const actions: Json[] = [];
  const counts = { info: 0, low: 0, moderate: 0, high: 0, critical: 0 };
  for (const match of matches) {
    const hit = (places.get(match.name) ?? []).filter((place) => match.versions.includes(place.version));
    const id = numberOf(match.id);
    advisories[String(id)] = treeAdvisory(match, id, hit);
    actions.push({
      action: "review",
      module: match.name,
      resolves: hit.map(({ path }) => ({ id, path, dev: false, optional: false, bundled: false })),
    });
    counts[match.severity] += 1;
  }
  const total = [...places.values()].reduce((sum, found) => sum + found.length, 0);
  const metadata = {
    vulnerabilities: counts,
    dependencies: total,
    devDependencies: 0,
    optionalDependencies: 0,
    totalDependencies: total,
  };
  return json({ actions, advisories, muted: [], metadata }, matches);
}

async function readJson(request: AskRequest): Promise<Json> {
  try {
    return asObject(JSON.parse((await request.body()).toString("utf8")));
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse("BAD_REQUEST", { why: "The audit's body is not JSON" });
    throw error;
  }
}

function readBulk(body: Json): Installed {
  const entries = Object.entries(body);
  if (entries.length > MOST_NAMES) throw tooMany(`${entries.length} names`, MOST_NAMES);
  const installed: Installed = new Map();
  for (const [name, versions] of entries) {
    if (!isName(name) || !Array.isArray(versions)) continue;
    const readable = versions.filter((one): one is string => typeof one === "string" && one.length <= 256);
    installed.set(name, new Set(readable.slice(0, MOST_VERSIONS)));
  }
  return installed;
}

/** Walks `dependencies` without recursion, since a hostile tree is as deep as it likes. */
function readTree(body: Json): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  const open: { readonly node: Json; readonly path: string }[] = [{ node: body, path: "" }];
  let nodes = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const [name, value] of Object.entries(asObject(at.node["dependencies"]))) {
      if (++nodes > MOST_NODES) throw tooMany("the dependency tree", MOST_NODES);
      const node = asObject(value);
      const path = at.path === "" ? name : `${at.path.slice(-1000)}>${name}`;
      const { version } = node;
      open.push({ node, path });
      if (!isName(name) || typeof version !== "string" || version.length > 256) continue;
      const found = places.get(name) ?? [];
      if (found.length < MOST_PATHS) found.push({ version, path });
      places.set(name, found);
    }
  }
  return places;
}

function bulkAdvisory(match: AdvisoryMatch): Json {
  return {
    id: numberOf(match.id),
    url: match.url,
    title: match.title,
    severity: match.severity,
    vulnerable_versions: match.range,
    cwe: match.kind === "malicious" ? ["CWE-506"] : [],
    cvss: { score: 0, vectorString: null },
  };
}

function treeAdvisory(match: AdvisoryMatch, id: number, places: readonly Place[]): Json {
  const versions = [...new Set(places.map((place) => place.version))];
  const updated = new Date(match.updatedAt).toISOString();
  return {
    findings: versions.map((version) => ({
      version,
      paths: places.filter((place) => place.version === version).map((place) => place.path),
    })),
    id,
    created: updated,
    updated,
    deleted: null,
    title: match.title,
    found_by: { name: match.id },
    reported_by: { name: match.id },
    module_name: match.name,
    cves: [],
    vulnerable_versions: match.range,
    patched_versions: "<0.0.0",
    overview: match.title,
    recommendation: match.kind === "malicious" ? "Remove it, and treat the machine as compromised" : "Upgrade",
    references: match.url,
    access: "public",
    severity: match.severity,
    cwe: match.kind === "malicious" ? "CWE-506" : "",
    metadata: { module_type: "", exploitability: 0, affected_components: "" },
    url: match.url,
  };
}

function json(answer: Json, matches: readonly AdvisoryMatch[]): Reply {
  const notice = noticeOf(matches);
  return {
    status: 200,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...(notice === undefined ? {} : { "npm-notice": notice }),
    },
    body: JSON.stringify(answer),
  };
}

/** npm prints this after an install that came wholly from its cache: the one way to tell a person what is already there. */
function noticeOf(matches: readonly AdvisoryMatch[]): string | undefined {
  const bad = matches.filter((match) => match.kind === "malicious");
  if (bad.length === 0) return undefined;
  const named = bad.slice(0, MOST_NOTICED).map((match) => `${match.name}@${match.versions.join(",")} (${match.url})`);
  const rest = bad.length > MOST_NOTICED ? ` and ${bad.length - MOST_NOTICED} more` : "";
  return headerText(`Portcullis: this project has known malware installed: ${named.join(", ")}${rest}`);
}

/** Clients expect advisory ids to be numbers and key their caches with them: 31 bits of a digest, stable. */
function numberOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0) >>> 1;
}

function asRecord(installed: Installed): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...installed].map(([name, versions]) => [name, [...versions]]));
}

function tooMany(what: string, limit: number): Error {
  return refuse("TOO_LARGE", { what, limit });
}
