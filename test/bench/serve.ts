import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bulkyTarball, packument } from "./fixtures.ts";
import { load, loadWithWrk } from "./load.ts";
import { cpuSeconds, residentMb } from "./processes.ts";
import { startGate } from "./start-gate.ts";

/** One line of the report: requests per CPU-second of both servers, and their ratio. */
export interface ServeRow {
  readonly what: string;
  readonly gate: number;
  readonly nginx: number;
  readonly ratio: number;
  readonly goal: number;
  readonly gateP99Ms: number;
}

const FILES = 300;

/** Requests per CPU-second of the gate (ledger on) against nginx with the same bytes, in one run. Undefined without nginx. */
export async function measureServing(seconds: number): Promise<{ rows: ServeRow[]; residentMb: number } | undefined> {
  if (spawnSync("nginx", ["-v"]).error) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bench-serve-"));
  const upstream = await serveFixtures();
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const gate = await startGate(folder, [
    "--upstream-npm",
    `${origin}/npm/`,
    "--upstream-pypi",
    "none",
    "--upstream-nuget",
    "none",
  ]);
  try {
    const cases: {
      what: string;
      goal: number;
      paths: string[];
      connections: number;
      headers?: Record<string, string>;
    }[] = [
      { what: "small page", goal: 0.6, paths: ["/npm/small"], connections: 32 },
      { what: "6.6 MB packument", goal: 0.8, paths: ["/npm/huge"], connections: 8 },
      {
        what: "6.6 MB packument, gzip",
        goal: 0.8,
        paths: ["/npm/huge"],
        connections: 8,
        headers: { "Accept-Encoding": "gzip" },
      },
      {
        what: `1 MB files, ${FILES} of them`,
        goal: 0.35,
        paths: Array.from({ length: FILES }, (_, index) => `/npm/file-${index}/-/file-${index}-1.0.0.tgz`),
        connections: 16,
      },
    ];
    const site = join(folder, "site");
    for (const { paths } of cases) await mirror(gate.url, paths, site);
    const nginx = await startNginx(folder, site);
    const rows: ServeRow[] = [];
    for (const { what, goal, paths, connections, headers } of cases) {
      const options = { connections, seconds, ...(headers && { headers }) };
      const ours = await perCpuSecond(gate.url, gate.pid, paths, options, folder);
      const theirs = await perCpuSecond(nginx.url, nginx.child.pid!, paths, options, folder);
      rows.push({
        what,
        gate: ours.rate,
        nginx: theirs.rate,
        ratio: ours.rate / theirs.rate,
        goal,
        gateP99Ms: ours.p99Ms,
      });
    }
    const resident = residentMb(gate.pid);
    nginx.child.kill("SIGTERM");
    return { rows, residentMb: resident };
  } finally {
    await gate.stop();
    upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function perCpuSecond(
  url: string,
  pid: number,
  paths: readonly string[],
  options: Parameters<typeof load>[2],
  folder: string,
): Promise<{ rate: number; p99Ms: number }> {
  const run = () => loadWithWrk(url, paths, options, folder) ?? load(url, paths, options);
  // Until its code is compiled for what it does most, a server measures its compiler.
  await run();
  const before = cpuSeconds(pid);
  const { requests, p99Ms } = await run();
  return { rate: requests / Math.max(0.01, cpuSeconds(pid) - before), p99Ms };
}

async function serveFixtures(): Promise<Server> {
  const small = bulkyTarball("small", "1.0.0", 4, 1);
  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}`;
    const file = /^\/npm\/(file-\d+|small|huge)(\/-\/.*\.tgz)?$/.exec(request.url ?? "");
    if (!file) return void response.writeHead(404).end();
    const name = file[1]!;
    const bulky = name.startsWith("file-") ? bulkyTarball(name, "1.0.0", 1024, Number(name.slice(5)) + 7) : small;
    if (file[2]) return void response.writeHead(200, { "content-type": "application/octet-stream" }).end(bulky);
    const versions = name === "huge" ? 3400 : 1;
    response.writeHead(200, { "content-type": "application/json" }).end(packument(origin, name, versions, bulky));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Stores what the gate serves as files for nginx, so that both send the same bytes. */
async function mirror(url: string, paths: readonly string[], site: string): Promise<void> {
  for (const path of paths) {
    const answer = await fetch(url + path, { headers: { "accept-encoding": "identity" } });
    await keepZipped(url, path, join(site, path));
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    const file = join(site, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  }
}

/** The gate's own compressed bytes beside the plain ones, for nginx' gzip_static. */
async function keepZipped(url: string, path: string, file: string): Promise<void> {
  const bytes = await new Promise<Buffer | undefined>((resolve, reject) => {
    get(url + path, { headers: { "accept-encoding": "gzip" } }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      resolve(answer.headers["content-encoding"] === "gzip" ? Buffer.concat(chunks) : undefined);
    }).on("error", reject);
  });
  if (!bytes) return;
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(`${file}.gz`, bytes);
}

async function startNginx(folder: string, site: string): Promise<{ url: string; child: ChildProcess }> {
  const port = 18_000 + (process.pid % 2000);
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr crit; user root;
events { worker_connections 1024; }
http { access_log ${folder}/access.log; sendfile on; tcp_nopush on; etag on; gzip_static on; gzip_vary on; default_type application/json; keepalive_requests 1000000;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port}; root ${site}; } }`,
  );
  const child = spawn("nginx", ["-c", join(folder, "nginx.conf"), "-p", folder], { stdio: "inherit" });
  for (let tries = 0; tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (
      await fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      )
    )
      break;
  }
  return { url: `http://127.0.0.1:${port}`, child };
}
