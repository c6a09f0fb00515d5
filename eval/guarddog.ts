import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VerdictWord } from "../src/catalog/model.ts";
import type { Judged } from "./figures.ts";

/** GuardDog of PyPI, the best open scanner, run beside ours on the same bytes. */
export interface GuardDog {
  readonly version: string;
  /** Its verdict on one archive in our words: its score of 5 and more is suspicious, of 7 and more malicious, no answer unknown. */
  judge(path: string, bytes: Buffer, ecosystem: "pypi" | "npm"): Promise<Judged>;
}

/** Milliseconds for one archive. */
const LIMIT_MS = 120_000;
const SUSPICIOUS = 5;
const HIGH_RISK = 7;

/** The GuardDog in `cache/guarddog`, installed there by pip when `install`; else why there is none. */
export function openGuardDog(cache: string, install: boolean): GuardDog | string {
  const home = join(cache, "guarddog");
  const program = join(home, process.platform === "win32" ? "Scripts" : "bin", "guarddog");
  if (!existsSync(program)) {
    if (!install) return "not installed; add --install-guarddog";
    const problem = installInto(home);
    if (problem !== undefined) return `could not be installed: ${problem}`;
  }
  const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim();
  return { version, judge: (path, bytes, ecosystem) => judgeWith(program, path, bytes, ecosystem) };
}

function installInto(home: string): string | undefined {
  const made = spawnSync("python3", ["-m", "venv", home], { encoding: "utf8" });
  if (made.status !== 0) return made.stderr || String(made.error);
  const python = join(home, process.platform === "win32" ? "Scripts" : "bin", "python");
  const installed = spawnSync(python, ["-m", "pip", "install", "--quiet", "guarddog"], { encoding: "utf8" });
  return installed.status === 0 ? undefined : installed.stderr.trim().split("\n").at(-1);
}

/** It reads files only: the archive lies in a folder that nothing else looks into, in memory where the system has that, while it does. */
async function judgeWith(program: string, path: string, bytes: Buffer, ecosystem: "pypi" | "npm"): Promise<Judged> {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "eval-"));
  const started = performance.now();
  try {
    const extension = bytes.readUInt16BE(0) === 0x504b ? ".whl" : ".tar.gz";
    const file = join(folder, `archive${extension}`);
    writeFileSync(file, bytes, { mode: 0o600 });
    const output = await run(program, [ecosystem, "scan", file, "--output-format", "json"], folder);
    return { path, word: wordOf(output), ms: performance.now() - started };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], folder: string): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: LIMIT_MS, maxBuffer: 64 << 20 }, (_error, stdout) => resolve(stdout));
  });
}

function wordOf(output: string): VerdictWord {
  try {
    const answer = JSON.parse(output.slice(output.indexOf("{"))) as { risk_score?: { score?: unknown } };
    const score = answer.risk_score?.score;
    if (typeof score !== "number") return "unknown";
    return score >= HIGH_RISK ? "malicious" : score >= SUSPICIOUS ? "suspicious" : "clean";
  } catch {
    return "unknown";
  }
}
