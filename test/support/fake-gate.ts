import type { Decision, ListedArtifact } from "../../src/catalog/model.ts";
import type {
  AdvisoryMatch,
  AskRequest,
  Ecosystem,
  FetchedArtifact,
  Gate,
  IndexView,
  Reply,
  Route,
  StoredDocument,
  UpstreamAnswer,
} from "../../src/ecosystems/ecosystem.ts";
import { Refusal, refuse } from "../../src/errors.ts";

/** What a fake gate knows; everything is optional, the default is an empty feed whose artifacts are all offered. */
export interface FakeFeed {
  /** Default `http://127.0.0.1:8321/<ecosystem>`. */
  readonly base?: string;
  readonly showWithheld?: boolean;
  /** Stored documents by normalised name. */
  readonly projects?: Readonly<Record<string, StoredDocument>>;
  readonly decide?: (artifact: ListedArtifact) => Decision;
  /** Bytes by `name/filename` and, for side files, `name/filename<suffix>`. */
  readonly bytes?: Readonly<Record<string, string | Buffer>>;
  /** Answers of `passThrough`; undefined is told as 404. */
  readonly upstream?: (pathOrUrl: string, body: Buffer | undefined) => Partial<UpstreamAnswer> | undefined;
  readonly advisories?: readonly AdvisoryMatch[];
  readonly fetched?: readonly FetchedArtifact[];
  /** Thrown by every method that would ask an upstream. */
  readonly trouble?: Refusal;
}

/** A gate without storage, upstream or inspection; `calls` records what the routes asked of it, in order. */
export interface FakeGate extends Gate {
  readonly calls: string[];
}

/** A decision for tests. */
export const VISIBLE: Decision = { state: "visible", code: "clean", sentence: "Inspected, nothing found." };
/** A decision for tests. */
export const PENDING: Decision = { state: "pending", code: "not-inspected", sentence: "Nobody has inspected it yet." };
/** A decision for tests. */
export const BLOCKED: Decision = {
  state: "blocked",
  code: "malicious",
  sentence: "Portcullis withholds this file: it runs a downloader during installation.",
};

/** Whether a client must not get the artifact's bytes. */
export function isWithheld(decision: Decision): boolean {
  return decision.state === "held" || decision.state === "blocked";
}

/** Opens a fake gate for one ecosystem. */
export function fakeGate(ecosystem: Ecosystem, feed: FakeFeed = {}): FakeGate {
  const base = feed.base ?? `http://127.0.0.1:8321/${ecosystem.id}`;
  const calls: string[] = [];
  const decide = feed.decide ?? (() => VISIBLE);
  const view = (name: string): IndexView => ({
    base,
    name,
    showWithheld: feed.showWithheld ?? false,
    decide,
    whyUrl: (artifact) => `http://127.0.0.1:8321/why/${artifact.filename}`,
  });
  const documentOf = (name: string): StoredDocument => {
    if (feed.trouble !== undefined) throw feed.trouble;
    const document = Object.hasOwn(feed.projects ?? {}, name) ? feed.projects?.[name] : undefined;
    if (document === undefined) throw refuse("PROJECT_NOT_FOUND", { name, feed: "default" });
    return document;
  };
  const bytesOf = (name: string, filename: string, suffix: string): Reply => {
    const listing = ecosystem.readListing(documentOf(name));
    const artifact = listing.artifacts.find((one) => one.filename === filename);
    const body = feed.bytes?.[`${name}/${filename}${suffix}`];
    if (artifact === undefined) throw refuse("ARTIFACT_NOT_FOUND", { name, filename, feed: "default" });
    const decision = decide(artifact);
    if (isWithheld(decision)) {
      throw refuse("WITHHELD", { sentence: decision.sentence, url: view(name).whyUrl(artifact) });
    }
    if (body === undefined) throw refuse("ARTIFACT_NOT_FOUND", { name, filename, feed: "default" });
    return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
  };
  return {
    calls,
    ecosystem: ecosystem.id,
    feed: "default",
    base,
    subject: { name: "anonymous", kind: "anonymous" },
    async index(name, form) {
      calls.push(`index ${name} ${form}`);
      const written = ecosystem.writeIndex(documentOf(name), form, view(name));
      return { status: 200, headers: { "content-type": written.contentType, ...written.headers }, body: written.body };
    },
    async project(name) {
      calls.push(`project ${name}`);
      const document = documentOf(name);
      return { name, document, listing: ecosystem.readListing(document), view: view(name) };
    },
    async file(name, filename) {
      calls.push(`file ${name} ${filename}`);
      return bytesOf(name, filename, "");
    },
    async sideFile(name, filename, suffix) {
      calls.push(`sideFile ${name} ${filename} ${suffix}`);
      return bytesOf(name, filename, suffix);
    },
    async names(limit, after) {
      calls.push(`names ${limit} ${after ?? ""}`.trim());
      return Object.keys(feed.projects ?? {})
        .sort()
        .filter((name) => after === undefined || name > after)
        .slice(0, limit);
    },
    async passThrough(pathOrUrl, options) {
      calls.push(`passThrough ${options?.method ?? "GET"} ${pathOrUrl}`);
      if (feed.trouble !== undefined) throw feed.trouble;
      const answer = feed.upstream?.(pathOrUrl, options?.body);
      const missing: UpstreamAnswer = {
        status: 404,
        body: Buffer.alloc(0),
        contentType: "text/plain",
        url: `http://upstream.example.invalid/${pathOrUrl}`,
      };
      return answer === undefined ? missing : { ...missing, status: 200, ...answer };
    },
    ...(feed.advisories && {
      async everyAdvisory(limit: number) {
        return feed.advisories?.slice(0, limit) ?? [];
      },
    }),
    ...(feed.fetched && {
      async fetched(skip: number, limit: number) {
        return feed.fetched?.slice(skip, skip + limit) ?? [];
      },
    }),
    async advisories(names) {
      calls.push(`advisories ${Object.keys(names).join(" ")}`);
      return (feed.advisories ?? []).filter((match) =>
        match.versions.some((version) =>
          (Object.hasOwn(names, match.name) ? names[match.name] : [])?.includes(version),
        ),
      );
    },
  };
}

/**
 * Sends one request to an ecosystem's routes as the mount does: the path is split at `/` and each segment is
 * percent-decoded once (a trailing slash is a last empty segment), `canonicalPath` joins segments, the first route in
 * the list that matches wins, and refusals are written by the ecosystem. `line` is e.g. `GET /simple/foo/?x=1`.
 */
export async function ask(
  ecosystem: Ecosystem,
  gate: Gate,
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Promise<Reply> {
  const [method = "GET", target = "/"] = line.split(" ");
  const [path = "/", search = ""] = target.split("?");
  let request: AskRequest = {
    method,
    params: {},
    query: Object.fromEntries(new URLSearchParams(search)),
    header: (name) => headers[name.toLowerCase()],
    body: async () => Buffer.from(body),
  };
  try {
    const segments = ecosystem.canonicalPath(path.slice(1).split("/").map(decodeURIComponent));
    for (const route of ecosystem.routes) {
      const params = route.method === method ? matchPath(route, segments) : undefined;
      if (params === undefined) continue;
      request = { ...request, params };
      return await route.handle(gate, request);
    }
    throw refuse("NOT_FOUND", { what: path });
  } catch (error) {
    if (error instanceof Refusal) return ecosystem.writeRefusal(error, request);
    throw error;
  }
}

/** The body of a reply as text. */
export function textOf(reply: Reply): string {
  const { body } = reply;
  if (body === undefined) return "";
  if (typeof body === "string" || Buffer.isBuffer(body)) return body.toString();
  if (body.kind === "prepared") return body.identity.toString();
  throw new Error("a file body has no text");
}

function matchPath(route: Route, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const pattern = route.path.slice(1).split("/");
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    if (part.startsWith("*")) {
      params[part.slice(1)] = segments.slice(at).join("/");
      return params;
    }
    const segment = segments[at];
    if (segment === undefined) return undefined;
    if (part.startsWith(":") ? segment === "" : segment !== part) return undefined;
    if (part.startsWith(":")) params[part.slice(1)] = segment;
  }
  return pattern.length === segments.length ? params : undefined;
}
