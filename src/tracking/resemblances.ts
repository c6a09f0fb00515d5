import type { EcosystemId } from "../catalog/model.ts";
import { resemblance } from "../lib/resemblance.ts";
import type { Raw } from "../storage/database/sqlite.ts";
import { type FileShape, featureOf, type Print } from "./prints.ts";

/** A known culprit that a file resembles. */
export interface LinkedFile {
  /** Number of the culprit file. */
  readonly file: number;
  /** The path of the file that resembles it. */
  readonly path: string;
  /** 0 to 1. */
  readonly likeness: number;
  /** The shapes are the same, not only alike. */
  readonly same: boolean;
}

/** A release withheld as malicious for its own bytes, which another resembles. */
export interface WithheldTwin {
  readonly ecosystem: EcosystemId;
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
  /** Which of its files, and which of the other's. */
  readonly itsPath: string;
  readonly path: string;
  readonly likeness: number;
}

/** Likeness from which two files are taken for variants of one, and the parts that they share at least. */
const LEAST_LIKENESS = 0.7;
const LEAST_SHARED = 8;
/** A shape with fewer tokens is too common to be recognised as a whole. */
const LEAST_TOKENS = 60;
/** In so many clean projects a part of code says nothing any more; an indicator in one. */
const COMMON_CODE = 3;
const COMMON_INDICATOR = 1;
/** Culprits looked at for one part, and for one file: the bound on the work for one release. */
const MOST_OF_SHINGLE = 64;
const MOST_OF_FILE = 32;
/** An indicator that more releases have is a service, not an attacker. */
const MOST_OF_INDICATOR = 2_000;

/** The culprit files that any of `files` resembles, most alike first. Synchronous; bounded whatever is known. */
export function linkedFiles(database: Raw, files: readonly FileShape[]): readonly LinkedFile[] {
  return files.flatMap((file) => linksOf(database, file)).sort((a, b) => b.likeness - a.likeness || a.file - b.file);
}

function linksOf(database: Raw, file: FileShape): readonly LinkedFile[] {
  if (isCommon(database, file.digest, COMMON_CODE)) return [];
  const links = candidatesFor(database, file).flatMap(({ id, digest, shingles, common }) => {
    const same = digest === file.digest && file.tokens >= LEAST_TOKENS;
    const { likeness, shared } = resemblance(file.shingles, shingles, (shingle) => !common(shingle));
    if (!same && (likeness < LEAST_LIKENESS || shared < LEAST_SHARED)) return [];
    return [{ file: id, path: file.path, likeness: same ? 1 : likeness, same }];
  });
  return links;
}

interface Candidate {
  readonly id: number;
  readonly digest: number;
  readonly shingles: readonly number[];
  readonly common: (shingle: number) => boolean;
}

/** Culprits that share most uncommon parts with the file, and the one of the same shape. */
function candidatesFor(database: Raw, file: FileShape): readonly Candidate[] {
  const known = new Map<number, boolean>();
  const common = (shingle: number) => {
    let is = known.get(shingle);
    if (is === undefined) known.set(shingle, (is = isCommon(database, shingle, COMMON_CODE)));
    return is;
  };
  const having = database.prepare(`select file from culprit_shingles where shingle = ? limit ${MOST_OF_SHINGLE}`);
  const shared = new Map<number, number>();
  for (const shingle of file.shingles)
    if (!common(shingle))
      for (const row of having.all(shingle)) {
        const id = Number(row["file"]);
        shared.set(id, (shared.get(id) ?? 0) + 1);
      }
  const twin = database.prepare("select id from culprit_files where digest = ?").get(file.digest);
  if (twin !== undefined) shared.set(Number(twin["id"]), Number.POSITIVE_INFINITY);
  const read = database.prepare("select digest, shingles from culprit_files where id = ?");
  return [...shared]
    .filter(([, count]) => count >= LEAST_SHARED)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MOST_OF_FILE)
    .map(([id]) => {
      const row = read.get(id)!;
      return { id, digest: Number(row["digest"]), shingles: JSON.parse(String(row["shingles"])) as number[], common };
    });
}

function isCommon(database: Raw, feature: number, from: number): boolean {
  const row = database.prepare("select projects from common_features where feature = ?").get(feature);
  return row !== undefined && Number(row["projects"]) >= from;
}

/** One release for each uncommon indicator that a release which is not clean has too; all that have it are of one campaign already. */
export function linkedIndicators(database: Raw, indicators: readonly string[]): readonly number[] {
  const having = database.prepare(
    `select min(release) as release, count(*) as many from (select release from release_indicators where indicator = ? limit ${MOST_OF_INDICATOR})`,
  );
  return indicators.flatMap((indicator) => {
    if (isCommon(database, featureOf(indicator), COMMON_INDICATOR)) return [];
    const row = having.get(indicator);
    const isOfOne = row !== undefined && row["release"] !== null && Number(row["many"]) < MOST_OF_INDICATOR;
    return isOfOne ? [Number(row["release"])] : [];
  });
}

/**
 * The release withheld as malicious for its own bytes that a print resembles most. Of the project's own other releases only files of
 * the very same shape count: the release that repairs a project resembles the one that was attacked.
 */
export function withheldTwin(
  database: Raw,
  of: { readonly ecosystem: EcosystemId; readonly name: string; readonly sha256: string; readonly print: Print },
  isPardoned: (twin: WithheldTwin) => boolean,
): WithheldTwin | undefined {
  const having = database.prepare(
    `select k.ecosystem, k.name, k.version, k.filename, k.sha256, c.path from culprit_releases c join known_releases k on k.id = c.release
     where c.file = ? and k.own = 'malicious' limit ${MOST_OF_FILE}`,
  );
  for (const { file, path, likeness, same } of linkedFiles(database, of.print.files))
    for (const row of having.all(file)) {
      const twin: WithheldTwin = {
        ecosystem: row["ecosystem"] as EcosystemId,
        name: String(row["name"]),
        version: String(row["version"]),
        filename: String(row["filename"]),
        sha256: String(row["sha256"]),
        itsPath: String(row["path"]),
        path,
        likeness,
      };
      const isOwn = twin.ecosystem === of.ecosystem && twin.name === of.name;
      if (twin.sha256 !== of.sha256 && (!isOwn || same) && !isPardoned(twin)) return twin;
    }
  return undefined;
}
