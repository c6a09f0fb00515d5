import { Refusal, refuse } from "../../errors.ts";
import type { Gate, GatedProject, Reply, UpstreamAnswer } from "../ecosystem.ts";
import { latestOf, readArtifact } from "./listing.ts";
import { filesFor } from "./page.ts";
import { openStored, type SimpleFile } from "./simple.ts";
import { pageAddress } from "./upstream.ts";
import { compareVersions, versionKey } from "./versions.ts";

type Bag = Readonly<Record<string, unknown>>;

/**
 * The JSON document of a project (`/pypi/NAME/json`) or of one release (`/pypi/NAME/VERSION/json`). `info` and what only
 * upstream knows of a file pass through intact when upstream has such documents; which files there are, their addresses and their
 * yanks are those of the Simple page, so that the two never disagree. A release that is asked for exactly shows withheld
 * files as yanked with the reason, whoever asks. Throws NOT_FOUND for a version that is not listed.
 */
export async function jsonDocument(gate: Gate, name: string, wanted?: string): Promise<Reply> {
  const project = await gate.project(name);
  const view = wanted === undefined ? project.view : { ...project.view, ...exact(project) };
  const stored = openStored(project.document);
  const files = filesFor(project.document, view);
  const version = wanted === undefined ? latestVersion(files) : listedVersion(files, name, wanted);
  const documents = await upstreamDocuments(gate, project, version, wanted === undefined);
  const known = filesByName(documents);
  const body = {
    info: writeInfo(project, version, files, documents),
    last_serial: stored.lastSerial ?? 0,
    ownership: null,
    ...(wanted === undefined && { releases: writeReleases(files, known) }),
    urls: files.filter((file) => sameVersion(file.version, version)).map((file) => writeFile(file, known)),
    vulnerabilities: await writeVulnerabilities(gate, project.name, version, documents),
  };
  const headers = { "content-type": "application/json", "cache-control": "no-cache" };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** The members of a view are not all its own properties, so they are named. */
function exact({ view }: GatedProject): GatedProject["view"] {
  return {
    base: view.base,
    name: view.name,
    showWithheld: true,
    decide: (artifact) => view.decide(artifact),
    whyUrl: (artifact) => view.whyUrl(artifact),
    firstSeen: (artifact) => view.firstSeen?.(artifact),
    ...(view.distrustsTimes !== undefined && { distrustsTimes: view.distrustsTimes }),
  };
}

function latestVersion(files: readonly SimpleFile[]): string | undefined {
  const all = files.map(readArtifact);
  return (
    latestOf(all) ??
    all
      .map(({ version }) => version)
      .sort(compareVersions)
      .at(-1)
  );
}

function listedVersion(files: readonly SimpleFile[], name: string, wanted: string): string {
  const file = files.find(({ version }) => sameVersion(version, wanted));
  if (file === undefined) throw refuse("NOT_FOUND", { what: `${name} ${wanted}` });
  return file.version;
}

function sameVersion(a: string, b: string | undefined): boolean {
  return b !== undefined && versionKey(a) === versionKey(b);
}

/** What upstream says of the project and of the release, where it has such documents. */
interface Documents {
  readonly project: Bag;
  readonly release: Bag;
}

/**
 * The project's document describes upstream's newest release; when that is not the one we describe (withheld, or another was
 * asked for), the release's own document is fetched instead.
 */
async function upstreamDocuments(
  gate: Gate,
  { name, document }: GatedProject,
  version: string | undefined,
  whole: boolean,
): Promise<Documents> {
  const page = pageAddress(document);
  const root = page === undefined ? undefined : /^(.*)\/simple\/[^/]+\/?$/.exec(page)?.[1];
  if (root === undefined || version === undefined) return { project: {}, release: {} };
  const project = whole ? await fetchJson(gate, name, `${root}/pypi/${name}/json`) : {};
  if (sameVersion(version, versionIn(project))) return { project, release: project };
  const release = await fetchJson(gate, name, `${root}/pypi/${name}/${encodeURIComponent(version)}/json`);
  return { project, release: sameVersion(version, versionIn(release)) ? release : {} };
}

/** These documents only add to the Simple page: without them the answer is shorter, so trouble is no reason to refuse. */
async function fetchJson(gate: Gate, project: string, address: string): Promise<Bag> {
  let answer: UpstreamAnswer;
  try {
    answer = await gate.passThrough(address, { accept: "application/json", project });
  } catch (error) {
    if (error instanceof Refusal) return {};
    throw error;
  }
  try {
    return answer.status === 200 ? bag(JSON.parse(answer.body.toString())) : {};
  } catch {
    return {};
  }
}

function versionIn(document: Bag): string | undefined {
  const version = bag(document["info"])["version"];
  return typeof version === "string" ? version : undefined;
}

/** Upstream's entries for files by file name. */
function filesByName({ project, release }: Documents): ReadonlyMap<string, Bag> {
  const lists = [...Object.values(bag(project["releases"])), project["urls"], release["urls"]];
  const entries = lists.flatMap((list) => (Array.isArray(list) ? list.map(bag) : []));
  return new Map(entries.map((entry) => [String(entry["filename"]), entry]));
}

function writeInfo(
  project: GatedProject,
  version: string | undefined,
  files: readonly SimpleFile[],
  documents: Documents,
): Bag {
  const own = files.filter((file) => sameVersion(file.version, version));
  const yanked = own.length > 0 && own.every((file) => file.yanked !== false);
  const reason = own.find((file) => typeof file.yanked === "string")?.yanked;
  const built = {
    name: project.listing.name,
    version: version ?? null,
    summary: null,
    description: null,
    requires_dist: null,
    requires_python: own.find((file) => file.requiresPython !== undefined)?.requiresPython ?? null,
    package_url: `${project.view.base}/simple/${project.name}/`,
  };
  return { ...built, ...bag(documents.release["info"]), yanked, yanked_reason: yanked ? (reason ?? null) : null };
}

function writeReleases(
  files: readonly SimpleFile[],
  known: ReadonlyMap<string, Bag>,
): Readonly<Record<string, unknown>> {
  const releases = new Map<string, Bag[]>();
  for (const file of files) {
    const list = releases.get(file.version) ?? [];
    list.push(writeFile(file, known));
    releases.set(file.version, list);
  }
  return Object.fromEntries([...releases].sort(([a], [b]) => compareVersions(a, b)));
}

const PACKAGE_TYPES = { wheel: "bdist_wheel", sdist: "sdist", other: "bdist_other" } as const;

function writeFile(file: SimpleFile, known: ReadonlyMap<string, Bag>): Bag {
  const { sha256, md5 } = file.hashes;
  const time = file.uploadTime;
  const built = {
    comment_text: null,
    has_sig: false,
    packagetype: PACKAGE_TYPES[file.kind],
    python_version: file.tags?.python ?? "source",
  };
  return {
    ...built,
    ...known.get(file.filename),
    digests: { ...(md5 !== undefined && { md5 }), ...(sha256 !== undefined && { sha256 }) },
    filename: file.filename,
    md5_digest: md5 ?? null,
    requires_python: file.requiresPython ?? null,
    size: file.size ?? null,
    ...(time !== undefined && { upload_time: time.slice(0, 19), upload_time_iso_8601: time }),
    url: file.url,
    yanked: file.yanked !== false,
    yanked_reason: typeof file.yanked === "string" ? file.yanked : null,
  };
}

/** Upstream's own list and the advisories that this feed knows, one entry per id. */
async function writeVulnerabilities(
  gate: Gate,
  name: string,
  version: string | undefined,
  documents: Documents,
): Promise<readonly unknown[]> {
  if (version === undefined) return [];
  const upstream = documents.release["vulnerabilities"];
  const listed = Array.isArray(upstream) ? upstream.map(bag) : [];
  const ids = new Set(listed.flatMap(({ id, aliases }) => [id, ...(Array.isArray(aliases) ? aliases : [])]));
  const matches = await gate.advisories({ [name]: [version] });
  const own = matches
    .filter(({ id }) => !ids.has(id))
    .map(({ id, title, url }) => ({
      aliases: [],
      details: title,
      fixed_in: [],
      id,
      link: url,
      source: "portcullis",
      summary: title,
      withdrawn: null,
    }));
  return [...listed, ...own];
}

/** An object as it is, anything else as an empty one. */
function bag(value: unknown): Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Bag) : {};
}
