import { statSync } from "node:fs";
import { dirname } from "node:path";
import { openInspectorPool } from "../../src/inspection/pool.ts";
import { silentLog } from "../../src/lib/log.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { childrenOf, peakResidentMb } from "./processes.ts";

/** The most memory that an inspector process had at any time while it read large archives one after another, MiB. */
export interface InspectorMemoryRow {
  readonly files: number;
  readonly megabytes: number;
  readonly peakMb: number;
  /** Archives for which the process was ended because it had more than its bound. */
  readonly outOfMemory: number;
  readonly goal: number;
}

const LOOK_EVERY_MS = 20;

/** Inspects the files in one process at a time and watches its memory. Linux. */
export async function measureInspectorMemory(files: readonly string[]): Promise<InspectorMemoryRow | undefined> {
  if (process.platform !== "linux" || files.length === 0) return undefined;
  const pool = openInspectorPool({
    limits: DEFAULT_LIMITS,
    size: 1,
    readable: [...new Set(files.map(dirname))],
    log: silentLog,
  });
  let peakMb = 0;
  const timer = setInterval(() => {
    for (const child of childrenOf(process.pid)) peakMb = Math.max(peakMb, peakResidentMb(child));
  }, LOOK_EVERY_MS);
  let outOfMemory = 0;
  for (const path of files) {
    const { verdict } = await pool.inspect({ path }, { filename: path.split("/").at(-1)! });
    if (verdict.because?.includes("out of memory")) outOfMemory++;
  }
  const megabytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6;
  clearInterval(timer);
  await pool.close();
  return { files: files.length, megabytes, peakMb, outOfMemory, goal: DEFAULT_LIMITS.inspectorMemoryMb };
}
