import type { App } from "../app.ts";
import type { EcosystemId, VerdictWord } from "../catalog/model.ts";
import { raw } from "../storage/database/sqlite.ts";

/** Releases that belong together: by the shape of what was found in them, or by what they talk to. */
export interface Campaign {
  /** The smallest number of its releases; a campaign that is merged with an older one goes on under that one's number. */
  readonly id: number;
  readonly releases: number;
  readonly ecosystems: readonly EcosystemId[];
  /** Epoch milliseconds. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** The newest of its releases, at most `MOST_MEMBERS`. */
  readonly members: readonly Member[];
  /** Indicators that at least two of its releases have, those of most releases first. */
  readonly indicators: readonly { readonly indicator: string; readonly releases: number }[];
}

/** One release of a campaign. */
export interface Member {
  readonly ecosystem: EcosystemId;
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
  readonly own: VerdictWord;
  readonly firstSeenAt: number;
}

/** Members and indicators told of one campaign. */
export const MOST_MEMBERS = 100;

/** Campaigns of at least two releases, the one with the newest release first. */
export function listCampaigns(app: App, { limit }: { readonly limit: number }): readonly Campaign[] {
  const rows = raw(app.database)
    .prepare(
      `select campaign, count(*) as releases, min(first_seen_at) as first, max(first_seen_at) as last,
              group_concat(distinct ecosystem) as ecosystems
       from known_releases where campaign is not null group by campaign having count(*) > 1 order by last desc, campaign limit ?`,
    )
    .all(limit);
  return rows.map((row) => {
    const id = Number(row["campaign"]);
    return {
      id,
      releases: Number(row["releases"]),
      ecosystems: String(row["ecosystems"]).split(",").sort() as EcosystemId[],
      firstSeenAt: Number(row["first"]),
      lastSeenAt: Number(row["last"]),
      members: membersOf(app, id),
      indicators: sharedIndicators(app, id),
    };
  });
}

function membersOf(app: App, campaign: number): readonly Member[] {
  return raw(app.database)
    .prepare("select * from known_releases where campaign = ? order by first_seen_at desc, id desc limit ?")
    .all(campaign, MOST_MEMBERS)
    .map((row) => ({
      ecosystem: row["ecosystem"] as EcosystemId,
      name: String(row["name"]),
      version: String(row["version"]),
      filename: String(row["filename"]),
      sha256: String(row["sha256"]),
      own: row["own"] as VerdictWord,
      firstSeenAt: Number(row["first_seen_at"]),
    }));
}

function sharedIndicators(app: App, campaign: number): Campaign["indicators"] {
  return raw(app.database)
    .prepare(
      `select i.indicator, count(*) as releases from known_releases k join release_indicators i on i.release = k.id
       where k.campaign = ? group by i.indicator having count(*) > 1 order by releases desc, i.indicator limit ?`,
    )
    .all(campaign, MOST_MEMBERS)
    .map((row) => ({ indicator: String(row["indicator"]), releases: Number(row["releases"]) }));
}
