import { readdirSync, readFileSync } from "node:fs";

/** CPU seconds (user and system) that a process and its living descendants have used so far. Linux. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, one) => sum + ticksOf(one), 0) / TICKS_PER_SECOND;
}

/** Resident memory of a process alone, MiB. Linux. */
export function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

/** The most resident memory that a process ever had, MiB; 0 when it is gone. Linux. */
export function peakResidentMb(pid: number): number {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** The processes that a process started, without theirs. Linux. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

const TICKS_PER_SECOND = 100;

function ticksOf(pid: number): number {
  const fields = readStat(pid)?.fields;
  return fields ? Number(fields[11]) + Number(fields[12]) : 0;
}

function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat) parents.set(Number(name), Number(stat.fields[1]));
  }
  const found = [root];
  for (const pid of found)
    for (const [child, parent] of parents) if (parent === pid && !found.includes(child)) found.push(child);
  return found;
}

/** Fields after the command's name, which may itself hold blanks and brackets: state, ppid, … (proc_pid_stat(5)). */
function readStat(pid: number): { readonly fields: readonly string[] } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return { fields: text.slice(text.lastIndexOf(")") + 2).split(" ") };
  } catch {
    return undefined;
  }
}
