/**
 * How many archives of a campaign are linked to one that came before, and how many harmless ones to any malware:
 * node tools/node/run.mjs eval/campaigns.ts --corpus GIT_DIRECTORY [--per-campaign N] [--benign N]
 */
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { App } from "../src/app.ts";
import type { EcosystemId, Verdict } from "../src/catalog/model.ts";
import type { Inspection } from "../src/inspection/model.ts";
import { openInspectorPool } from "../src/inspection/pool.ts";
import { silentLog } from "../src/lib/log.ts";
import { openProgress } from "../src/lib/progress.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { openSqlite, raw } from "../src/storage/database/sqlite.ts";
import { rememberRelease } from "../src/tracking/known-releases.ts";
import { withheldTwin } from "../src/tracking/resemblances.ts";
import { pinnedSets } from "./benign.ts";
import { readSamples, readTrainList } from "./malware.ts";

const HERE = import.meta.dirname;
const SHARED = resolve(HERE, "..", "..", "shared", "corpora");
const { values } = parseArgs({
  options: {
    train: { type: "string", default: join(SHARED, "malregistry-train.tsv") },
    inert: { type: "string", default: join(SHARED, "malregistry-train-inert.txt") },
    corpus: { type: "string" },
    cache: { type: "string", default: join(HERE, "cache") },
    "per-campaign": { type: "string", default: "20" },
    benign: { type: "string", default: "400" },
  },
});
if (values.corpus === undefined) throw new Error("--corpus GIT_DIRECTORY is needed");

const pool = openInspectorPool({
  size: 1,
  warm: 1,
  limits: DEFAULT_LIMITS,
  readable: [resolve(values.cache)],
  log: silentLog,
});
const progress = openProgress(process.stderr);
/** Databases that know no harmless release, and every second one, before the malware comes. */
const cold = await openApp();
const warm = await openApp();

async function openApp(): Promise<App> {
  return { database: await openSqlite(":memory:"), clock: () => 0 } as unknown as App;
}

interface Known {
  readonly ecosystem: EcosystemId;
  readonly name: string;
  readonly inspection: Inspection;
}

async function remember(app: App, { ecosystem, name, inspection }: Known): Promise<void> {
  const print = inspection.facts?.fingerprint;
  if (print === undefined) return;
  const { word } = inspection.verdict as Verdict;
  const culprits = inspection.findings.filter(({ weighed }) => (weighed?.points ?? 0) > 0).map(({ path }) => path);
  const { sha256 } = inspection;
  await rememberRelease(app, {
    ecosystem,
    name,
    version: "",
    filename: name,
    sha256,
    own: word,
    word,
    print,
    culprits,
  });
}

function twinOf(app: App, { ecosystem, name, inspection }: Known) {
  const print = inspection.facts?.fingerprint;
  return print && withheldTwin(raw(app.database), { ecosystem, name, sha256: inspection.sha256, print }, () => false);
}

const benign: Known[] = [];
for (const set of pinnedSets(values.cache)) {
  const step = Math.max(1, Math.floor(set.archives.length / Number(values.benign)));
  for (const [at, { name, path }] of set.archives.entries()) {
    if (at % step !== 0) continue;
    const inspection = await pool.inspect({ path }, { filename: basename(name) });
    benign.push({ ecosystem: set.name === "npm" ? "npm" : "pypi", name: `${set.name}/${name}`, inspection });
    progress.say(`${set.name}: ${at} of ${set.archives.length}`);
  }
}
for (const [at, one] of benign.entries()) if (at % 2 === 0) await remember(warm, one);

interface Links {
  archives: number;
  malicious: number;
  later: number;
  linked: number;
  elsewhere: number;
  rescued: number;
}
const campaigns = new Map<string, Links>();
const campaignOf = new Map<string, string>();
let read = 0;
for await (const { sample, bytes } of readSamples(
  values.corpus,
  readTrainList(values.train, values.inert, Number(values["per-campaign"])),
)) {
  if (bytes === undefined) continue;
  const inspection = await pool.inspect({ bytes }, { filename: basename(sample.path) });
  const known: Known = { ecosystem: "pypi", name: sample.path.split("/")[0]!, inspection };
  const before = campaigns.get(sample.campaign) ?? {
    archives: 0,
    malicious: 0,
    later: 0,
    linked: 0,
    elsewhere: 0,
    rescued: 0,
  };
  const twin = twinOf(warm, known);
  if (before.malicious > 0) before.later++;
  if (twin !== undefined) {
    if (campaignOf.get(twin.sha256) !== sample.campaign) before.elsewhere++;
    else if (before.malicious > 0) before.linked++;
    if (inspection.verdict.word !== "malicious") before.rescued++;
  }
  before.archives++;
  if (inspection.verdict.word === "malicious") before.malicious++;
  campaigns.set(sample.campaign, before);
  campaignOf.set(inspection.sha256, sample.campaign);
  for (const app of [cold, warm]) await remember(app, known);
  progress.say(`malware: ${++read}`);
}
progress.close();

const sum = (of: (links: Links) => number) => [...campaigns.values()].reduce((all, one) => all + of(one), 0);
const all = [...campaigns.values()];
console.log(`malware: ${sum((one) => one.archives)} archives of ${campaigns.size} campaigns`);
console.log(
  `archives after a malicious one of their campaign: ${sum((one) => one.later)}, linked to it: ${sum((one) => one.linked)}`,
);
console.log(`linked to another campaign as labelled: ${sum((one) => one.elsewhere)}`);
console.log(`not malicious by themselves, but linked: ${sum((one) => one.rescued)}`);
console.log(
  `campaigns with later archives: ${all.filter((one) => one.later > 0).length}, linked at all: ${all.filter((one) => one.linked > 0).length}`,
);
for (const [what, app, those] of [
  ["no harmless release was known", cold, benign],
  ["every second one was known", warm, benign.filter((_, at) => at % 2 === 1)],
] as const) {
  const linked = those.flatMap((one) => twinOf(app, one) ?? []);
  console.log(`harmless archives linked where ${what}: ${linked.length} of ${those.length}`);
  for (const [at, one] of those.entries()) {
    const twin = twinOf(app, one);
    if (twin !== undefined && at >= 0)
      console.log(`  ${one.name}: ${twin.path} like ${twin.filename} ${twin.itsPath}, ${twin.likeness.toFixed(2)}`);
  }
}
await pool.close();
