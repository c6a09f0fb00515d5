import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";

/** What a load run saw. */
export interface LoadResult {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The same with wrk, which spends so little itself that the server is what is measured; undefined when it is not installed. */
export function loadWithWrk(
  origin: string,
  paths: readonly string[],
  options: { readonly connections: number; readonly seconds: number; readonly headers?: Record<string, string> },
  folder: string,
): Promise<LoadResult> | undefined {
  if (spawnSync("wrk", ["-v"]).error) return undefined;
  const script = join(folder, "wrk.lua");
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  writeFileSync(
    script,
    `${headers.join("\n")}
local paths = { ${paths.map((path) => `"${path}"`).join(", ")} }
local at = 0
request = function() at = at % #paths + 1; return wrk.format("GET", paths[at]) end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.bytes, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status + summary.errors.read + summary.errors.connect))
end
`,
  );
  const args = [
    "-t1",
    `-c${options.connections}`,
    `-d${Math.ceil(options.seconds)}s`,
    "--timeout",
    "30s",
    "-s",
    script,
    origin,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn("wrk", args);
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk));
    child.on("error", reject);
    child.on("exit", () => {
      const [, requests, bytes, micros, p50, p99, errors] = (
        /RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(printed) ?? []
      ).map(Number);
      if (requests === undefined || errors !== 0) return reject(new Error(`wrk: ${printed}`));
      resolve({ requests, bytes: bytes!, seconds: micros! / 1e6, p50Ms: p50! / 1000, p99Ms: p99! / 1000 });
    });
  });
}

/** Sends GETs in a closed loop over kept-alive connections for a time, or until `requests` are sent; every answer must be 200. Paths are taken in turn. */
export async function load(
  origin: string,
  paths: readonly string[],
  options: {
    readonly connections: number;
    readonly seconds: number;
    readonly requests?: number;
    readonly headers?: Record<string, string>;
  },
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const { hostname, port } = new URL(origin);
  const times: number[] = [];
  let [next, bytes] = [0, 0];
  const startedAt = performance.now();
  const endsAt = startedAt + options.seconds * 1000;
  const one = (path: string) =>
    new Promise<void>((resolve, reject) => {
      const sentAt = performance.now();
      request({ agent, hostname, port, path, headers: options.headers ?? {} }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
        response.on("data", (chunk: Buffer) => (bytes += chunk.length));
        response.on("end", () => {
          times.push(performance.now() - sentAt);
          resolve();
        });
        response.on("error", reject);
      })
        .on("error", reject)
        .end();
    });
  const worker = async () => {
    while (performance.now() < endsAt && next < (options.requests ?? Number.POSITIVE_INFINITY))
      await one(paths[next++ % paths.length]!);
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    requests: times.length,
    bytes,
    seconds: (performance.now() - startedAt) / 1000,
    p50Ms: times[Math.floor(times.length * 0.5)] ?? 0,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
  };
}
