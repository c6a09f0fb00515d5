import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

/** Milliseconds between two looks at a process's time: on Linux a look is one small read, elsewhere it starts a program. */
export const PROCESSOR_TIME_EVERY_MS = process.platform === "linux" ? 100 : 1_000;

/**
 * Milliseconds of processor time that another process has used so far, all its threads together; undefined when the system does not
 * tell or the process is gone.
 */
export async function processorMs(pid: number): Promise<number | undefined> {
  if (process.platform === "win32") return undefined;
  return process.platform === "linux" ? linux(pid) : await posix(pid);
}

/** Linux counts in hundredths of a second on every architecture that Node.js runs on (USER_HZ). */
const MS_PER_TICK = 10;

function linux(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Behind the program's name, which may itself hold blanks and brackets: state is the first field, utime and stime follow (proc_pid_stat(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isNaN(ticks) ? undefined : ticks * MS_PER_TICK;
  } catch {
    return undefined;
  }
}

async function posix(pid: number): Promise<number | undefined> {
  return await new Promise((resolve) => {
    execFile("ps", ["-o", "time=", "-p", String(pid)], { timeout: 5_000 }, (_error, stdout) =>
      resolve(readPsTime(stdout)),
    );
  });
}

/** Reads `[[days-]hours:]minutes:seconds[.hundredths]` as ps prints it; undefined for anything else. */
export function readPsTime(text: string): number | undefined {
  const match = /^(?:(\d{1,6})-)?(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:[.,]\d{1,3})?)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = match;
  const whole = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
  return Math.round((whole * 60 + Number(seconds.replace(",", "."))) * 1_000);
}
