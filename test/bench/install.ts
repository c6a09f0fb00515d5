import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npmTarball } from "../support/archives.ts";
import { noise } from "./fixtures.ts";
import { startGate } from "./start-gate.ts";

/** Seconds of `npm install` of one application, medians. */
export interface InstallRow {
  readonly packages: number;
  readonly direct: number;
  readonly cold: number;
  readonly warm: number;
}

const PACKAGES = 120;
const VERSIONS = 20;
const LATENCY_MS = 50;

/** Installs an application through a fresh gate (cold), through the same gate again (warm) and without gate, from an upstream that answers after 50 ms. */
export async function measureInstall(rounds: number): Promise<InstallRow> {
  const folder = mkdtempSync(join(tmpdir(), "bench-install-"));
  const upstream = await startUpstream();
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/npm/`;
  const times = { direct: [] as number[], cold: [] as number[], warm: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++) {
      times.direct.push(await install(folder, origin));
      const data = join(folder, `gate-${round}`);
      mkdirSync(data);
      const gate = await startGate(data, [
        "--upstream-npm",
        origin,
        "--upstream-pypi",
        "none",
        "--upstream-nuget",
        "none",
      ]);
      times.cold.push(await install(folder, `${gate.url}/npm/`));
      times.warm.push(await install(folder, `${gate.url}/npm/`));
      await gate.stop();
    }
  } finally {
    upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { packages: PACKAGES, direct: median(times.direct), cold: median(times.cold), warm: median(times.warm) };
}

/** Seconds of one install with an empty client cache. Fails when npm fails. */
async function install(folder: string, registry: string): Promise<number> {
  const app = mkdtempSync(join(folder, "app-"));
  const roots = Array.from({ length: 12 }, (_, index) => [`bench-${index}`, "^1.0.0"]);
  writeFileSync(
    join(app, "package.json"),
    JSON.stringify({ name: "app", version: "1.0.0", dependencies: Object.fromEntries(roots) }),
  );
  const args = [
    "install",
    "--registry",
    registry,
    "--cache",
    join(app, "cache"),
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
  ];
  const startedAt = performance.now();
  const printed: Buffer[] = [];
  const child = spawn("npm", args, { cwd: app, env: { ...process.env, npm_config_update_notifier: "false" } });
  child.stderr.on("data", (chunk: Buffer) => printed.push(chunk));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  if (code !== 0) throw new Error(`npm install from ${registry} ended with ${code}: ${Buffer.concat(printed)}`);
  const seconds = (performance.now() - startedAt) / 1000;
  rmSync(app, { recursive: true, force: true });
  return seconds;
}

/** A recorded registry: packages that depend on each other like a tree of real ones, each answer after the latency. */
async function startUpstream(): Promise<Server> {
  const tarballs = Array.from({ length: PACKAGES }, (_, index) => tarball(index));
  const server = createServer((request, response) => {
    setTimeout(() => {
      const [, number, file] = /^\/npm\/bench-(\d+)(\/-\/.*)?$/.exec((request.url ?? "").split("?")[0]!) ?? [];
      const index = Number(number);
      if (number === undefined || index >= PACKAGES) return void response.writeHead(404).end("{}");
      if (file)
        return void response.writeHead(200, { "content-type": "application/octet-stream" }).end(tarballs[index]);
      const body = packument(`http://${request.headers.host}`, index, tarballs[index]!);
      const etag = `"${createHash("md5").update(body).digest("hex")}"`;
      if (request.headers["if-none-match"] === etag) return void response.writeHead(304, { etag }).end();
      response.writeHead(200, { "content-type": "application/json", etag }).end(body);
    }, LATENCY_MS);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function tarball(index: number): Buffer {
  const lines = Array.from({ length: 200 }, (_, line) => `export const value${line} = ${line} * ${index};`).join("\n");
  const files: Record<string, string | Buffer> = { "index.js": lines, "README.md": `# bench-${index}\n`.repeat(20) };
  if (index % 4 === 0) files["data.bin"] = noise(index + 1, 60_000);
  return npmTarball({
    name: `bench-${index}`,
    version: "1.19.0",
    manifest: { dependencies: dependencies(index) },
    files,
  });
}

function dependencies(index: number): Record<string, string> {
  const names = [index * 2 + 12, index * 2 + 13].filter((other) => other < PACKAGES);
  return Object.fromEntries(names.map((other) => [`bench-${other}`, "^1.0.0"]));
}

function packument(origin: string, index: number, bytes: Buffer): string {
  const name = `bench-${index}`;
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const shasum = createHash("sha1").update(bytes).digest("hex");
  const versions = Object.fromEntries(
    Array.from({ length: VERSIONS }, (_, minor) => {
      const version = `1.${minor}.0`;
      const dist = { tarball: `${origin}/npm/${name}/-/${name}-${version}.tgz`, integrity, shasum };
      return [version, { name, version, description: "made for measuring", dependencies: dependencies(index), dist }];
    }),
  );
  const time = Object.fromEntries(
    Object.keys(versions).map((version, at) => [version, new Date(Date.UTC(2024, at % 12, 1)).toISOString()]),
  );
  return JSON.stringify({ name, "dist-tags": { latest: "1.19.0" }, versions, time });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
