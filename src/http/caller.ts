import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";
import { addressMatcher } from "../lib/network-address.ts";

/** Where a request came from and under which URL, behind the reverse proxies that the configuration trusts. */
export interface Origin {
  readonly address: string;
  /** URL of the server as this caller reached it, without trailing slash. */
  readonly root: string;
}

/** Reads origins; X-Forwarded-* counts only from trusted proxies, and a Host that is none is replaced by the address listened on. */
export function originReader(config: Config, secure: boolean): (request: IncomingMessage) => Origin {
  const isTrusted = addressMatcher(config.trusted_proxies);
  const fixed = config.public_url?.replace(/\/+$/, "");
  const scheme = secure ? "https" : "http";
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? "");
    const trusted = config.trusted_proxies.length > 0 && isTrusted(peer);
    const address = trusted ? (forwardedFor(request, isTrusted) ?? peer) : peer;
    return { address, root: fixed ?? rootOf(request, trusted, scheme, config) };
  };
}

function rootOf(request: IncomingMessage, trusted: boolean, scheme: string, config: Config): string {
  const forwardedHost = trusted ? first(request.headers["x-forwarded-host"]) : undefined;
  const forwardedScheme = trusted ? first(request.headers["x-forwarded-proto"]) : undefined;
  const host = forwardedHost ?? request.headers.host ?? "";
  // The host ends up in documents and links, so only what can be one is believed (RFC 9110 §7.2).
  const usable = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,45}\])(?::\d{1,5})?$/i.test(host);
  const fallback = `${config.host.includes(":") ? `[${config.host}]` : config.host}:${request.socket.localPort ?? config.port}`;
  return `${forwardedScheme === "https" ? "https" : scheme}://${usable ? host.toLowerCase() : fallback}`;
}

/** The rightmost address that is not one of our proxies: those further left are whatever the caller wrote. */
function forwardedFor(request: IncomingMessage, isTrusted: (address: string) => boolean): string | undefined {
  const header = request.headers["x-forwarded-for"];
  const hops = (Array.isArray(header) ? header.join(",") : (header ?? ""))
    .split(",")
    .map((hop) => plainAddress(hop.trim()));
  return hops.reverse().find((hop) => hop !== "" && !isTrusted(hop));
}

function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(",")[0]?.trim();
}
