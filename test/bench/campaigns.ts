import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { App } from "../../src/app.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { openSqlite, raw, writeRaw } from "../../src/storage/database/sqlite.ts";
import { type AssessedRelease, rememberRelease } from "../../src/tracking/known-releases.ts";
import { featureOf } from "../../src/tracking/prints.ts";
import { withheldTwin } from "../../src/tracking/resemblances.ts";

/** What recognising and remembering one release costs where many are known. */
export interface CampaignsRow {
  readonly releases: number;
  /** Processor time for one release, in milliseconds: on average, and of the slowest hundredth. */
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly goalMs: number;
  readonly found: number;
  readonly asked: number;
  readonly databaseMb: number;
  readonly residentMb: number;
}

/** Of all releases one in ten is not clean; twenty of those are of one campaign. A clean project has five releases. */
const NOT_CLEAN = 0.1;
const OF_CAMPAIGN = 20;
const OF_PROJECT = 5;
const SHINGLES = 60;
const SHARED_BY_CAMPAIGN = 34;
const OF_CULPRIT = 40;
/** Parts that many clean projects have in common. */
const COMMON_PARTS = 200_000;
const ASKED = 400;

/** Fills a database on disk with `releases` known ones and has further ones recognised and remembered. */
export async function measureCampaigns(releases: number): Promise<CampaignsRow> {
  const folder = mkdtempSync(join(tmpdir(), "bench-campaigns-"));
  const file = join(folder, "portcullis.db");
  const database = await openSqlite(file);
  try {
    await fill(database, releases);
    const app = { database, clock: () => 0 } as unknown as App;
    const times: number[] = [];
    let found = 0;
    for (let at = 0; at < ASKED; at++) {
      const release = at % 2 === 0 ? variant(releases, at) : clean(releases * 10 + at);
      const started = process.cpuUsage();
      const twin = withheldTwin(raw(database), release, () => false);
      await rememberRelease(app, { ...release, word: twin ? "malicious" : release.word });
      const { user, system } = process.cpuUsage(started);
      times.push((user + system) / 1_000);
      if (twin !== undefined && at % 2 === 0) found++;
    }
    times.sort((a, b) => a - b);
    return {
      releases,
      meanMs: times.reduce((sum, one) => sum + one, 0) / times.length,
      p99Ms: times[Math.floor(times.length * 0.99)]!,
      goalMs: 50,
      found,
      asked: ASKED / 2,
      databaseMb: statSync(file).size / 2 ** 20,
      residentMb: process.memoryUsage().rss / 2 ** 20,
    };
  } finally {
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A number for a part of code, the same for the same text of numbers; below 2^52. */
function part(kind: number, of: number, at: number): number {
  let hash = Math.imul(kind + 1, 0x9e3779b9) ^ Math.imul(of + 1, 0x85ebca6b) ^ Math.imul(at + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  const low = (hash ^ (hash >>> 12)) >>> 0;
  const high = Math.imul(low ^ of, 0x297a2d39) >>> 12;
  return high * 2 ** 32 + low;
}

function cleanParts(project: number): readonly number[] {
  return Array.from({ length: SHINGLES }, (_, at) =>
    at % 2 === 0 ? part(0, project, at) : part(1, part(2, project, at) % COMMON_PARTS, 0),
  );
}

function culpritParts(campaign: number, member: number): readonly number[] {
  return Array.from({ length: OF_CULPRIT }, (_, at) =>
    at < SHARED_BY_CAMPAIGN ? part(3, campaign, at) : part(4, member, at),
  ).sort((a, b) => a - b);
}

async function fill(database: Kysely<Database>, releases: number): Promise<void> {
  const culprits = Math.floor(releases * NOT_CLEAN);
  const projects = Math.floor((releases - culprits) / OF_PROJECT);
  await writeRaw(database, (sqlite) => {
    const add = sqlite.prepare(
      `insert into known_releases (ecosystem, name, version, filename, sha256, own, counted, campaign, first_seen_at)
       values ('npm', ?, ?, ?, ?, ?, ?, ?, 0)`,
    );
    for (let at = 0; at < culprits; at++) {
      const campaign = at - (at % OF_CAMPAIGN) + 1;
      add.run(`odd-${at}`, "1.0.0", `odd-${at}.tgz`, `o${at}`, "malicious", 0, campaign);
    }
    for (let at = 0; at < releases - culprits; at++) {
      const name = `plain-${at % projects}`;
      add.run(name, `1.${at}.0`, `${name}-${at}.tgz`, `p${at}`, "clean", at < projects ? 1 : 0, null);
    }
  });
  await writeRaw(database, (sqlite) => {
    const features = new Float64Array(projects * SHINGLES);
    for (let project = 0; project < projects; project++) features.set(cleanParts(project), project * SHINGLES);
    features.sort();
    const add = sqlite.prepare("insert into common_features (feature, projects) values (?, ?)");
    for (let at = 0; at < features.length; ) {
      let end = at + 1;
      while (features[end] === features[at]) end++;
      add.run(features[at]!, end - at);
      at = end;
    }
  });
  await fillCulprits(database, culprits);
}

async function fillCulprits(database: Kysely<Database>, culprits: number): Promise<void> {
  const pairs: (readonly [number, number])[] = [];
  await writeRaw(database, (sqlite) => {
    const file = sqlite.prepare("insert into culprit_files (id, digest, tokens, shingles) values (?, ?, 200, ?)");
    const release = sqlite.prepare("insert into culprit_releases (file, release, path) values (?, ?, 'index.js')");
    const indicator = sqlite.prepare("insert into release_indicators (indicator, release) values (?, ?)");
    for (let at = 0; at < culprits; at++) {
      const campaign = Math.floor(at / OF_CAMPAIGN);
      const parts = culpritParts(campaign, at);
      file.run(at + 1, part(5, at, 0), JSON.stringify(parts));
      release.run(at + 1, at + 1);
      indicator.run(`host:c${campaign}.example.invalid`, at + 1);
      for (const one of parts) pairs.push([one, at + 1]);
    }
  });
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  await writeRaw(database, (sqlite) => {
    const add = sqlite.prepare("insert into culprit_shingles (shingle, file) values (?, ?) on conflict do nothing");
    for (const [shingle, file] of pairs) add.run(shingle, file);
  });
}

function release(
  name: string,
  word: "clean" | "malicious",
  shingles: readonly number[],
  indicators: readonly string[],
) {
  const sorted = [...shingles].sort((a, b) => a - b);
  const half = Math.ceil(sorted.length / 2);
  const files = word === "clean" ? [sorted.slice(0, half), sorted.slice(half)] : [sorted];
  return {
    ecosystem: "pypi",
    name,
    version: "1.0",
    filename: `${name}-1.0.tar.gz`,
    sha256: name,
    own: word,
    word,
    print: {
      files: files.map((parts, at) => ({
        path: `${at}.py`,
        digest: featureOf(`${name} ${at}`),
        tokens: 200,
        shingles: parts,
      })),
      indicators,
    },
    culprits: [],
  } satisfies AssessedRelease;
}

function variant(releases: number, at: number): AssessedRelease {
  const campaign = Math.floor((at * 7_919) % ((releases * NOT_CLEAN) / OF_CAMPAIGN));
  const name = `variant-${at}`;
  return release(name, "malicious", culpritParts(campaign, releases * 10 + at), [`host:c${campaign}.example.invalid`]);
}

function clean(at: number): AssessedRelease {
  return release(`fresh-${at}`, "clean", cleanParts(at), ["host:docs.example.invalid"]);
}
