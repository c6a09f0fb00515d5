import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Finding, VerdictWord } from "../catalog/model.ts";
import { makeDecoys } from "./decoys.ts";
import type { Order } from "./director.ts";
import type { Event, Plan } from "./model.ts";
import { findingsOf } from "./observe.ts";
import { type Programs, planFor, type Subject } from "./plan.ts";
import { NAMESPACES } from "./probe.ts";

/** What running a package showed. */
export interface Detonation {
  readonly verdict: VerdictWord;
  readonly findings: readonly Finding[];
  /** Why the verdict is unknown. */
  readonly because?: string;
  /** How each step ended, in order. */
  readonly steps: readonly (Event & { readonly kind: "end" })[];
  readonly events: readonly Event[];
}

export interface DetonationOptions {
  readonly programs: Programs;
  /** Milliseconds for each step. */
  readonly stepMs: number;
  readonly interrupted: AbortSignal;
  /** Runs of the harmless packages, by ecosystem: begins empty, and is filled. */
  readonly baselines: Map<string, Run>;
  readonly say: (text: string) => void;
}

/** Events kept of one run. */
const MOST_EVENTS = 200_000;

/**
 * Installs and imports a package in a sandbox that leads nowhere, and does the same with a harmless one: what only the package
 * does is found. The machine must have passed `missingWalls`. Never rejects for what the package does.
 */
export async function detonate(subject: Subject, options: DetonationOptions): Promise<Detonation> {
  const planned = planFor(subject, options.programs);
  if ("because" in planned)
    return { verdict: "unknown", because: planned.because, findings: [], steps: [], events: [] };
  const before = await runBaseline(planned.baseline, options);
  if (before.because !== undefined) {
    return { verdict: "unknown", because: before.because, findings: [], steps: [], events: [] };
  }
  options.say(`running ${subject.filename}`);
  const run = await runPlan(planned.plan, options);
  const findings = findingsOf(run.events, before.events, run.decoyFiles);
  const steps = run.events.filter((event) => event.kind === "end");
  const because = run.because ?? whatFailed(steps, planned.plan);
  return { ...judged(findings, because), findings, steps, events: run.events };
}

/** What a harmless package does in the same steps, found out once for all files of one command. */
async function runBaseline(plan: Plan, options: DetonationOptions): Promise<Run> {
  const known = options.baselines.get(plan.ecosystem);
  if (known !== undefined) return known;
  options.say("running a harmless package, to compare with");
  const run = await runPlan(plan, options);
  const failed =
    run.because ??
    whatFailed(
      run.events.filter((event) => event.kind === "end"),
      plan,
    );
  const found =
    failed === undefined ? run : { ...run, because: `not even a harmless package can be installed: ${failed}` };
  options.baselines.set(plan.ecosystem, found);
  return found;
}

function judged(findings: readonly Finding[], because: string | undefined): Pick<Detonation, "verdict" | "because"> {
  if (findings.some(({ severity }) => severity === "critical")) return { verdict: "malicious" };
  if (findings.some(({ severity }) => severity === "high")) return { verdict: "suspicious" };
  return because === undefined ? { verdict: "clean" } : { verdict: "unknown", because };
}

/** An installation that failed has shown nothing; one whose import fails may only lack a dependency, and has been installed. */
function whatFailed(steps: readonly (Event & { readonly kind: "end" })[], plan: Plan): string | undefined {
  const phaseOf = new Map(plan.steps.map(({ name, phase }) => [name, phase]));
  for (const { step, code, timedOut, cut, output } of steps) {
    if (timedOut) return `the step ${step} took too long`;
    if (cut) return `more happened in the step ${step} than could be recorded`;
    if (code !== 0 && phaseOf.get(step) === "install") return `the step ${step} failed: ${lastLine(output)}`;
  }
  return steps.length < plan.steps.length ? "not every step was run" : undefined;
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1)?.slice(0, 200) ?? "";
}

/** What one plan showed. */
export interface Run {
  readonly events: readonly Event[];
  readonly decoyFiles: readonly string[];
  readonly because?: string;
}

async function runPlan(plan: Plan, { programs, stepMs, interrupted }: DetonationOptions): Promise<Run> {
  const scratch = await mkdtemp(join(tmpdir(), "portcullis-detonation-"));
  const decoys = makeDecoys();
  const order: Order = { plan, decoys, scratch, stepMs };
  const director = join(import.meta.dirname, `director${import.meta.filename.slice(-3)}`);
  const child = spawn("unshare", [...NAMESPACES, programs.node, director], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    signal: interrupted,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
    child.once("error", () => resolve(null));
  });
  let trouble = "";
  child.stderr.on("data", (piece: Buffer) => {
    trouble = (trouble + piece.toString("utf8")).slice(-2_000);
  });
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(order));
  const events: Event[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (events.length < MOST_EVENTS || line.includes('"kind":"end"')) events.push(JSON.parse(line) as Event);
  }
  const code = await ended;
  await rm(scratch, { recursive: true, force: true });
  const decoyFiles = Object.keys(decoys.files);
  return code === 0
    ? { events, decoyFiles }
    : { events, decoyFiles, because: `the sandbox failed: ${lastLine(trouble)}` };
}
