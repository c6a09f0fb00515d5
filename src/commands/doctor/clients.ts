import type { EcosystemId } from "../../catalog/model.ts";
import { withoutCredentials } from "../../lib/secret.ts";
import { bun, deno } from "./bun-and-deno.ts";
import type { Client, Machine, Source, Told } from "./model.ts";
import { npm } from "./npm.ts";
import { nuget } from "./nuget.ts";
import { pip } from "./pip.ts";
import { pnpm } from "./pnpm.ts";
import { pdm, poetry } from "./poetry-and-pdm.ts";
import type { Prober } from "./probe.ts";
import { type ClientReport, type SourceReport, worst } from "./report.ts";
import { UnreadableSettings } from "./settings.ts";
import { uv } from "./uv.ts";
import { yarn } from "./yarn.ts";

/** Every client that doctor knows. */
export const CLIENTS: readonly Client[] = [pip, uv, poetry, pdm, npm, pnpm, yarn, bun, deno, nuget];

/** Asks one client; undefined when it is not on this machine. `bases` are the gate's URLs by ecosystem. */
export async function reportClient(
  client: Client,
  machine: Machine,
  probe: Prober,
  bases: Readonly<Record<EcosystemId, string>>,
): Promise<ClientReport | undefined> {
  const { name, ecosystem, programs } = client;
  const isThere = programs.some((program) => machine.find(program) !== undefined);
  if (!isThere && !programs.some((program) => machine.isProjectsOwn(program))) return undefined;
  const head = { client: name, ecosystem, sources: [], notes: [] };
  const own = `${programs[0]} is on the PATH in the project's own folder alone, and nothing of the project is run`;
  if (!isThere) return { ...head, verdict: "unknown", why: own };
  const told = await askSafely(client, machine);
  const probes = await Promise.all(
    told.sources.map((source) => reportSource(source, ecosystem, probe, bases[ecosystem])),
  );
  const sources = probes.map(({ report }) => report);
  const notes = [...(told.notes ?? []), ...probes.flatMap(({ note }) => note ?? [])];
  const isLocal = sources.length > 0 && sources.every((one) => one.verdict === "local");
  const unused = told.unused ?? (isLocal ? "it installs from folders of this machine alone" : undefined);
  const why = told.unknown ?? unused;
  const verdict =
    told.unknown !== undefined ? "unknown" : unused !== undefined ? "unused" : worst(sources.map((one) => one.verdict));
  return { ...head, verdict, ...(why !== undefined && { why }), sources, notes: [...new Set(notes)] };
}

async function askSafely(client: Client, machine: Machine): Promise<Told> {
  try {
    return await client.ask(machine);
  } catch (error) {
    if (error instanceof UnreadableSettings) return { sources: [], unknown: error.message };
    throw error;
  }
}

async function reportSource(
  source: Source,
  ecosystem: EcosystemId,
  probe: Prober,
  base: string,
): Promise<{ report: SourceReport; note?: string }> {
  const { what, url, from } = source;
  if (url === undefined) return { report: { what, url: null, from, verdict: "bypasses", fix: source.fix(base) } };
  const { verdict, feed, why, note } = await probe(url, ecosystem);
  const shown = /^https?:/i.test(url) ? withoutCredentials(url) : url;
  const report = {
    what,
    url: shown,
    from,
    verdict,
    ...(feed !== undefined && { feed }),
    ...(why !== undefined && { why }),
  };
  const local =
    verdict === "local"
      ? `files in ${shown} (${from}) are installed without the gate; look at them with: portcullis inspect ${shown}`
      : undefined;
  const told = note ?? local;
  return {
    report:
      verdict === "bypasses" || (verdict === "unknown" && why !== undefined)
        ? { ...report, fix: source.fix(base) }
        : report,
    ...(told !== undefined && { note: told }),
  };
}
