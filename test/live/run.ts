import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startGate } from "../bench/start-gate.ts";
import { programsFolder } from "../clients/programs.ts";
import { type Evidence, readEvidence } from "./evidence.ts";
import {
  type Chosen,
  type Install,
  installNpm,
  installNpmLocked,
  installPythonFrom,
  installPythonLocked,
  planPython,
} from "./installs.ts";

/**
 * Installs ordinary applications from the machine's real registries through a gate: npm run test:live [-- --only npm|pypi] [--keep] [--config FILE].
 * Fails when an ordinary package is withheld, or when the gate changes what is chosen or its bytes. With a FILE that sets
 * `policy.mode = "audit"` one run names everything that would be withheld.
 */
const { values } = parseArgs({
  options: { only: { type: "string" }, keep: { type: "boolean", default: false }, config: { type: "string" } },
});
const folder = mkdtempSync(join(tmpdir(), "portcullis-live-"));
mkdirSync(programsFolder, { recursive: true });
const wrong: string[] = [];
const gate = await startGate(folder, values.config === undefined ? [] : ["--config", values.config]);
try {
  if (values.only !== "pypi") await attempt("npm", tryNpm);
  if (values.only !== "npm") await attempt("pypi", tryPython);
  await settle();
} finally {
  await gate.stop();
}
report(readEvidence(join(folder, "data")));
if (values.keep) console.log(`kept: ${folder}`);
else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
for (const line of wrong) console.log(`WRONG  ${line}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

async function attempt(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    wrong.push(`${name}: ${(error as Error).message}`);
  }
}

async function tryNpm(): Promise<void> {
  const registry = `${gate.url}/npm/`;
  const direct = await installNpm(join(folder, "npm-direct"));
  say("npm install, without the gate", direct);
  const cold = await installNpm(join(folder, "npm-cold"), registry);
  say("npm install, through the gate, nothing known", cold);
  compare("npm", direct.chosen, cold.chosen);
  say("npm install, through the gate, everything known", await installNpm(join(folder, "npm-warm"), registry));
  const locked = await installNpmLocked(join(folder, "npm-locked"), join(folder, "npm-direct"), registry);
  say("npm install, through the gate, with the lock file made without it", locked);
  compare("npm with a lock file", direct.chosen, locked.chosen);
}

async function tryPython(): Promise<void> {
  const index = `${gate.url}/pypi/simple/`;
  const direct = await planPython(join(folder, "pip-direct"));
  say("pip install --dry-run, without the gate", direct);
  const cold = await installPythonFrom(join(folder, "pip-cold"), index);
  say("pip install, through the gate, nothing known", cold);
  compare("pypi", direct.chosen, cold.chosen);
  const locked = await installPythonLocked(join(folder, "pip-locked"), direct.chosen, index);
  say("pip install --require-hashes, through the gate, with the hashes seen without it", locked);
}

/** Waits, five minutes at most, until what is inspected ahead of time or behind an audit is done. */
async function settle(): Promise<void> {
  let [quiet, tries] = [0, 0];
  for (; quiet < 3 && tries < 300; tries++) {
    const metrics = await (await fetch(`${gate.url}/metrics`)).text();
    const busy = [...metrics.matchAll(/^portcullis_inspections_(?:waiting|running) (\d+)/gm)];
    quiet = busy.every(([, count]) => count === "0") ? quiet + 1 : 0;
    await sleep(1000);
  }
  if (quiet < 3) console.log("not everything was inspected within five minutes");
}

function say(what: string, { seconds, chosen }: Install): void {
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${what}: ${Object.keys(chosen).length} packages`);
}

/** The gate may change neither which versions are chosen nor their bytes. */
function compare(ecosystem: string, direct: Chosen, gated: Chosen): void {
  for (const name of new Set([...Object.keys(direct), ...Object.keys(gated)])) {
    if (!(name in gated)) wrong.push(`${ecosystem}: ${name} is chosen without the gate only`);
    else if (!(name in direct)) wrong.push(`${ecosystem}: ${name} is chosen with the gate only`);
    else if (direct[name] !== gated[name])
      wrong.push(`${ecosystem}: ${name} is ${direct[name]} without the gate and ${gated[name]} with it`);
  }
}

function report({ served, bytes, waits, inspected, withheld }: Evidence): void {
  console.log(
    `served ${served} files (${(bytes / (1 << 20)).toFixed(0)} MB), inspected ${inspected}, asked to wait ${waits} times, withheld ${withheld.length}`,
  );
  for (const { feed, filename, sentence, score, because } of withheld)
    wrong.push(`${feed} ${filename} is withheld: ${sentence} [score ${score?.toFixed(3) ?? "none"}: ${because}]`);
}
