import type { App } from "../app.ts";
import type { EcosystemId } from "../catalog/model.ts";
import { raw } from "../storage/database/sqlite.ts";
import type { OsvAdvisory } from "./osv.ts";

/** At least this many projects in use here, and this share of them, newly condemned by one reading, open the breaker. */
const LEAST_PROJECTS = 5;
const LARGEST_SHARE = 0.02;

/**
 * Why a reading is not to be believed: it says "malware" of established projects whose files are served here, more of them than
 * one reading has ever been right about. Undefined when there is no such alarm.
 */
export function alarmingWith(app: App, source: string, advisories: readonly OsvAdvisory[]): string | undefined {
  const visible = visibleProjects(app);
  const before = malwareOf(app, source);
  const condemned = new Set<string>();
  for (const { kind, ecosystem, name, versions, ranges, withdrawnAt } of advisories) {
    const key = `${ecosystem}/${name}`;
    const known = visible.get(key);
    if (kind !== "malicious" || withdrawnAt !== null || !known || before.has(key)) continue;
    // Exact versions that nobody here has are no alarm; ranges may reach anything.
    if (ranges.length > 0 || versions.some((version) => known.has(version))) condemned.add(key);
  }
  if (condemned.size < Math.max(LEAST_PROJECTS, visible.size * LARGEST_SHARE)) return undefined;
  const some = [...condemned].slice(0, 5).join(", ");
  return `one reading calls ${condemned.size} of the ${visible.size} projects in use here malware (${some} …)`;
}

/** Known projects that a source's advisories name. */
export function knownProjects(app: App, source: string): { ecosystem: EcosystemId; name: string }[] {
  return raw(app.database)
    .prepare(
      `select distinct p.ecosystem, p.name from advisories a
       join projects p on p.ecosystem = a.ecosystem and p.name = a.name where a.source = ?`,
    )
    .all(source)
    .map((row) => ({ ecosystem: row["ecosystem"] as EcosystemId, name: String(row["name"]) }));
}

function visibleProjects(app: App): Map<string, Set<string>> {
  const rows = raw(app.database)
    .prepare(
      `select distinct p.ecosystem, p.name, a.version from standings s
       join artifacts a on a.id = s.artifact_id join projects p on p.id = a.project_id where s.state = 'visible'`,
    )
    .all();
  const projects = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = `${row["ecosystem"]}/${row["name"]}`;
    const versions = projects.get(key) ?? new Set<string>();
    projects.set(key, versions.add(String(row["version"])));
  }
  return projects;
}

function malwareOf(app: App, source: string): Set<string> {
  const rows = raw(app.database)
    .prepare("select distinct ecosystem, name from advisories where source = ? and kind = 'malicious'")
    .all(source);
  return new Set(rows.map((row) => `${row["ecosystem"]}/${row["name"]}`));
}
