import type { IncomingMessage, ServerResponse } from "node:http";
import type { PreparedBody, Reply } from "../ecosystems/ecosystem.ts";
import { lru } from "../lib/lru.ts";
import { acceptsGzip, preparedHeaders, validatorsOf } from "./reply.ts";

/** Index documents by the request that they answer, as long as they say that they are current: the same request again costs one look-up. */
export interface HotPages {
  /** Answers a request that was answered before and tells the status; undefined when it has to go through the gate. */
  answer(request: IncomingMessage, response: ServerResponse): number | undefined;
  /** Keeps a reply that may be given again. */
  keep(request: IncomingMessage, reply: Reply): void;
}

interface Kept {
  readonly isCurrent: () => boolean;
  /** Bytes that it keeps from being freed, its key included. */
  readonly weight: number;
  readonly identity: Written;
  readonly gzip: Written | undefined;
}

/** One representation as it goes onto the wire. */
interface Written {
  readonly etag: string;
  /** Name, value, name, value, … */
  readonly headers: string[];
  readonly unchanged: string[];
  /** A small body as text, byte for byte (latin1): Node sends it together with the head. */
  readonly body: Buffer | string;
}

/** What a kept reply weighs beside its key and its bodies. */
const OVERHEAD = 2048;
/** Longer headers are no package client's. */
const LONGEST_KEY = 2048;
/** Bytes up to which a body is sent together with its head. */
const SMALL = 16 << 10;

/** Opens an empty store of at most `bytes`, bodies that the gate's own store shares included: it may have let go of them. */
export function openHotPages(bytes: number): HotPages {
  const pages = lru<string, Kept>({ weight: bytes, weigh: ({ weight }) => weight });
  return {
    answer(request, response) {
      const key = keyOf(request);
      const kept = key === undefined ? undefined : pages.get(key);
      if (kept?.isCurrent()) return send(request, response, kept);
      if (kept) pages.delete(key!);
      return undefined;
    },
    keep(request, reply) {
      const { body } = reply;
      if (reply.status !== 200 || typeof body !== "object" || Buffer.isBuffer(body) || body.kind !== "prepared") return;
      const { isCurrent } = body satisfies PreparedBody;
      const key = isCurrent && keyOf(request);
      if (!key) return;
      const gzip = body.gzip && written(reply, body, body.gzip, true);
      const weight = OVERHEAD + key.length + body.identity.length + (body.gzip?.length ?? 0);
      pages.set(key, { isCurrent, weight, identity: written(reply, body, body.identity, false), gzip });
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, kept: Kept): number {
  const page = kept.gzip && acceptsGzip(request.headers["accept-encoding"]) ? kept.gzip : kept.identity;
  const known = request.headers["if-none-match"];
  if (known?.includes(page.etag)) {
    response.writeHead(304, page.unchanged).end();
    return 304;
  }
  response.writeHead(200, page.headers);
  if (request.method === "HEAD") response.end();
  else if (typeof page.body === "string") response.end(page.body, "latin1");
  else response.end(page.body);
  return 200;
}

function written(reply: Reply, prepared: PreparedBody, bytes: Buffer, zipped: boolean): Written {
  const headers = preparedHeaders(reply, prepared, zipped);
  return {
    etag: headers["etag"]!,
    headers: flat({ ...headers, "content-length": String(bytes.length) }),
    unchanged: flat(validatorsOf(headers)),
    body: bytes.length <= SMALL ? bytes.toString("latin1") : bytes,
  };
}

function flat(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flat();
}

/** Everything of a request that its answer may depend on; undefined for requests that are not answered from here. */
function keyOf({ method, url = "", headers, socket }: IncomingMessage): string | undefined {
  // A token may be revoked at any moment, and a body has to be read.
  if (
    (method !== "GET" && method !== "HEAD") ||
    headers.authorization !== undefined ||
    headers["x-nuget-apikey"] !== undefined
  )
    return undefined;
  // Behind a proxy the address that clients use is told by the proxy's headers.
  const forwarded = headers["x-forwarded-host"] ?? headers["x-forwarded-proto"];
  if (forwarded !== undefined || headers["if-modified-since"] !== undefined || url.length > 512) return undefined;
  const key = `${url}\n${headers.accept ?? ""}\n${headers["user-agent"] ?? ""}\n${headers.host ?? ""}\n${socket.localPort}`;
  return key.length > LONGEST_KEY ? undefined : key;
}
