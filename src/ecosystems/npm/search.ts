import { Refusal } from "../../errors.ts";
import type { AskRequest, Gate, GatedProject, Reply } from "../ecosystem.ts";
import { isName } from "./names.ts";
import { asObject, type Json, readPackument } from "./packument.ts";
import { tagsOf } from "./write-packument.ts";

/** Results of one page, as npm's own registry bounds them. */
const MOST_RESULTS = 250;
/** Names of the feed that one search looks at, and results that are opened to see what is withheld. */
const MOST_NAMES = 20_000;
const MOST_OPENED = 50;

/**
 * Search: upstream's answer where there is one, with what this feed withholds taken out or moved to the version that it
 * offers; else the names that this feed knows. https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md#get-v1search
 */
export async function answerSearch(gate: Gate, request: AskRequest): Promise<Reply> {
  const size = bounded(request.query["size"], 20, MOST_RESULTS);
  const from = bounded(request.query["from"], 0, MOST_NAMES);
  const text = (request.query["text"] ?? "").slice(0, 1000);
  const query = { ...request.query, text, size: String(size), from: String(from) };
  const upstream = gate.namesOthers?.(text) ? undefined : await askUpstream(gate, query);
  const found = upstream ?? (await searchNames(gate, text, size, from));
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify(found),
  };
}

async function askUpstream(gate: Gate, query: Readonly<Record<string, string>>): Promise<Json | undefined> {
  const parameters = new URLSearchParams();
  for (const key of ["text", "size", "from", "quality", "popularity", "maintenance"]) {
    if (query[key] !== undefined) parameters.set(key, query[key]);
  }
  try {
    const answer = await gate.passThrough(`-/v1/search?${parameters}`, { accept: "application/json" });
    const found = answer.status === 200 ? asObject(JSON.parse(answer.body.toString("utf8"))) : {};
    const { objects } = found;
    return Array.isArray(objects)
      ? { ...found, objects: await withoutWithheld(gate, objects.slice(0, MOST_RESULTS)) }
      : undefined;
  } catch (error) {
    if (error instanceof Refusal || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Only names that the feed knows are opened: for others nothing is withheld yet, and looking would fetch them all. */
async function withoutWithheld(gate: Gate, objects: readonly unknown[]): Promise<readonly Json[]> {
  const known = new Set(await gate.names(MOST_NAMES));
  const kept: Json[] = [];
  let opened = 0;
  for (const object of objects.map(asObject)) {
    const entry = asObject(object["package"]);
    const name = String(entry["name"]);
    if (!isName(name) || gate.belongsElsewhere?.(name)) continue;
    if (!known.has(name) || opened++ >= MOST_OPENED) {
      kept.push(object);
      continue;
    }
    const project = await openProject(gate, name);
    const version = project === undefined ? entry["version"] : latestOf(project);
    if (version !== undefined) kept.push({ ...object, package: { ...entry, version } });
  }
  return kept;
}

async function searchNames(gate: Gate, text: string, size: number, from: number): Promise<Json> {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && !word.includes(":"));
  const names = (await gate.names(MOST_NAMES)).filter((name) =>
    words.every((word) => name.toLowerCase().includes(word)),
  );
  const objects: Json[] = [];
  for (const name of names.slice(from, from + Math.min(size, MOST_OPENED))) {
    const project = await openProject(gate, name);
    const version = project === undefined ? undefined : latestOf(project);
    if (project !== undefined && version !== undefined) objects.push(resultOf(project, version));
  }
  return { objects, total: names.length };
}

async function openProject(gate: Gate, name: string): Promise<GatedProject | undefined> {
  try {
    return await gate.project(name);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** The version that an unconstrained install would get; undefined when everything is withheld. */
function latestOf({ document, view }: GatedProject): string | undefined {
  return tagsOf(document, view)["latest"];
}

function resultOf({ document, name }: GatedProject, version: string): Json {
  const one = readPackument(document).versions.get(version);
  const { description, keywords, author, homepage, license } = one?.manifest ?? {};
  const scope = name.startsWith("@") ? name.slice(1, name.indexOf("/")) : "unscoped";
  const date = one?.publishedAt === undefined ? {} : { date: new Date(one.publishedAt).toISOString() };
  return {
    package: {
      name,
      scope,
      version,
      description,
      keywords,
      author,
      license,
      links: { homepage },
      maintainers: [],
      ...date,
    },
    score: { final: 1, detail: { quality: 1, popularity: 1, maintenance: 1 } },
    searchScore: 1,
  };
}

function bounded(text: string | undefined, fallback: number, most: number): number {
  const value = text === undefined ? fallback : Number(text);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, most) : fallback;
}
