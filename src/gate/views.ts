import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { App } from "../app.ts";
import { coreMetadataOf } from "../catalog/core-metadata.ts";
import type { Decision, ListedArtifact } from "../catalog/model.ts";
import { revisionOf } from "../catalog/revisions.ts";
import type { IndexView, PreparedBody, Reply } from "../ecosystems/ecosystem.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import type { Intake } from "../intake/intake.ts";
import type { MirroredProject, ReadProjectDocument } from "../intake/mirror.ts";
import { sha256Hex } from "../lib/digest.ts";
import { lru } from "../lib/lru.ts";
import { singleFlight } from "../lib/single-flight.ts";
import { decide } from "../policy/decide.ts";
import { type FirstSight, firstSights, projectFacts } from "../policy/facts.ts";
import { type Feed, originOf } from "../policy/feeds.ts";

/** How one caller is to see a project. */
export interface Perspective {
  /** URL of the feed and ecosystem, without trailing slash. */
  readonly base: string;
  /** URL of the server, without trailing slash. */
  readonly root: string;
  readonly showWithheld: boolean;
}

/** Index documents as clients see them, kept ready until something that they rest on changes. */
export interface Views {
  index(feed: Feed, project: MirroredProject, form: string, perspective: Perspective): Promise<Reply>;
  /** The same decisions for forms that need no stored bytes. */
  open(feed: Feed, project: MirroredProject, read: ReadProjectDocument, perspective: Perspective): OpenView;
}

export interface OpenView extends IndexView {
  /** When a decision will change by itself, epoch milliseconds; Infinity when none will. */
  readonly validUntil: number;
}

interface Ready {
  readonly document: string;
  readonly revision: string;
  readonly validUntil: number;
  readonly reply: Reply & { readonly body: PreparedBody };
}

/** Bodies below this size are not worth compressing: they fit in one packet. */
const COMPRESS_FROM = 1024;
const compress = promisify(gzip);

/** Opens the store of prepared index documents. */
export function openViews(intake: Intake): Views {
  const { app } = intake;
  const ready = lru<string, Ready>({ weight: app.limits.memoryCacheBytes / 2, weigh: weightOf });
  const builds = singleFlight<string, Ready>();

  async function build(feed: Feed, project: MirroredProject, form: string, perspective: Perspective): Promise<Ready> {
    const revision = revisionOf(app, project.id);
    const read = await intake.mirror.read(feed, project);
    const view = openView(app, feed, project, read, perspective);
    const written = ECOSYSTEMS[feed.ecosystem].writeIndex(read.document, form, view);
    const zipped =
      written.body.length < COMPRESS_FROM ? undefined : await compress(written.body, { level: levelFor(written.body) });
    const isSettled = wish(intake, feed, project, read, view);
    const scope = app.config.anonymous_reading ? "public" : "private";
    const headers: Record<string, string> = {
      "content-type": written.contentType,
      // What is likely to be chosen may be withheld a moment from now: whoever then asks again must see that.
      "cache-control": `${scope}, ${isSettled ? "max-age=60" : "no-cache"}`,
      vary: app.config.anonymous_reading ? "Accept, User-Agent" : "Accept, User-Agent, Authorization",
    };
    Object.assign(headers, written.headers);
    if (written.lastModified !== undefined) headers["last-modified"] = new Date(written.lastModified).toUTCString();
    const etag = sha256Hex(written.body).slice(0, 32);
    const body: PreparedBody = { kind: "prepared", etag, identity: written.body, ...(zipped && { gzip: zipped }) };
    return { document: project.document, revision, validUntil: view.validUntil, reply: { status: 200, headers, body } };
  }

  return {
    async index(feed, project, form, perspective) {
      const key = `${feed.id} ${project.id} ${form} ${perspective.showWithheld ? 1 : 0} ${perspective.base}`;
      let view = ready.get(key);
      if (!view || !isCurrent(app, project, view)) {
        view = await builds(`${key} ${project.document} ${revisionOf(app, project.id)}`, () =>
          build(feed, project, form, perspective),
        );
        ready.set(key, view);
      }
      return project.stale ? staleReply(view.reply) : lasting(app, project, view);
    },
    open: (feed, project, read, perspective) => openView(app, feed, project, read, perspective),
  };
}

function isCurrent(app: App, project: MirroredProject, view: Ready): boolean {
  return (
    view.document === project.document && view.revision === revisionOf(app, project.id) && app.clock() < view.validUntil
  );
}

function openView(
  app: App,
  feed: Feed,
  project: MirroredProject,
  read: ReadProjectDocument,
  perspective: Perspective,
): OpenView {
  const factsOf = projectFacts(app, feed, project, read.listing);
  const now = app.clock();
  const decisions = new Map<string, Decision>();
  let validUntil = Number.POSITIVE_INFINITY;
  let metadata: ReturnType<typeof coreMetadataOf> | undefined;
  let sightOf: ((artifact: ListedArtifact) => FirstSight) | undefined;
  const conclude = (artifact: ListedArtifact): Decision => {
    const decision = decide(factsOf(artifact), feed.policy, now);
    if (decision.until !== undefined) validUntil = Math.min(validUntil, decision.until);
    return decision.state === "pending" && feed.policy.pending === "hide" ? { ...decision, state: "held" } : decision;
  };
  return {
    ...perspective,
    name: read.listing.name,
    decide(artifact) {
      let decision = decisions.get(artifact.filename);
      if (!decision) decisions.set(artifact.filename, (decision = conclude(artifact)));
      return decision;
    },
    whyUrl: (artifact) => whyUrl(perspective.root, feed, project.name, artifact.filename),
    firstSeen(artifact) {
      sightOf ??= firstSights(app, project);
      return sightOf(artifact).at;
    },
    coreMetadata(artifact) {
      metadata ??= coreMetadataOf(app, project.id);
      return metadata.get(artifact.filename)?.sha256;
    },
    distrustsTimes: originOf(feed, project.name)?.upstream?.trust_times === false,
    get validUntil() {
      return validUntil;
    },
  };
}

/** The page that shows why an artifact is withheld. */
export function whyUrl(root: string, feed: Feed, name: string, filename: string): string {
  return `${root}/why/${feed.id}/${encodeURIComponent(name)}/${encodeURIComponent(filename)}`;
}

/** A resolver reads the index now and asks for its choice next: have that inspected by then. False when there is something to inspect. */
function wish(
  intake: Intake,
  feed: Feed,
  project: MirroredProject,
  read: ReadProjectDocument,
  view: IndexView,
): boolean {
  const codeOf = (artifact: ListedArtifact) => view.decide(artifact).code;
  const waits = (artifact: ListedArtifact) =>
    view.decide(artifact).state === "visible" ||
    codeOf(artifact) === "not-inspected" ||
    codeOf(artifact) === "cooldown";
  const likely = ECOSYSTEMS[feed.ecosystem].likely(read.listing, waits);
  const unknown = likely.filter((artifact) => codeOf(artifact) === "not-inspected");
  // A cooldown ends when the release as a whole was assessed, so all its files are wanted.
  const young = new Set(likely.filter((artifact) => codeOf(artifact) === "cooldown").map(({ version }) => version));
  const whole = young.size === 0 ? [] : read.listing.artifacts.filter(({ version }) => young.has(version));
  intake.prefetch.want(feed, project, [...unknown, ...whole.slice(0, MOST_OF_YOUNG_RELEASES)]);
  return unknown.length === 0;
}

/** Files of young releases that one look at an index has inspected; releases with more are assessed as they are asked for. */
const MOST_OF_YOUNG_RELEASES = 50;

/** A reply that says itself how long it holds, so that the same request need not come this far again. */
function lasting(app: App, project: MirroredProject, { revision, validUntil, reply }: Ready): Reply {
  const until = Math.min(validUntil, project.freshUntil);
  const isCurrent = () => {
    const now = app.clock();
    return now < until && now >= project.checkedAt && revisionOf(app, project.id) === revision;
  };
  const body: PreparedBody = reply.body;
  return { ...reply, body: { ...body, isCurrent } };
}

function staleReply(reply: Reply): Reply {
  const marks = {
    warning: '110 portcullis "upstream does not answer; this is what was known"',
    "x-portcullis-stale": "1",
  };
  return { ...reply, headers: { ...reply.headers, ...marks } };
}

/** Large documents are compressed fast rather than small: somebody waits. */
function levelFor(body: Buffer): number {
  return body.length > 1 << 20 ? 1 : 5;
}

function weightOf({ reply }: Ready): number {
  return reply.body.identity.length + (reply.body.gzip?.length ?? 0) + 2048;
}
