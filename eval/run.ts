/** `npm run eval`: recall and false positives of the engine in one run, at the same thresholds. See README.md. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Finding } from "../src/catalog/model.ts";
import type { Inspection } from "../src/inspection/model.ts";
import { type InspectorPool, openInspectorPool } from "../src/inspection/pool.ts";
import { inOrder } from "../src/lib/in-order.ts";
import { silentLog } from "../src/lib/log.ts";
import { openProgress } from "../src/lib/progress.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { HELP, readArguments } from "./arguments.ts";
import { type BenignSet, folderSet, pinnedSets } from "./benign.ts";
import { falsePositivesOf, type Judged, recallOf, type SampleJudged, timesOf } from "./figures.ts";
import type { Seen } from "./fit.ts";
import { type GuardDog, openGuardDog } from "./guarddog.ts";
import { readSamples, readTrainList, type Sample } from "./malware.ts";
import { OBFUSCATIONS } from "./obfuscate/index.ts";
import { refit } from "./refit.ts";
import { type Report, type ScannerReport, writeText } from "./report.ts";
import { measureRobustness } from "./robustness.ts";

const { values, positionals } = readArguments(process.argv.slice(2));
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
if (values.refit !== undefined) {
  process.stdout.write(refit(values.refit));
  process.exit();
}
const jobs = Number(values.jobs);
const progress = openProgress(process.stderr);
if (values.details !== undefined) writeFileSync(values.details, "");

const pinned = pinnedSets(values.cache).filter(({ name }) => values.set?.includes(name) ?? true);
const sets = [...pinned, ...positionals.map((folder) => folderSet(folder, resolve(folder)))];
const samples = readCorpus();
const obfuscations = OBFUSCATIONS.filter(({ name }) =>
  values.obfuscate?.some((asked) => asked === name || asked === "all"),
);
const report = await evaluate();
progress.close();
process.stdout.write(values.json ? `${JSON.stringify(report, null, 1)}\n` : writeText(report));

/** The samples to read, or why there are none. */
function readCorpus(): readonly Sample[] | string {
  if (values.corpus === undefined) return "no corpus was given (--corpus GIT_DIRECTORY), so recall was not measured";
  if (!existsSync(values.train)) return `there is no train list at ${values.train}, so recall was not measured`;
  const inert = existsSync(values.inert) ? values.inert : undefined;
  return readTrainList(values.train, inert, Number(values["per-campaign"]));
}

async function evaluate(): Promise<Report> {
  const readable = [values.cache, ...positionals].map((folder) => resolve(folder));
  const pool = openInspectorPool({ size: jobs, warm: jobs, limits: DEFAULT_LIMITS, readable, log: silentLog });
  try {
    if (obfuscations.length > 0) return await measureObfuscated(pool);
    const scanners = [await measureOurs(pool)];
    const beside =
      values.guarddog === undefined
        ? "not asked for; add --guarddog N"
        : await measureGuardDog(pool, Number(values.guarddog));
    if (typeof beside !== "string") scanners.push(...beside);
    return {
      perCampaign: values["per-campaign"] === "1000000" ? "all" : values["per-campaign"],
      scanners,
      notes: [
        ...(typeof samples === "string" ? [samples] : []),
        ...(typeof beside === "string" ? [`GuardDog: ${beside}`] : []),
      ],
    };
  } finally {
    await pool.close();
  }
}

/** Recall before and after each obfuscation, and nothing else: what is harmless is not rewritten. */
async function measureObfuscated(pool: InspectorPool): Promise<Report> {
  let engine = "";
  let done = 0;
  const robustness = await measureRobustness({
    pool,
    samples: sampleSource(samples),
    obfuscations,
    seed: values.seed,
    atOnce: jobs + 1,
    note(name, { path, campaign }, inspection) {
      const { verdict, engine: named, sha256, ms } = inspection;
      if (named !== "none") engine = named;
      progress.say(`obfuscated: ${++done}`);
      record({ set: name === "" ? "malware" : `obfuscated-${name}`, path, campaign, sha256, ms, ...verdict });
    },
  });
  return {
    perCampaign: values["per-campaign"] === "1000000" ? "all" : values["per-campaign"],
    scanners: [{ name: `Portcullis engine ${engine}`, robustness, falsePositives: {}, times: {} }],
    notes: typeof samples === "string" ? [samples] : [],
  };
}

/** Each detector's strongest share by the phase it counts in: what a refit of the weights needs of an archive. */
function evidenceOf(findings: readonly Finding[]): readonly Seen[] {
  const strongest = new Map<string, Seen>();
  for (const { detector, weighed } of findings) {
    if (weighed === undefined) continue;
    const seen = { detector, phase: weighed.phase, share: weighed.share };
    const key = `${detector} ${weighed.phase}`;
    if (seen.share > (strongest.get(key)?.share ?? 0)) strongest.set(key, seen);
  }
  return [...strongest.values()];
}

async function measureOurs(pool: InspectorPool): Promise<ScannerReport> {
  let engine = "";
  const note = (set: string, path: string, inspection: Inspection, campaign?: string) => {
    const { verdict, engine: named, sha256, ms, findings } = inspection;
    if (named !== "none") engine = named;
    record({ set, path, campaign, sha256, ms, ...verdict, evidence: evidenceOf(findings) });
  };
  const malware: SampleJudged[] = [];
  let absent = 0;
  for await (const found of inOrder(
    sampleSource(samples),
    async ({ sample, bytes }) => {
      if (bytes === undefined) return undefined;
      const inspection = await pool.inspect({ bytes }, { filename: baseName(sample.path) });
      note("malware", sample.path, inspection, sample.campaign);
      return { ...sample, word: inspection.verdict.word, ms: inspection.ms };
    },
    { atOnce: jobs + 4, ahead: 1_000 },
  )) {
    if (found === undefined) absent++;
    else malware.push(found);
    progress.say(`malware: ${malware.length}`);
  }
  const benign: { set: BenignSet; judged: Judged[] }[] = [];
  for (const set of sets) {
    const judged: Judged[] = [];
    for await (const one of inOrder(
      asyncItems(set.archives),
      async ({ name, path }) => {
        const inspection = await pool.inspect({ path }, { filename: baseName(name) });
        note(set.name, name, inspection);
        return { path: name, word: inspection.verdict.word, ms: inspection.ms };
      },
      { atOnce: jobs + 4, ahead: 1_000 },
    )) {
      judged.push(one);
      progress.say(`${set.name}: ${judged.length} of ${set.archives.length}`);
    }
    benign.push({ set, judged });
  }
  return reportOf(`Portcullis engine ${engine}`, malware, absent, benign);
}

/** GuardDog costs seconds an archive: one archive of each of the first `count` campaigns and of each benign set, ours on the very same ones. */
async function measureGuardDog(pool: InspectorPool, count: number): Promise<ScannerReport[] | string> {
  const guarddog = openGuardDog(values.cache, values["install-guarddog"]);
  if (typeof guarddog === "string") return guarddog;
  const chosen = typeof samples === "string" ? samples : onePerCampaign(samples).slice(0, count);
  const ours = { malware: [] as SampleJudged[], benign: [] as { set: BenignSet; judged: Judged[] }[] };
  const theirs = { malware: [] as SampleJudged[], benign: [] as { set: BenignSet; judged: Judged[] }[] };
  for await (const { sample, bytes } of sampleSource(chosen)) {
    if (bytes === undefined) continue;
    const [one, other] = await both(pool, guarddog, sample.path, bytes, "pypi");
    ours.malware.push({ ...sample, ...one });
    theirs.malware.push({ ...sample, ...other });
    progress.say(`GuardDog, malware: ${theirs.malware.length}`);
  }
  for (const whole of sets) {
    const set = { ...whole, archives: spread(whole.archives, count), missing: 0 };
    const judged: [Judged[], Judged[]] = [[], []];
    for (const { name, path } of set.archives) {
      const pair = await both(pool, guarddog, name, readFileSync(path), set.name === "npm" ? "npm" : "pypi");
      judged[0].push(pair[0]);
      judged[1].push(pair[1]);
      progress.say(`GuardDog, ${set.name}: ${judged[1].length} of ${set.archives.length}`);
    }
    ours.benign.push({ set, judged: judged[0] });
    theirs.benign.push({ set, judged: judged[1] });
  }
  return [
    reportOf("Portcullis, on GuardDog's share", ours.malware, 0, ours.benign),
    reportOf(`GuardDog ${guarddog.version} (>= 5 hold, >= 7 block)`, theirs.malware, 0, theirs.benign),
  ];
}

async function both(
  pool: InspectorPool,
  guarddog: GuardDog,
  path: string,
  bytes: Buffer,
  ecosystem: "pypi" | "npm",
): Promise<[Judged, Judged]> {
  const ours = pool.inspect({ bytes }, { filename: baseName(path) });
  const theirs = await guarddog.judge(path, bytes, ecosystem);
  record({ set: "guarddog", path, word: theirs.word });
  const { verdict, ms } = await ours;
  return [{ path, word: verdict.word, ms }, theirs];
}

function reportOf(
  name: string,
  malware: readonly SampleJudged[],
  absent: number,
  benign: readonly { set: BenignSet; judged: readonly Judged[] }[],
): ScannerReport {
  return {
    name,
    ...(malware.length > 0 ? { recall: { ...recallOf(malware), absent } } : {}),
    falsePositives: Object.fromEntries(
      benign.map(({ set, judged }) => [set.name, falsePositivesOf(judged, set.missing)]),
    ),
    times: Object.fromEntries([
      ...(malware.length > 0 ? [["malware", timesOf(malware)] as const] : []),
      ...benign.map(({ set, judged }) => [set.name, timesOf(judged)] as const),
    ]),
  };
}

function sampleSource(from: readonly Sample[] | string): ReturnType<typeof readSamples> {
  return readSamples(values.corpus ?? "", typeof from === "string" ? [] : from);
}

async function* asyncItems<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

function onePerCampaign(all: readonly Sample[]): readonly Sample[] {
  return [...new Map(all.toReversed().map((sample) => [sample.campaign, sample])).values()].reverse();
}

/** `count` items at even distances. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, items.length / count);
  return Array.from({ length: Math.min(count, items.length) }, (_, index) => items[Math.floor(index * step)]!);
}

function record(line: object): void {
  if (values.details !== undefined) appendFileSync(values.details, `${JSON.stringify(line)}\n`);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
