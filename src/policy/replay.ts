import type { App } from "../app.ts";
import { artifactsOf } from "../catalog/artifacts.ts";
import type { FeedId, ProjectListing } from "../catalog/model.ts";
import { findProject } from "../catalog/projects.ts";
import type { Policy } from "../config.ts";
import { everyLedgerRow, type LedgerRow } from "../tracking/ledger.ts";
import { decide, type Facts } from "./decide.ts";
import { projectFacts } from "./facts.ts";
import { type Feed, type Feeds, originOf } from "./feeds.ts";
import { purlOf } from "./rules.ts";

/** Which requests to look at again, and under which policy. */
export interface ReplayQuery {
  /** Epoch milliseconds. */
  readonly since: number;
  /** A feed's name; default: every feed. */
  readonly feed?: string;
  /** Settings that differ from the policy in force; none = the policy in force. */
  readonly changes: Partial<Policy>;
}

/** One file for which the other policy decides otherwise. */
export interface ReplayedFile {
  readonly feed: FeedId;
  readonly purl: string;
  readonly filename: string;
  readonly code: string;
  readonly sentence: string;
  readonly requests: number;
  /** Who asked, at most 20. */
  readonly subjects: readonly string[];
}

export interface Replay {
  /** Requests in the ledger that were looked at. */
  readonly requests: number;
  readonly files: number;
  /** Served then, withheld under the policy replayed. */
  readonly withheld: readonly ReplayedFile[];
  /** Withheld then, offered under the policy replayed. */
  readonly offered: readonly ReplayedFile[];
}

/** Files listed in one replay. */
const MOST_FILES = 10_000;
const MOST_SUBJECTS = 20;

interface Tally {
  readonly row: LedgerRow;
  requests: number;
  readonly subjects: Set<string>;
}

/**
 * What a policy would have decided about the requests in the ledger: each request at its own time, with the verdicts, advisories
 * and exceptions known today.
 */
export async function replay(app: App, feeds: Feeds, query: ReplayQuery): Promise<Replay> {
  const tallies = new Map<string, Tally>();
  let requests = 0;
  for await (const row of everyLedgerRow(app, { since: query.since })) {
    if (row.outcome === "deferred" || (query.feed !== undefined && !row.feed.startsWith(`${query.feed}/`))) continue;
    requests++;
    const key = `${row.feed} ${row.project} ${row.filename} ${row.outcome}`;
    const tally = tallies.get(key) ?? { row, requests: 0, subjects: new Set<string>() };
    tally.requests++;
    if (tally.subjects.size < MOST_SUBJECTS) tally.subjects.add(row.subject);
    tallies.set(key, tally);
  }
  const factsOf = factsReader(app);
  const changed = [...tallies.values()].flatMap((tally) => {
    const feed = feeds.all.find(({ id }) => id === tally.row.feed);
    const facts = feed && factsOf(feed, tally.row);
    if (!feed || !facts) return [];
    const decision = decide(facts, { ...feed.policy, ...query.changes }, tally.row.at);
    const offered = decision.state === "visible" || decision.state === "pending";
    if (offered === (tally.row.outcome === "served")) return [];
    return [{ offered, file: replayedFile(feed, tally, decision) }];
  });
  return {
    requests,
    files: tallies.size,
    withheld: changed
      .filter(({ offered }) => !offered)
      .map(({ file }) => file)
      .slice(0, MOST_FILES),
    offered: changed
      .filter(({ offered }) => offered)
      .map(({ file }) => file)
      .slice(0, MOST_FILES),
  };
}

function replayedFile(
  feed: Feed,
  { row, requests, subjects }: Tally,
  decision: ReturnType<typeof decide>,
): ReplayedFile {
  return {
    feed: feed.id,
    purl: purlOf(feed.ecosystem, row.project, row.version),
    filename: row.filename,
    code: decision.code,
    sentence: decision.sentence,
    requests,
    subjects: [...subjects],
  };
}

/** Facts of one ledger row's file, from what is recorded; the last project's are kept because rows of one project come together. */
function factsReader(app: App): (feed: Feed, row: LedgerRow) => Facts | undefined {
  let kept: { readonly key: string; readonly read: (filename: string) => Facts | undefined } | undefined;
  return (feed, row) => {
    const key = `${feed.id} ${row.project}`;
    if (kept?.key !== key) kept = { key, read: projectReader(app, feed, row.project) };
    return kept.read(row.filename);
  };
}

function projectReader(app: App, feed: Feed, name: string): (filename: string) => Facts | undefined {
  const upstream = originOf(feed, name)?.upstream;
  const project = upstream && findProject(app, feed.ecosystem, upstream.name, name);
  if (!project) return () => undefined;
  const known = artifactsOf(app, project.id);
  const listing: ProjectListing = { name, artifacts: [...known.values()] };
  const factsOf = projectFacts(app, feed, project, listing);
  return (filename) => {
    const artifact = known.get(filename);
    return artifact && factsOf(artifact);
  };
}
