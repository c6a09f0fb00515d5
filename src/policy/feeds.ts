import { createHash } from "node:crypto";
import { ECOSYSTEM_IDS, type EcosystemId, type FeedId } from "../catalog/model.ts";
import type { Config, Policy, UpstreamConfig } from "../config.ts";
import { refuse } from "../errors.ts";
import { nameMatches, normalizePattern, readRule } from "./rules.ts";

/** One endpoint of one ecosystem with one policy. */
export interface Feed {
  readonly id: FeedId;
  readonly name: string;
  readonly ecosystem: EcosystemId;
  readonly policy: Policy;
  /** sha256 of the policy in force, recorded with every decision. */
  readonly policyHash: string;
  /** Who may provide which names, most specific pattern first. */
  readonly origins: readonly Origin[];
}

export interface Origin {
  /** Normalised name or prefix pattern. */
  readonly pattern: string;
  /** Absent = hosted here only, or of an upstream that the feed does not have. */
  readonly upstream?: UpstreamConfig;
}

export interface Feeds {
  /** The feed; throws FEED_NOT_FOUND. */
  get(name: string, ecosystem: EcosystemId): Feed;
  readonly all: readonly Feed[];
}

/** The feed that `/pypi/`, `/npm/` and `/nuget/` serve. */
export const DEFAULT_FEED = "default";

/** Reads every feed from the configuration; throws CONFIG_INVALID for rules and patterns that cannot be read. */
export function openFeeds(config: Config): Feeds {
  const names = [DEFAULT_FEED, ...Object.keys(config.feeds).filter((name) => name !== DEFAULT_FEED)];
  const feeds = new Map<string, Feed>();
  for (const name of names)
    for (const ecosystem of ECOSYSTEM_IDS) feeds.set(`${name}/${ecosystem}`, openFeed(config, name, ecosystem));
  return {
    all: [...feeds.values()],
    get(name, ecosystem) {
      const feed = feeds.get(`${name}/${ecosystem}`);
      if (!feed) throw refuse("FEED_NOT_FOUND", { feed: name });
      return feed;
    },
  };
}

/**
 * The one declared origin of a name: the most specific pattern wins, so a name that has an owner never falls through to another, in no
 * other case either: npm's names have one, and not every upstream heeds it.
 */
export function originOf(feed: Feed, name: string): Origin | undefined {
  return feed.origins.find(({ pattern }) => nameMatches(pattern.toLowerCase(), name.toLowerCase()));
}

/** Whether a search speaks of names that belong to another than the default upstream, which must not hear of them. */
export function namesOthers(feed: Feed, text: string): boolean {
  const others = feed.origins.filter(({ pattern, upstream }) => pattern !== "*" && upstream !== defaultUpstream(feed));
  const words = text.toLowerCase().split(/[\s:,"]+/, MOST_WORDS);
  return others.some(({ pattern }) => {
    const prefix = pattern.toLowerCase().replace(/\*$/, "");
    const bare = prefix.replace(/[/.-]$/, "");
    return words.some((word) => word === bare || (pattern.endsWith("*") && word.startsWith(prefix)));
  });
}

/** Whether a name has an owner that is not the default upstream, so that nothing this one says of it counts. */
export function belongsElsewhere(feed: Feed, name: string): boolean {
  return originOf(feed, name)?.upstream !== defaultUpstream(feed);
}

/** Words of a search that are looked at. */
const MOST_WORDS = 100;

/** The upstream that has every name no other owns, if there is one. */
export function defaultUpstream(feed: Feed): UpstreamConfig | undefined {
  return feed.origins.find(({ pattern, upstream }) => pattern === "*" && upstream)?.upstream;
}

/** The hash under which a policy is recorded. */
export function policyHash(policy: Policy): string {
  const sorted = Object.fromEntries(Object.entries(policy).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}

function openFeed(config: Config, name: string, ecosystem: EcosystemId): Feed {
  const own = config.feeds[name];
  const policy = { ...config.policy, ...own?.policy } as Policy;
  for (const rule of [...policy.allow, ...policy.deny, ...policy.cooldown_exempt]) readRule(rule);
  const upstreams = config.upstreams.filter(
    (upstream) => upstream.ecosystem === ecosystem && (own?.upstreams?.includes(upstream.name) ?? true),
  );
  const origins: Origin[] = [
    ...config.private[ecosystem].map((pattern) => ({ pattern: normalizePattern(ecosystem, pattern) })),
    ...claims(ecosystem, upstreams),
  ];
  refuseTwoOwners(ecosystem, origins);
  origins.push(...claimedElsewhere(config, ecosystem, origins));
  origins.sort(bySpecificity);
  return { id: `${name}/${ecosystem}`, name, ecosystem, policy, policyHash: policyHash(policy), origins };
}

function claims(ecosystem: EcosystemId, upstreams: readonly UpstreamConfig[]): Required<Origin>[] {
  return upstreams.flatMap((upstream) =>
    upstream.names.map((pattern) => ({ pattern: normalizePattern(ecosystem, pattern), upstream })),
  );
}

/** Names of upstreams that this feed does not have: nobody has them here, or whoever registers them elsewhere would be asked for them. */
function claimedElsewhere(config: Config, ecosystem: EcosystemId, own: readonly Origin[]): Origin[] {
  const owned = new Set(own.map(({ pattern }) => pattern.toLowerCase()));
  const all = config.upstreams.filter((upstream) => upstream.ecosystem === ecosystem);
  return claims(ecosystem, all)
    .filter(({ pattern }) => pattern !== "*" && !owned.has(pattern.toLowerCase()))
    .map(({ pattern }) => ({ pattern }));
}

/** Longer patterns first; an exact name before a prefix of the same length. */
function bySpecificity(a: Origin, b: Origin): number {
  return (
    b.pattern.replace("*", "").length - a.pattern.replace("*", "").length ||
    Number(a.pattern.endsWith("*")) - Number(b.pattern.endsWith("*"))
  );
}

function refuseTwoOwners(ecosystem: EcosystemId, origins: readonly Origin[]): void {
  const owners = new Map<string, string>();
  for (const { pattern, upstream } of origins) {
    const owner = upstream?.name ?? "hosted here";
    const other = owners.get(pattern.toLowerCase());
    if (other !== undefined && other !== owner)
      throw refuse("CONFIG_INVALID", {
        where: "upstreams",
        why: `the ${ecosystem} names ${pattern} have two origins, ${other} and ${owner}; every name has exactly one`,
      });
    owners.set(pattern.toLowerCase(), owner);
  }
}
