import { spawnSync } from "node:child_process";
import { closeSync, globSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Inspection of ordinary tarballs against merely decompressing them. CPU seconds of whole processes. */
export interface InspectRow {
  readonly files: number;
  readonly megabytes: number;
  readonly gzipSeconds: number;
  readonly inspectSeconds: number;
  /** Of one `inspect` of a tiny file: what starting costs, taken out of the ratio. */
  readonly startSeconds: number;
  readonly ratio: number;
  readonly goal: number;
}

/** At most this many files, as the goal says. */
const MOST_FILES = 3000;

/** Measures on every gzip file below a folder (npm's own cache will do); undefined without files or gzip. */
export function measureInspection(folder: string, scratch: string): InspectRow | undefined {
  const files = globSync("**/*", { cwd: folder })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile() && isGzip(file))
    .sort()
    .slice(0, MOST_FILES);
  if (files.length === 0 || spawnSync("gzip", ["--version"]).error) return undefined;
  const list = join(scratch, "files.txt");
  writeFileSync(list, files.join("\n"));
  const inspect = `"${process.execPath}" "${join(import.meta.dirname, "..", "..", "src", "main.ts")}" inspect --jobs 1 --format jsonl`;
  const gzipSeconds = cpuOf(`xargs -d '\\n' gzip -t < "${list}"`);
  const startSeconds = median([1, 2, 3].map(() => cpuOf(`${inspect} "${smallest(files)}" > /dev/null`)));
  const inspectSeconds =
    cpuOf(`xargs -d '\\n' -n 4000 ${inspect} < "${list}" > "${join(scratch, "inspected.jsonl")}"`) - startSeconds;
  const megabytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6;
  return {
    files: files.length,
    megabytes,
    gzipSeconds,
    inspectSeconds,
    startSeconds,
    ratio: inspectSeconds / gzipSeconds,
    goal: 2,
  };
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
function isGzip(file: string): boolean {
  const head = Buffer.alloc(2);
  const descriptor = openSync(file, "r");
  readSync(descriptor, head, 0, 2, 0);
  closeSync(descriptor);
  return head[0] === 0x1f && head[1] === 0x8b;
}

function smallest(files: readonly string[]): string {
  return [...files].sort((a, b) => statSync(a).size - statSync(b).size)[0]!;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
