import type { App } from "../app.ts";
import type { EcosystemId, VerdictWord } from "../catalog/model.ts";
import { type Raw, writeRaw } from "../storage/database/sqlite.ts";
import { type FileShape, featureOf, type Print } from "./prints.ts";
import { type LinkedFile, linkedFiles, linkedIndicators } from "./resemblances.ts";

/** A release that was assessed. */
export interface AssessedRelease {
  readonly ecosystem: EcosystemId;
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
  /** What inspection said of its bytes alone. */
  readonly own: VerdictWord;
  /** What the assessment concluded, other releases included. */
  readonly word: VerdictWord;
  readonly print: Print;
  /** Paths of the files in which inspection found threats. */
  readonly culprits: readonly string[];
}

/**
 * Remembers a release so that later ones are recognised by it: a clean one (the first of its project) tells what is common, any other
 * is put into the campaign of those it resembles or shares indicators with. Idempotent; one transaction; the order of releases does
 * not matter to which belong together.
 */
export async function rememberRelease(app: App, release: AssessedRelease): Promise<void> {
  if (release.word === "unknown") return;
  const now = app.clock();
  await writeRaw(app.database, (database) => {
    const { id, own, counted } = rowOf(database, release, now);
    if (release.word === "clean") {
      if (counted === 0 && isFirstOfProject(database, release)) count(database, id, release.print, 1);
      return;
    }
    if (counted === 1) count(database, id, release.print, -1);
    if (own === release.own && isMember(database, id)) return;
    join(database, id, release);
  });
}

interface Known {
  readonly id: number;
  readonly own: VerdictWord;
  readonly counted: number;
}

function rowOf(database: Raw, release: AssessedRelease, now: number): Known {
  const { ecosystem, name, version, filename, sha256, own } = release;
  const before = database
    .prepare(
      "select id, own, counted from known_releases where ecosystem = ? and name = ? and filename = ? and sha256 = ?",
    )
    .get(ecosystem, name, filename, sha256);
  if (before !== undefined) {
    const known = { id: Number(before["id"]), own: before["own"] as VerdictWord, counted: Number(before["counted"]) };
    if (known.own !== own) database.prepare("update known_releases set own = ? where id = ?").run(own, known.id);
    return known;
  }
  const { lastInsertRowid } = database
    .prepare(
      `insert into known_releases (ecosystem, name, version, filename, sha256, own, counted, first_seen_at)
       values (?, ?, ?, ?, ?, ?, 0, ?)`,
    )
    .run(ecosystem, name, version, filename, sha256, own, now);
  return { id: Number(lastInsertRowid), own, counted: 0 };
}

/** Versions of one project repeat each other; what they have in common is common to one project only. */
function isFirstOfProject(database: Raw, { ecosystem, name }: AssessedRelease): boolean {
  return (
    database
      .prepare("select 1 from known_releases where ecosystem = ? and name = ? and counted = 1 limit 1")
      .get(ecosystem, name) === undefined
  );
}

function count(database: Raw, id: number, print: Print, by: 1 | -1): void {
  const features = new Set([
    ...print.files.flatMap(({ digest, shingles }) => [digest, ...shingles]),
    ...print.indicators.map(featureOf),
  ]);
  const upsert = database.prepare(
    "insert into common_features (feature, projects) values (?, max(0, ?)) on conflict (feature) do update set projects = max(0, projects + ?)",
  );
  // In order, so that neighbours in the table are written together.
  for (const feature of [...features].sort((a, b) => a - b)) upsert.run(feature, by, by);
  database.prepare("update known_releases set counted = ? where id = ?").run(by === 1 ? 1 : 0, id);
}

function isMember(database: Raw, id: number): boolean {
  return database.prepare("select campaign from known_releases where id = ?").get(id)?.["campaign"] !== null;
}

function join(database: Raw, id: number, release: AssessedRelease): void {
  const { print, own } = release;
  const files = culpritsOf(release);
  const links = new Set([
    ...linkedFiles(database, own === "clean" ? print.files : files).flatMap(({ file }) => releasesWith(database, file)),
    ...linkedIndicators(database, print.indicators),
  ]);
  // What is withheld for its likeness alone does not make others be withheld: likeness would drift.
  if (own !== "clean") {
    for (const file of files) addCulprit(database, id, file);
    const add = database.prepare(
      "insert into release_indicators (indicator, release) values (?, ?) on conflict do nothing",
    );
    for (const indicator of print.indicators) add.run(indicator, id);
  }
  mergeCampaigns(database, [id, ...links]);
}

/** The files in which something was found; the only one of a release when it was found in no code (in a manifest). */
export function culpritsOf({ print, culprits }: Pick<AssessedRelease, "print" | "culprits">): readonly FileShape[] {
  const paths = new Set(culprits);
  const named = print.files.filter(({ path }) => paths.has(path));
  return named.length === 0 && print.files.length === 1 && !culprits.some((path) => CODE.test(path))
    ? print.files
    : named;
}

/** What was found in code that has no shape of its own must not be laid at another file's door. */
const CODE = /\.(?:py|pyw|pth|js|mjs|cjs|jsx|ts|mts|cts|tsx|ps1|psm1|sh|bat|cmd)$/;

function releasesWith(database: Raw, file: LinkedFile["file"]): readonly number[] {
  return database
    .prepare("select release from culprit_releases where file = ? limit 1")
    .all(file)
    .map((row) => Number(row["release"]));
}

function addCulprit(database: Raw, release: number, { path, digest, tokens, shingles }: FileShape): void {
  const { changes } = database
    .prepare("insert into culprit_files (digest, tokens, shingles) values (?, ?, ?) on conflict (digest) do nothing")
    .run(digest, tokens, JSON.stringify(shingles));
  const file = Number(database.prepare("select id from culprit_files where digest = ?").get(digest)!["id"]);
  if (Number(changes) > 0) {
    const add = database.prepare("insert into culprit_shingles (shingle, file) values (?, ?) on conflict do nothing");
    for (const shingle of shingles) add.run(shingle, file);
  }
  database
    .prepare("insert into culprit_releases (file, release, path) values (?, ?, ?) on conflict do nothing")
    .run(file, release, path);
}

/** Everything that belongs with any of the releases belongs together from now on, under the smallest number. */
function mergeCampaigns(database: Raw, releases: readonly number[]): void {
  const campaignOf = database.prepare("select campaign from known_releases where id = ?");
  const campaigns = new Set(releases.map((id) => Number(campaignOf.get(id)?.["campaign"] ?? id)));
  const smallest = Math.min(...campaigns);
  const move = database.prepare("update known_releases set campaign = ? where campaign = ?");
  for (const campaign of campaigns) if (campaign !== smallest) move.run(smallest, campaign);
  const place = database.prepare("update known_releases set campaign = ? where id = ?");
  for (const id of releases) place.run(smallest, id);
}
