import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { identify } from "../accounts/credentials.ts";
import { ECOSYSTEM_IDS, type EcosystemId } from "../catalog/model.ts";
import type { AskRequest, Ecosystem, Reply } from "../ecosystems/ecosystem.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { Refusal, refuse } from "../errors.ts";
import { readClient } from "../gate/client.ts";
import { type GateKeeping, openGate } from "../gate/open-gate.ts";
import { FILE_CHANGED, isLost } from "../lib/open-files.ts";
import { DEFAULT_FEED } from "../policy/feeds.ts";
import { readBody } from "./body.ts";
import type { Origin } from "./caller.ts";
import { openHotPages } from "./hot-pages.ts";
import { type Match, routeMatcher } from "./match.ts";
import type { Metrics } from "./metrics.ts";
import { readQuery, readSegments } from "./path.ts";
import { sendReply } from "./reply.ts";

/** The three protocols under their stable addresses: `/pypi/…`, `/npm/…`, `/nuget/…` and `/f/FEED/<ecosystem>/…`. */
export interface Mount {
  /** Whether a request's path is a protocol's. */
  owns(url: string): boolean;
  /** Answers; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** On every answer of a protocol address, refusals too, the feed behind it: `default/npm`. By it `portcullis doctor` knows the gate. */
export const GATE_HEADER = "x-portcullis";

interface Place {
  readonly feed: string;
  readonly ecosystem: EcosystemId;
  /** Path of the feed and ecosystem below the server's root, e.g. `/f/strict/npm`. */
  readonly prefix: string;
  readonly rest: string;
  readonly query: string;
}

/** Mounts every ecosystem's routes on the gate. */
export function openMount(
  keeping: GateKeeping,
  originOf: (request: IncomingMessage) => Origin,
  metrics: Metrics,
): Mount {
  const { app, feeds } = keeping.intake;
  const hot = openHotPages(app.limits.memoryCacheBytes / 4);
  const matchers = new Map(ECOSYSTEM_IDS.map((id) => [id, routeMatcher(ECOSYSTEMS[id].routes)]));

  async function answer(
    request: IncomingMessage,
    place: Place,
    ask: AskRequest & { readonly params: object },
  ): Promise<Reply> {
    const ecosystem = ECOSYSTEMS[place.ecosystem];
    const feed = feeds.get(place.feed, place.ecosystem);
    const subject = identify(app, ask.header);
    if (subject.kind === "anonymous" && !app.config.anonymous_reading) throw refuse("TOKEN_REQUIRED");
    const segments = ecosystem.canonicalPath(readSegments(place.rest));
    const { route, params } = matched(matchers.get(place.ecosystem)!(ask.method, segments), ask.method, place);
    const { address, root } = originOf(request);
    const gate = openGate(keeping, feed, {
      subject,
      address,
      root,
      base: root + place.prefix,
      method: ask.method,
      client: readClient(ask.header("user-agent")),
    });
    return route.handle(gate, { ...ask, params, query: readQuery(place.query) });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const hotStatus = hot.answer(request, response);
    if (hotStatus !== undefined) return metrics.hotPage(hotStatus);
    const startedAt = performance.now();
    const place = readPlace(request.url ?? "/")!;
    const ecosystem = ECOSYSTEMS[place.ecosystem];
    const ask = askOf(request, app.limits.requestBytes);
    const tell = async (): Promise<Reply> => {
      const told = await answer(request, place, ask).catch((error: unknown) => refusalReply(error, ecosystem, ask));
      return { ...told, headers: { ...told.headers, [GATE_HEADER]: `${place.feed}/${place.ecosystem}` } };
    };
    try {
      const reply = await tell();
      hot.keep(request, reply);
      await sendReply(request, response, reply).catch(async (error: unknown) => {
        await forgetVanished(reply, error);
        if (response.headersSent) throw error;
        // Told once more, it is fetched again, or the refusal says why it cannot be.
        await sendReply(request, response, await tell());
      });
    } catch (error) {
      app.log.error({ err: error, url: request.url }, "a request failed");
      if (!response.headersSent) response.writeHead(500, { "content-length": 0 });
      response.end();
    } finally {
      // A body that nobody read would stand in the way of the connection's next request.
      if (!request.readableEnded) request.resume();
      metrics.request(place.ecosystem, response.statusCode, (performance.now() - startedAt) / 1000);
    }
  }

  /** Has a stored file that is gone or damaged looked at again; rethrows what is no such trouble. */
  async function forgetVanished({ body }: Reply, error: unknown): Promise<void> {
    const { code } = error as { code?: string };
    const isFile = typeof body === "object" && "kind" in body && body.kind === "file";
    if (isFile && code === "ENOENT") return app.blobs.delete(body.etag);
    if (isFile && (code === FILE_CHANGED || isLost(error))) return app.blobs.recheck(body.etag);
    throw error;
  }

  function refusalReply(error: unknown, ecosystem: Ecosystem, ask: AskRequest): Reply {
    if (error instanceof Refusal) return withChallenge(ecosystem.writeRefusal(error, ask), error);
    const reference = randomUUID();
    app.log.error({ err: error, reference }, "a request failed");
    return ecosystem.writeRefusal(refuse("INTERNAL", { reference }), ask);
  }

  return { owns: (url) => readPlace(url) !== undefined, handle };
}

function readPlace(url: string): Place | undefined {
  const end = url.indexOf("?");
  const path = end < 0 ? url : url.slice(0, end);
  const parts = /^((?:\/f\/([a-z0-9][a-z0-9-]*))?\/(pypi|npm|nuget))(?:\/(.*))?$/s.exec(path);
  if (!parts) return undefined;
  return {
    prefix: parts[1]!,
    feed: parts[2] ?? DEFAULT_FEED,
    ecosystem: parts[3] as EcosystemId,
    rest: parts[4] ?? "",
    query: end < 0 ? "" : url.slice(end + 1),
  };
}

function matched(match: Match, method: string, place: Place): Extract<Match, { kind: "route" }> {
  if (match.kind === "route") return match;
  if (match.kind === "other-method") throw refuse("METHOD_NOT_ALLOWED", { method });
  throw refuse("NOT_FOUND", { what: `${place.prefix}/${place.rest}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 200) });
}

function askOf(request: IncomingMessage, limit: number): AskRequest {
  return {
    method: request.method ?? "GET",
    params: {},
    query: {},
    header(name) {
      const value = request.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body: () => readBody(request, limit),
  };
}

/** Clients send their credentials only after a challenge (RFC 9110 §11.6.1). */
function withChallenge(reply: Reply, refusal: Refusal): Reply {
  const headers = { ...reply.headers };
  if (refusal.status === 401) headers["www-authenticate"] ??= 'Basic realm="Portcullis", charset="UTF-8"';
  if (refusal.retryAfter !== undefined) headers["retry-after"] ??= String(refusal.retryAfter);
  headers["cache-control"] ??= "no-store";
  return { ...reply, headers };
}
