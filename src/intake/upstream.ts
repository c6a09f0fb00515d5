import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import type { Config, UpstreamConfig } from "../config.ts";
import type { UpstreamAnswer, UpstreamGet } from "../ecosystems/ecosystem.ts";
import { Refusal, refuse } from "../errors.ts";
import { isMetadataAddress, isPrivateAddress } from "../lib/network-address.ts";
import type { Limits } from "../limits.ts";
import { guardedConnect, portOf } from "./guarded-connect.ts";

/**
 * Requests towards upstream registries. Answers are hostile: bounded in bytes and time, redirects followed by hand and never to a
 * private address beside the upstream's own, credentials sent to the upstream's own origin alone. Trouble is UPSTREAM_UNAVAILABLE, never "not found".
 */
export interface UpstreamClient {
  /** Bounded GETs for index documents of one upstream. */
  get(upstream: UpstreamConfig): UpstreamGet;
  /** A body of any kind as a stream, for artifacts and pass-through. */
  open(upstream: UpstreamConfig, url: string, options?: OpenOptions): Promise<OpenAnswer>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly accept?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly method?: "GET" | "POST";
  readonly body?: Buffer;
  readonly contentType?: string;
  /** Whether the answer may be compressed in transit (index documents); artifacts are fetched as they are. */
  readonly compressed?: boolean;
}

export interface OpenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed when `compressed` was asked for. */
  readonly body: Readable;
  readonly url: string;
}

/** Opens the client with its connection pools; proxy and certificate authorities come from the configuration. */
export function openUpstreamClient(config: Config, limits: Limits): UpstreamClient {
  const ca = config.network.ca_file ? [...rootCertificates, readFileSync(config.network.ca_file, "utf8")] : undefined;
  const timeouts = { headersTimeout: limits.upstreamIndexMs, bodyTimeout: limits.upstreamStallMs, connections: 64 };
  const connect = { timeout: 10_000, ...(ca && { ca }) };
  const open = new Agent({ ...timeouts, connect });
  const guarded = new Map<string, Agent>();
  const proxy = config.network.proxy
    ? new ProxyAgent({ uri: config.network.proxy, ...timeouts, ...(ca && { requestTls: { ca } }) })
    : undefined;

  const gets = new WeakMap<UpstreamConfig, UpstreamGet>();

  function dispatcherFor(upstream: UpstreamConfig, url: URL): Dispatcher {
    const own = new URL(upstream.url);
    if (proxy && !isPrivateLiteral(url) && !isUnproxied(config.network.no_proxy, url)) return proxy;
    return url.host === own.host || upstream.allow_private_address ? open : guardedFor(own);
  }

  function guardedFor(own: URL): Agent {
    let agent = guarded.get(own.origin);
    if (!agent) guarded.set(own.origin, (agent = new Agent({ ...timeouts, connect: guardedConnect(own, connect) })));
    return agent;
  }

  async function openUrl(upstream: UpstreamConfig, start: string, options: OpenOptions = {}): Promise<OpenAnswer> {
    let url = readUrl(upstream, start);
    for (let hop = 0; hop <= limits.upstreamRedirects; hop++) {
      refusePrivateLiteral(upstream, url);
      const answer = await send(upstream, url, options, dispatcherFor(upstream, url));
      const location = answer.headers["location"];
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      discard(answer.body);
      url = readUrl(upstream, URL.parse(location, url)?.href ?? location);
    }
    throw unavailable(upstream, start, `more than ${limits.upstreamRedirects} redirects`);
  }

  async function send(
    upstream: UpstreamConfig,
    url: URL,
    options: OpenOptions,
    dispatcher: Dispatcher,
  ): Promise<OpenAnswer> {
    try {
      const answer = await request(url, {
        dispatcher,
        method: options.method ?? "GET",
        headers: requestHeaders(upstream, url, options),
        ...(options.body && { body: options.body }),
      });
      const headers = flatHeaders(answer.headers);
      const body = options.compressed ? decompressed(answer.body, headers["content-encoding"]) : answer.body;
      return { status: answer.statusCode, headers, body, url: url.href };
    } catch (error) {
      throw unavailable(upstream, url.href, describe(error));
    }
  }

  async function getOne(
    upstream: UpstreamConfig,
    pathOrUrl: string,
    options: Parameters<UpstreamGet>[1],
  ): Promise<UpstreamAnswer> {
    const url = URL.parse(pathOrUrl, baseOf(upstream))?.href ?? pathOrUrl;
    const answer = await openUrl(upstream, url, { ...options, compressed: true });
    if (answer.status === 304 || answer.status === 404 || answer.status === 410) {
      discard(answer.body);
      return read(answer, Buffer.alloc(0), answer.status === 304 ? 304 : 404);
    }
    if (answer.status !== 200) {
      discard(answer.body);
      throw unavailable(upstream, url, `it answered ${answer.status}`);
    }
    return read(answer, await collect(upstream, url, answer.body, limits), 200);
  }

  return {
    get(upstream) {
      // One function for each upstream: ecosystems key what they remember of it (service indexes) on it.
      let get = gets.get(upstream);
      if (!get) gets.set(upstream, (get = (pathOrUrl, options) => getOne(upstream, pathOrUrl, options)));
      return get;
    },
    open: openUrl,
    async close() {
      await Promise.all([open.destroy(), ...[...guarded.values()].map((agent) => agent.destroy()), proxy?.destroy()]);
    },
  };
}

/** Whether an error is upstream trouble, so that what is known may be served instead. */
export function isUpstreamTrouble(error: unknown): boolean {
  return error instanceof Refusal && error.code === "UPSTREAM_UNAVAILABLE";
}

/** Reads the rest of a small answer that nobody wants, so that its connection can be used again; ends the connection of any other. */
export function discard(body: Readable): void {
  let left = DISCARDED_BYTES;
  const timer = setTimeout(() => body.destroy(), DISCARDED_MS);
  timer.unref();
  body.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) body.destroy();
  });
  body.on("error", () => {});
  body.on("close", () => clearTimeout(timer));
}

const DISCARDED_BYTES = 256 << 10;
const DISCARDED_MS = 5_000;

/** The refusal for upstream trouble. */
export function unavailable(upstream: UpstreamConfig, what: string, why: string): Refusal {
  return refuse("UPSTREAM_UNAVAILABLE", { upstream: upstream.name, what: withoutQuery(what), why }, 30);
}

function baseOf(upstream: UpstreamConfig): string {
  if (upstream.ecosystem === "nuget") return upstream.url;
  return upstream.url.endsWith("/") ? upstream.url : `${upstream.url}/`;
}

function readUrl(upstream: UpstreamConfig, text: string): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw unavailable(upstream, text, "the address is not an http address");
  const own = new URL(upstream.url);
  // A secure upstream that sends us to plain http would let anyone on the way change what is declared.
  if (own.protocol === "https:" && url.protocol === "http:")
    throw unavailable(upstream, text, "it leads from https to http");
  url.username = "";
  url.password = "";
  return url;
}

/** Whether a host is one that the proxy does not serve: `*`, `host`, `.domain` (and `domain` for its subdomains), `host:port`. */
function isUnproxied(noProxy: readonly string[], url: URL): boolean {
  const host = url.hostname.toLowerCase();
  return noProxy.some((entry) => {
    const [name, port] = entry.trim().toLowerCase().split(":");
    if (port !== undefined && port !== portOf(url)) return false;
    const domain = name!.replace(/^\*?\.?/, "");
    return name === "*" || (domain !== "" && (host === domain || host.endsWith(`.${domain}`)));
  });
}

function isPrivateLiteral(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) !== 0 && (isPrivateAddress(host) || isMetadataAddress(host));
}

function refusePrivateLiteral(upstream: UpstreamConfig, url: URL): void {
  if (url.host === new URL(upstream.url).host || upstream.allow_private_address) return;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isPrivateLiteral(url) || host === "localhost" || host.endsWith(".localhost"))
    throw unavailable(upstream, url.href, "it leads to a private address");
}

function requestHeaders(upstream: UpstreamConfig, url: URL, options: OpenOptions): Record<string, string> {
  const headers: Record<string, string> = {
    "user-agent": "portcullis",
    accept: options.accept ?? "*/*",
    "accept-encoding": options.compressed ? "gzip, br" : "identity",
  };
  if (options.etag) headers["if-none-match"] = options.etag;
  if (options.lastModified) headers["if-modified-since"] = options.lastModified;
  if (options.contentType) headers["content-type"] = options.contentType;
  const credentials = url.origin === new URL(upstream.url).origin ? authorization(upstream) : undefined;
  if (credentials) headers["authorization"] = credentials;
  return headers;
}

function authorization(upstream: UpstreamConfig): string | undefined {
  if (upstream.token_file) return `Bearer ${readFileSync(upstream.token_file, "utf8").trim()}`;
  if (upstream.username === undefined || upstream.password_file === undefined) return undefined;
  const password = readFileSync(upstream.password_file, "utf8").trim();
  return `Basic ${Buffer.from(`${upstream.username}:${password}`).toString("base64")}`;
}

function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
  return flat;
}

function decompressed(body: Readable, encoding: string | undefined): Readable {
  const transform =
    encoding === "gzip" || encoding === "x-gzip"
      ? createGunzip()
      : encoding === "br"
        ? createBrotliDecompress()
        : encoding === "deflate"
          ? createInflate()
          : undefined;
  if (!transform) return body;
  return pipeline(body, transform, () => {});
}

async function collect(upstream: UpstreamConfig, url: string, body: Readable, limits: Limits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(
    () => body.destroy(new Error(`no complete answer within ${limits.upstreamIndexMs / 1000} s`)),
    limits.upstreamIndexMs,
  );
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.indexBytes)
        throw new Error(`the answer is larger than the limit of ${limits.indexBytes} bytes`);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  } catch (error) {
    body.destroy();
    throw unavailable(upstream, url, describe(error));
  } finally {
    clearTimeout(timer);
  }
}

function read(answer: OpenAnswer, body: Buffer, status: 200 | 304 | 404): UpstreamAnswer {
  const { etag, "last-modified": lastModified, "content-type": contentType = "" } = answer.headers;
  return { status, body, contentType, url: answer.url, ...(etag && { etag }), ...(lastModified && { lastModified }) };
}

function describe(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || "it does not answer").slice(0, 200);
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, "").slice(0, 300);
}
