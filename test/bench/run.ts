import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureCampaigns } from "./campaigns.ts";
import { type InspectRow, largestArchives, measureTarballs, measureWheels } from "./inspect.ts";
import { measureInspectorMemory } from "./inspector-memory.ts";
import { measureInstall } from "./install.ts";
import { measureMemory } from "./memory.ts";
import { measureServing } from "./serve.ts";

// npm run bench [-- serve inspect inspector-memory install memory campaigns] [--tarballs DIR] [--wheels DIR] [--seconds N] [--rounds N] [--known N]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tarballs: { type: "string", default: join(import.meta.dirname, "..", "..", "eval", "cache", "npm") },
    wheels: { type: "string", default: join(import.meta.dirname, "..", "..", "eval", "cache", "wheels") },
    seconds: { type: "string", default: "8" },
    rounds: { type: "string", default: "5" },
    known: { type: "string", default: "1000000" },
  },
});
/** Archives that are read for their memory. */
const LARGEST = 12;
const wanted = (what: string) => positionals.length === 0 || positionals.includes(what);

console.log(
  `Node.js ${process.versions.node}, ${process.platform} ${process.arch}; ratios are of one run, both sides on the same bytes`,
);

if (wanted("serve")) {
  const measured = await measureServing(Number(values.seconds));
  if (!measured) console.log("serve: skipped, nginx is not installed");
  for (const { what, gate, nginx, ratio, goal, gateP99Ms } of measured?.rows ?? [])
    line(
      `serve ${what}`,
      ratio,
      goal,
      "≥",
      `${gate.toFixed(0)} against nginx ${nginx.toFixed(0)} requests per CPU-second, p99 ${gateP99Ms.toFixed(0)} ms`,
    );
}
if (wanted("inspect")) {
  const scratch = mkdtempSync(join(tmpdir(), "bench-inspect-"));
  const tarballs = existsSync(values.tarballs) ? measureTarballs(values.tarballs, scratch) : undefined;
  if (tarballs) inspected("tarballs", tarballs);
  else skipped("no tarballs", values.tarballs, "--tarballs");
  const wheels = existsSync(values.wheels) ? measureWheels(values.wheels, scratch) : undefined;
  if (wheels) inspected("wheels", wheels);
  else skipped("no wheels", values.wheels, "--wheels");
  rmSync(scratch, { recursive: true, force: true });
}
if (wanted("inspector-memory")) {
  const folders = [values.tarballs, values.wheels].filter((folder) => existsSync(folder));
  const row = await measureInspectorMemory(largestArchives(folders, LARGEST));
  if (row)
    line(
      `inspector memory over the ${row.files} largest archives, MiB`,
      row.peakMb,
      row.goal,
      "≤",
      `${row.megabytes.toFixed(0)} MB packed; ended for its memory: ${row.outOfMemory}`,
    );
}
if (wanted("campaigns")) {
  const row = await measureCampaigns(Number(values.known));
  line(
    `campaigns ms a release, ${row.releases} known`,
    row.p99Ms,
    row.goalMs,
    "≤",
    `p99 of processor time, mean ${row.meanMs.toFixed(2)} ms; ${row.found} of ${row.asked} variants found; ${row.databaseMb.toFixed(0)} MB on disk, ${row.residentMb.toFixed(0)} MB resident`,
  );
}
if (wanted("install")) {
  const { packages, direct, cold, warm } = await measureInstall(Number(values.rounds));
  const note = (seconds: number) =>
    `${packages} packages, ${seconds.toFixed(2)} s against ${direct.toFixed(2)} s without gate`;
  line("install cold", cold / direct, 1.25, "≤", note(cold));
  line("install warm", warm / direct, 1, "≤", note(warm));
}
if (wanted("memory")) {
  const row = await measureMemory(100_000);
  if (row)
    line(
      `memory with ${row.projects} known projects, MiB`,
      row.residentMb,
      row.goal,
      "≤",
      `largest while ${row.visited} of them were visited`,
    );
}

function inspected(what: string, row: InspectRow): void {
  const { ms, yardstick, yardstickSeconds, inspectSeconds, startSeconds } = row;
  line(
    `inspect ${row.files} ${what}, ${row.megabytes.toFixed(0)} MB`,
    row.ratio,
    row.goal,
    "≤",
    `${inspectSeconds.toFixed(1)} s against ${yardstick} ${yardstickSeconds.toFixed(1)} s; start ${startSeconds.toFixed(2)} s apart; ` +
      `a release p50 ${ms.p50.toFixed(1)}, p95 ${ms.p95.toFixed(0)}, p99 ${ms.p99.toFixed(0)} ms`,
  );
}

function skipped(why: string, folder: string, option: string): void {
  console.log(`inspect: skipped, ${why} below ${folder} (eval/collect.ts fetches some; or ${option} DIR)`);
}

function line(what: string, value: number, goal: number, sign: "≥" | "≤", note: string): void {
  const met = sign === "≥" ? value >= goal : value <= goal;
  console.log(`${met ? "met   " : "MISSED"} ${what}: ${value.toFixed(2)} (goal ${sign} ${goal}); ${note}`);
}
