import { z } from "zod";
import type { EcosystemId } from "../catalog/model.ts";
import type { AdvisoryRange } from "./match.ts";

/** One advisory on one project, read from an OSV record; a record that names several projects gives several. */
export interface OsvAdvisory {
  readonly id: string;
  readonly ecosystem: EcosystemId;
  /** As written; the importer normalises it. */
  readonly name: string;
  readonly kind: "malicious" | "vulnerable";
  readonly severity: "low" | "moderate" | "high" | "critical";
  readonly title: string;
  readonly url: string;
  readonly versions: readonly string[];
  readonly ranges: readonly AdvisoryRange[];
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly modifiedAt: number;
  readonly withdrawnAt: number | null;
}

const event = z.object({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
});
const affected = z.object({
  package: z.object({ ecosystem: z.string(), name: z.string().min(1).max(300) }),
  versions: z.array(z.string().max(200)).max(50_000).optional(),
  ranges: z
    .array(z.object({ type: z.string(), events: z.array(event).max(5000) }))
    .max(1000)
    .optional(),
  database_specific: z.looseObject({ severity: z.string().optional() }).optional(),
});
const record = z.object({
  id: z.string().min(1).max(200),
  modified: z.string(),
  published: z.string().optional(),
  withdrawn: z.string().nullish(),
  aliases: z.array(z.string()).max(1000).optional(),
  summary: z.string().optional(),
  details: z.string().optional(),
  references: z
    .array(z.object({ type: z.string().optional(), url: z.string() }))
    .max(5000)
    .optional(),
  affected: z.array(affected).max(10_000).optional(),
  database_specific: z.looseObject({ severity: z.string().optional() }).optional(),
});

const ECOSYSTEM_OF: Readonly<Record<string, EcosystemId>> = { PyPI: "pypi", npm: "npm", NuGet: "nuget" };

/** Reads one OSV record (OSV schema 1.x); undefined when it is none. Projects of other ecosystems are left out. */
export function readOsv(document: unknown): readonly OsvAdvisory[] | undefined {
  const read = record.safeParse(document);
  if (!read.success) return undefined;
  const { data } = read;
  const modifiedAt = Date.parse(data.modified);
  if (!Number.isFinite(modifiedAt)) return undefined;
  const kind = [data.id, ...(data.aliases ?? [])].some((id) => id.startsWith("MAL-")) ? "malicious" : "vulnerable";
  return (data.affected ?? []).flatMap((one) => {
    const ecosystem = ECOSYSTEM_OF[one.package.ecosystem.split(":")[0]!];
    if (!ecosystem) return [];
    return [
      {
        id: data.id,
        ecosystem,
        name: one.package.name,
        kind,
        severity:
          kind === "malicious"
            ? "critical"
            : severityOf(one.database_specific?.severity ?? data.database_specific?.severity),
        title: (data.summary ?? data.details ?? data.id).replace(/\s+/g, " ").slice(0, 200),
        url:
          data.references?.find(({ type, url }) => type === "ADVISORY" && /^https?:/.test(url))?.url.slice(0, 1000) ??
          "",
        versions: one.versions ?? [],
        ranges: rangesOf(one),
        publishedAt: dateOf(data.published) ?? modifiedAt,
        modifiedAt,
        withdrawnAt: dateOf(data.withdrawn ?? undefined) ?? null,
      } as const,
    ];
  });
}

/** Version ranges alone; a GIT range says nothing about releases. A record with neither versions nor ranges means every version (OSV, "affected[].versions"). */
function rangesOf({ ranges = [], versions = [] }: z.infer<typeof affected>): AdvisoryRange[] {
  const usable = ranges.filter(({ type }) => type !== "GIT");
  if (usable.length === 0 && versions.length === 0) return [{ introduced: "0" }];
  return usable.flatMap(({ events }) => intervals(events));
}

function intervals(events: readonly z.infer<typeof event>[]): AdvisoryRange[] {
  const found: AdvisoryRange[] = [];
  let introduced: string | undefined;
  for (const one of events) {
    if (one.introduced !== undefined) {
      if (introduced !== undefined) found.push({ introduced });
      introduced = one.introduced;
    }
    if (introduced === undefined) continue;
    if (one.fixed !== undefined) found.push({ introduced, fixed: one.fixed });
    else if (one.last_affected !== undefined) found.push({ introduced, lastAffected: one.last_affected });
    else continue;
    introduced = undefined;
  }
  if (introduced !== undefined) found.push({ introduced });
  return found;
}

function severityOf(text: string | undefined): OsvAdvisory["severity"] {
  const word = text?.toLowerCase();
  if (word === "critical" || word === "high" || word === "low") return word;
  return "moderate";
}

function dateOf(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}
