import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EcosystemId } from "../../src/catalog/model.ts";
import { startGate } from "../bench/start-gate.ts";
import { type FakeUpstream, fakeUpstream } from "../support/fake-upstream.ts";
import { publishFor, publishShared } from "./packages.ts";

/** Which of the running gates is asked. */
export type GateName = "open" | "members" | "busy";

/** A fake upstream for all three ecosystems and real gates in processes of their own before it. */
export interface World {
  /** A folder for everything that tests write. */
  readonly folder: string;
  /** URL of a gate's ecosystem, without trailing slash. */
  url(gate: GateName, ecosystem: EcosystemId): string;
  /** Publishes the packages that one client has to itself: `first-SLUG`, `turned-SLUG`, `slow-SLUG`. */
  publish(ecosystem: EcosystemId, slug: string): void;
  /** Reports a version 1.1.0 as malware to the open gate, which then withholds it. */
  reportMalware(ecosystem: EcosystemId, name: string): Promise<void>;
  /** A new token of the gate for members. */
  createToken(name: string): Promise<string>;
  /** What the gate for members wrote down about a subject. */
  ledgerOf(subject: string): Promise<readonly LedgerRow[]>;
  close(): Promise<void>;
}

export interface LedgerRow {
  readonly outcome: string;
  readonly project: string;
  readonly version: string;
  readonly client: string;
}

interface Gate {
  readonly url: string;
  readonly adminToken: string;
  stop(): Promise<void>;
}

/** Settings by gate: everybody may read; only members may; files never wait for their inspection. */
const SETTINGS: Readonly<Record<GateName, string>> = {
  open: `[[advisories]]\nname = "own"\nkind = "osv"\nlocation = "LIST"\nevery = "1d"\n`,
  members: "anonymous_reading = false\n",
  busy: "prefetch = false\n[limits]\nholdMs = 1\n",
};

/** Starts the world: shared packages published, `mixed` 1.1.0 known to the open gate by one request. */
export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-clients-"));
  const ends: (() => unknown)[] = [];
  const upstream = await fakeUpstream({ after: (end: unknown) => void ends.push(end as () => unknown) });
  publishShared(upstream);
  const list = join(folder, "malware.json");
  writeFileSync(list, "[]");
  const gates = new Map<GateName, Gate>();
  for (const name of ["open", "members", "busy"] as const)
    gates.set(name, await openGate(folder, name, upstream, list));
  const { url: root } = gates.get("open")!;
  for (const path of KNOWN_BY_REQUEST) await expectWithheld(`${root}${path}`);
  const reports: object[] = [];
  return {
    folder,
    url: (gate, ecosystem) => `${gates.get(gate)!.url}/${ecosystem}`,
    publish: (ecosystem, slug) => publishFor(upstream, ecosystem, slug),
    async reportMalware(ecosystem, name) {
      reports.push(reportOf(ecosystem, name));
      writeFileSync(list, JSON.stringify(reports));
      await call(gates.get("open")!, "POST", "/advisories/sources/own/sync", { force: true });
    },
    async createToken(name) {
      const made = await call(gates.get("members")!, "POST", "/tokens", { name, kind: "ci" });
      return (made as { secret: string }).secret;
    },
    async ledgerOf(subject) {
      const path = `/ledger?limit=1000&subject=${encodeURIComponent(subject)}`;
      return ((await call(gates.get("members")!, "GET", path)) as { rows: LedgerRow[] }).rows;
    },
    async close() {
      for (const gate of gates.values()) await gate.stop();
      for (const end of ends) await end();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** One file of the shared malicious release in each ecosystem. */
const KNOWN_BY_REQUEST = [
  "/npm/mixed/-/mixed-1.1.0.tgz",
  "/pypi/files/mixed/mixed-1.1.0-py3-none-any.whl",
  "/nuget/v3/flat/mixed/1.1.0/mixed.1.1.0.nupkg",
];

async function openGate(folder: string, name: GateName, upstream: FakeUpstream, list: string): Promise<Gate> {
  const own = join(folder, name);
  mkdirSync(own);
  const config = join(own, "portcullis.toml");
  writeFileSync(config, `inspectors = 1\nlog = "error"\n${SETTINGS[name].replace("LIST", list.replaceAll("\\", "/"))}`);
  const gate = await startGate(own, [
    ...["--config", config],
    ...["--upstream-npm", `${upstream.url}/npm/`],
    ...["--upstream-pypi", `${upstream.url}/simple/`],
    ...["--upstream-nuget", `${upstream.url}/v3/index.json`],
  ]);
  return { ...gate, adminToken: readFileSync(join(own, "data", "admin-token"), "utf8").trim() };
}

async function expectWithheld(url: string): Promise<void> {
  const answer = await fetch(url);
  if (answer.status !== 403)
    throw new Error(`the engine did not find the payload of ${url}: it answered ${answer.status}`);
  await answer.arrayBuffer();
}

async function call(gate: Gate, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${gate.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${gate.adminToken}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

const OSV_ECOSYSTEMS: Readonly<Record<EcosystemId, string>> = { npm: "npm", pypi: "PyPI", nuget: "NuGet" };

function reportOf(ecosystem: EcosystemId, name: string): object {
  return {
    id: `MAL-2026-${name}`,
    modified: "2026-01-15T00:00:00Z",
    summary: `${name} 1.1.0 steals tokens`,
    affected: [{ package: { ecosystem: OSV_ECOSYSTEMS[ecosystem], name }, versions: ["1.1.0"] }],
  };
}
