import { type Advisory, advisoriesOf, affects, everyAdvisoryOf } from "../advisories/match.ts";
import type { App } from "../app.ts";
import type { AdvisoryMatch } from "../ecosystems/ecosystem.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { Refusal } from "../errors.ts";
import type { Feed } from "../policy/feeds.ts";

/** Names looked at in one audit; larger trees do not exist. */
const MOST_NAMES = 50_000;

/** Advisories for installed versions, in the words that audit commands print. Names that are none are passed over. */
export async function auditAnswers(
  app: App,
  feed: Feed,
  root: string,
  names: Readonly<Record<string, readonly string[]>>,
): Promise<readonly AdvisoryMatch[]> {
  const matches: AdvisoryMatch[] = [];
  for (const [name, versions] of Object.entries(names).slice(0, MOST_NAMES)) {
    const normalized = normalizedName(feed, name);
    if (normalized === undefined) continue;
    for (const advisory of advisoriesOf(app, feed.ecosystem, normalized)) {
      const hit = versions.filter((version) => affects(advisory, feed.ecosystem, { version }, undefined));
      if (hit.length > 0) matches.push(answer(advisory, name, hit, root));
    }
  }
  return matches;
}

/** Every advisory of the feed's ecosystem, for clients that match by themselves; versions are those that the advisory spells out. */
export function everyAdvisory(app: App, feed: Feed, root: string, limit: number): readonly AdvisoryMatch[] {
  const { writeRange } = ECOSYSTEMS[feed.ecosystem];
  return everyAdvisoryOf(app, feed.ecosystem, limit).map((advisory) => {
    const { name, versions, ranges } = advisory;
    return { ...answer(advisory, name, versions, root), ...(writeRange && { range: writeRange(versions, ranges) }) };
  });
}

function normalizedName(feed: Feed, name: string): string | undefined {
  try {
    return ECOSYSTEMS[feed.ecosystem].normalizeName(name);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function answer(advisory: Advisory, name: string, versions: readonly string[], root: string): AdvisoryMatch {
  return {
    id: advisory.id,
    name,
    versions,
    kind: advisory.kind,
    severity: advisory.kind === "malicious" ? "critical" : advisory.severity,
    title: advisory.title,
    url: advisory.url || `${root}/why/advisory/${encodeURIComponent(advisory.id)}`,
    range: versions.join(" || "),
    updatedAt: advisory.modifiedAt,
  };
}
