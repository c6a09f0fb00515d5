import { Agent, request } from "node:http";

/** What a load run saw. */
export interface LoadResult {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Sends GETs in a closed loop over kept-alive connections for a time; every answer must be 200. Paths are taken in turn. */
export async function load(
  origin: string,
  paths: readonly string[],
  options: { readonly connections: number; readonly seconds: number; readonly headers?: Record<string, string> },
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
    while (performance.now() < endsAt) await one(paths[next++ % paths.length]!);
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
