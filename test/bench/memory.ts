import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema } from "../../src/config.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openApp } from "../../src/open-app.ts";
import { writeRaw } from "../../src/storage/database/sqlite.ts";
import { load } from "./load.ts";
import { residentMb } from "./processes.ts";
import { startGate } from "./start-gate.ts";

/** Resident memory of a server that knows many projects, MiB: the largest that was seen. */
export interface MemoryRow {
  readonly projects: number;
  readonly visited: number;
  readonly residentMb: number;
  readonly goal: number;
}

/** Projects visited: more than any memory of projects and pages holds. */
const VISITED = 40_000;
const LOOK_EVERY_MS = 100;

/** Writes projects straight into a database, starts a server on it, visits many of them and watches its memory. Linux. */
export async function measureMemory(projects: number): Promise<MemoryRow | undefined> {
  if (process.platform !== "linux") return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bench-memory-"));
  try {
    await fillDatabase(join(folder, "data"), projects);
    const gate = await startGate(folder, [
      "--upstream-npm",
      "http://127.0.0.1:9/npm/",
      "--upstream-pypi",
      "none",
      "--upstream-nuget",
      "none",
    ]);
    const paths = Array.from({ length: projects }, (_, index) => `/npm/known-${index}`);
    let largest = 0;
    const looks = setInterval(() => {
      largest = Math.max(largest, residentMb(gate.pid));
    }, LOOK_EVERY_MS);
    const { requests } = await load(gate.url, paths, { connections: 16, seconds: 600, requests: VISITED });
    clearInterval(looks);
    await gate.stop();
    return { projects, visited: requests, residentMb: largest, goal: 300 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fillDatabase(data: string, projects: number): Promise<void> {
  const app = await openApp(configSchema.parse({ data }), { log: silentLog });
  const document = (name: string) =>
    Buffer.from(
      JSON.stringify({
        name,
        "dist-tags": { latest: "1.0.0" },
        versions: {
          "1.0.0": { name, version: "1.0.0", dist: { tarball: `http://127.0.0.1:9/npm/${name}/-/${name}-1.0.0.tgz` } },
        },
        time: { "1.0.0": "2024-01-01T00:00:00.000Z" },
      }),
    );
  // Documents are shared by groups of names, because writing 100,000 files is not what is measured.
  const stored: string[] = [];
  for (let group = 0; group < 1000; group++) stored.push(await app.documents.put(document(`known-${group}`)));
  await writeRaw(app.database, ({ prepare }) => {
    const insert = prepare(
      "insert into projects (ecosystem, origin, name, document, validators, checked_at, first_fetched_at) values ('npm', 'npm', ?, ?, '{}', ?, ?)",
    );
    for (let index = 0; index < projects; index++)
      insert.run(`known-${index}`, stored[index % 1000]!, app.clock(), app.clock());
  });
  await app.close();
  // Nothing becomes stale on a slow machine: the upstream of this measurement does not exist.
  writeFileSync(join(data, "portcullis.toml"), '[network]\nindex_ttl = "1d"\n');
}
