import { spawnSync } from "node:child_process";
import { closeSync, globSync, openSync, readFileSync, readSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Inspection of ordinary archives against merely decompressing them. CPU seconds of whole processes. */
export interface InspectRow {
  readonly files: number;
  readonly megabytes: number;
  readonly yardstick: string;
  readonly yardstickSeconds: number;
  readonly inspectSeconds: number;
  /** Of one `inspect` of a tiny file: what starting costs, taken out of the ratio. */
  readonly startSeconds: number;
  readonly ratio: number;
  readonly goal: number;
  /** Milliseconds that one of 100, of 20 and of 2 releases took longer than, as the inspector counts them; other load lengthens them. */
  readonly ms: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** At most this many of each, as the goals say. */
const MOST_TARBALLS = 3000;
const MOST_WHEELS = 90;
/** Larger wheels are mostly native libraries, which are not what most people install. */
const ORDINARY_WHEEL = 5 << 20;

/** Measures on every gzip file below a folder (npm's own cache will do); undefined without files or gzip. */
export function measureTarballs(folder: string, scratch: string): InspectRow | undefined {
  const files = filesBelow(folder).filter((file) => startsWith(file, "\x1f\x8b"));
  return measure(files.slice(0, MOST_TARBALLS), scratch, "gzip -t", "xargs -d '\\n' gzip -t", 2);
}

/** Measures on wheels from all over a folder; undefined without files or unzip. */
export function measureWheels(folder: string, scratch: string): InspectRow | undefined {
  const files = filesBelow(folder).filter((file) => file.endsWith(".whl") && statSync(file).size <= ORDINARY_WHEEL);
  const step = Math.max(1, Math.floor(files.length / MOST_WHEELS));
  const spread = files.filter((_, at) => at % step === 0).slice(0, MOST_WHEELS);
  return measure(spread, scratch, "unzip -t", "xargs -d '\\n' -n 1 unzip -tqq", 1.5);
}

/** The largest archives below the folders, largest first. */
export function largestArchives(folders: readonly string[], count: number): readonly string[] {
  return folders
    .flatMap(filesBelow)
    .map((file) => ({ file, size: statSync(file).size }))
    .filter(({ file, size }) => size > 1 << 20 && (startsWith(file, "\x1f\x8b") || startsWith(file, "PK")))
    .toSorted((a, b) => b.size - a.size)
    .slice(0, count)
    .map(({ file }) => file);
}

/** Characters of a command line: with fewer, xargs would start the command several times, and its start counts once. Linux allows 2 MiB. */
const ONE_COMMAND = 1_800_000;

function measure(
  files: readonly string[],
  scratch: string,
  yardstick: string,
  command: string,
  goal: number,
): InspectRow | undefined {
  if (files.length === 0 || spawnSync(yardstick.split(" ")[0]!, ["-h"]).error) return undefined;
  const list = join(scratch, "files.txt");
  const answers = join(scratch, "inspected.jsonl");
  writeFileSync(list, files.join("\n"));
  const inspect = `"${process.execPath}" "${join(import.meta.dirname, "..", "..", "src", "main.ts")}" inspect --jobs 1 --format jsonl`;
  const yardstickSeconds = cpuOf(`${command} < "${list}"`);
  const startSeconds = median([1, 2, 3].map(() => cpuOf(`${inspect} "${smallest(files)}" > /dev/null`)));
  const inspectSeconds =
    cpuOf(`xargs -d '\\n' -n 4000 -s ${ONE_COMMAND} ${inspect} < "${list}" > "${answers}"`) - startSeconds;
  const megabytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6;
  const ratio = inspectSeconds / yardstickSeconds;
  const ms = percentiles(answers);
  return { files: files.length, megabytes, yardstick, yardstickSeconds, inspectSeconds, startSeconds, ratio, goal, ms };
}

function filesBelow(folder: string): string[] {
  return globSync("**/*", { cwd: folder })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** CPU seconds, user and system, of a shell command and everything it started. */
function cpuOf(command: string): number {
  const { stderr } = spawnSync("bash", ["-c", `TIMEFORMAT='%U %S'; time { ${command}; } 2>/dev/null`], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const [user, system] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number);
  return user! + system!;
}

/** Told from the first bytes: npm's cache holds packuments beside tarballs, all under the names of their digests. */
function startsWith(file: string, magic: string): boolean {
  const head = Buffer.alloc(magic.length);
  const descriptor = openSync(file, "r");
  readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  return head.toString("latin1") === magic;
}

function smallest(files: readonly string[]): string {
  return [...files].sort((a, b) => statSync(a).size - statSync(b).size)[0]!;
}

function percentiles(answers: string): InspectRow["ms"] {
  const lines = readFileSync(answers, "utf8").trim().split("\n");
  const sorted = lines.map((line) => Number((JSON.parse(line) as { ms?: number }).ms ?? 0)).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
