import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

/** Milliseconds between two looks at a process's memory: on Linux a look is one small read, elsewhere it starts a program. */
export const RESIDENT_MEMORY_EVERY_MS = process.platform === "linux" ? 25 : 1_000;

/**
 * Memory of another process that is in RAM, MiB, heap and buffers alike (V8's own bound covers only its heap);
 * undefined when the system does not tell or the process is gone.
 */
export async function residentMemoryMb(pid: number): Promise<number | undefined> {
  if (process.platform === "linux") return linux(pid);
  return process.platform === "win32" ? await windows(pid) : await posix(pid);
}

function linux(pid: number): number | undefined {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return match ? Number(match[1]) / 1024 : undefined;
  } catch {
    return undefined;
  }
}

async function posix(pid: number): Promise<number | undefined> {
  const kilobytes = Number.parseInt(await output("ps", ["-o", "rss=", "-p", String(pid)]), 10);
  return Number.isNaN(kilobytes) ? undefined : kilobytes / 1024;
}

async function windows(pid: number): Promise<number | undefined> {
  const line = await output("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]);
  // The last column is a number with the thousands separator of the country, then a unit: "123,456 K".
  const column = /"([^"]*)"\s*$/.exec(line.trimEnd());
  const kilobytes = Number(column?.[1]?.replace(/\D/g, "") || "NaN");
  return Number.isNaN(kilobytes) ? undefined : kilobytes / 1024;
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 5_000, windowsHide: true }, (_error, stdout) => resolve(stdout));
  });
}
