import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { falsePositivesOf, recallOf, timesOf } from "../eval/figures.ts";
import { fitPoints, type Row } from "../eval/fit.ts";
import { readSamples, readTrainList } from "../eval/malware.ts";
import { binsOf, type Scored, weightsOf, writeReliability } from "../eval/reliability.ts";
import type { Detector } from "../src/inspection/detector.ts";
import { WEIGHTS } from "../src/inspection/weights.ts";
import { temporaryFolder } from "./support/folders.ts";

const judged = (campaign: string, word: "clean" | "suspicious" | "malicious" | "unknown") => ({
  path: "p",
  campaign,
  stratum: "other",
  word,
  ms: 1,
});

test("recall is the mean over campaigns, so that one large campaign does not hide the others", () => {
  const large = Array.from({ length: 98 }, () => judged("large", "malicious"));
  const { hold, block, unknown, campaigns } = recallOf([...large, judged("a", "suspicious"), judged("b", "unknown")]);
  assert.equal(campaigns, 3);
  assert.equal(unknown, 1);
  assert.equal(hold.perCampaign, 2 / 3);
  assert.equal(block.perCampaign, 1 / 3);
  assert.equal(hold.perArchive, 0.99);
});

test("no false positive in n is at most 3/n, and unknown is told apart", () => {
  const rates = falsePositivesOf([...Array.from({ length: 299 }, () => judged("", "clean")), judged("", "unknown")], 2);
  assert.deepEqual(rates.hold, { count: 0, share: 0, atMost: 0.01 });
  assert.equal(rates.unknown.count, 1);
  assert.equal(rates.missing, 2);
});

test("of no samples no store is opened, so that there need not be one", async () => {
  const read = await Array.fromAsync(readSamples("/nowhere/at/all", []));
  assert.deepEqual(read, []);
});

test("reliability sets what scores claim against what is malware, campaigns alike and harmless archives at the stated odds", () => {
  const scored = (score: number, campaign?: string): Scored => ({
    set: "s",
    path: "p",
    word: "clean",
    score,
    ...(campaign === undefined ? {} : { campaign }),
  });
  const all = [scored(0.02), scored(0.02), scored(0.6), scored(0.6, "a"), scored(0.99, "b"), scored(0.99, "b")];
  const bins = binsOf(all, weightsOf(all, 3));
  assert.deepEqual(
    bins.map(({ from, malware, harmless }) => [from, malware, harmless]),
    [
      [0, 0, 2],
      [0.5, 1, 1],
      [0.97, 2, 0],
    ],
  );
  assert.ok(Math.abs(bins[1]!.observed - 1 / 3) < 1e-9);
  assert.ok(Math.abs(bins[1]!.claimed - 0.6) < 1e-9);
  assert.match(writeReliability(all, 3), /0\.50 - 0\.75 +1 +1 +0\.600 +0\.333/);
});

test("times are percentiles of the archives", () => {
  const { p50, p99, max } = timesOf(Array.from({ length: 100 }, (_, ms) => ({ ms })));
  assert.deepEqual([p50, p99, max], [50, 99, 99]);
});

test("samples are those of the list without the inert ones, read from git into memory", {
  skip: spawnSync("git").error !== undefined,
}, async () => {
  const folder = temporaryFolder();
  const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" }).trim();
  git("init", "--quiet");
  writeFileSync(join(folder, "bytes"), Buffer.from([0, 10, 255, 10]));
  const blob = git("hash-object", "-w", "bytes");
  const rows = [
    ["a/1", blob, "4", "7", "other", "2026-01-01", "", ""],
    ["a/2", blob, "4", "7", "other", "2026-01-01", "", ""],
    ["a/3", "0".repeat(40), "4", "8", "other", "2026-01-01", "", ""],
    ["inert", blob, "4", "9", "other", "2026-01-01", "", ""],
  ];
  const list = join(folder, "list.tsv");
  const head = "path\tblob\tsize\tcluster\tstratum\tadded\twhere\ttags";
  writeFileSync(list, [head, ...rows.map((row) => row.join("\t")), ""].join("\n"));
  writeFileSync(join(folder, "inert.txt"), "inert\n");
  const samples = readTrainList(list, join(folder, "inert.txt"), 1);
  assert.deepEqual(
    samples.map(({ path }) => path),
    ["a/1", "a/3"],
  );
  const read: (number[] | undefined)[] = [];
  for await (const { bytes } of readSamples(join(folder, ".git"), samples)) read.push(bytes && [...bytes]);
  assert.deepEqual(read, [[0, 10, 255, 10], undefined]);
});

test("the locks of the evaluation name archives and digests, and no addresses", () => {
  for (const lock of ["pypi.lock.json", "npm.lock.json"]) {
    const text = readFileSync(join(import.meta.dirname, "..", "eval", lock), "utf8");
    assert.ok(!text.includes("://"), lock);
    assert.ok(text.split("\n").length > 100, lock);
  }
});

test("a refit raises what only malware shows, lowers what harmless archives show, within bounds, and leaves the rest", () => {
  const detector = (id: string): Detector => ({
    id,
    title: id,
    severity: "high",
    ecosystems: ["pypi"],
    points: 4,
    class: "threat",
    group: id,
    why: "",
    detect: () => [],
    examples: { matches: [], passes: [] },
  });
  const row = (id: string, campaign?: string): Row => ({
    evidence: [{ detector: id, phase: "install", share: 1 }],
    weight: 1,
    ...(campaign === undefined ? {} : { campaign }),
  });
  const rows = [row("told", "a"), row("told", "b"), row("common"), row("common"), row("common", "c")];
  const detectors = ["told", "common", "unseen"].map(detector);
  const points = fitPoints(rows, detectors, WEIGHTS);
  assert.ok(points["told"]! > 4 && points["told"]! <= 4 * 1.35);
  assert.ok(points["common"]! < 4 && points["common"]! >= 4 * 0.6);
  assert.equal(points["unseen"], undefined);
  assert.deepEqual(fitPoints(rows, detectors, WEIGHTS), points);
});
