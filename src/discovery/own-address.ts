import { hostname, networkInterfaces } from "node:os";
import type { Config } from "../config.ts";

/**
 * Whether a URL leads to this very server (its port on this machine, or its public URL): as an upstream it would ask itself
 * for ever. Clients that were pointed at Portcullis make discovery find just that.
 */
export function isOwnAddress(
  url: string,
  { host, port, public_url }: Pick<Config, "host" | "port" | "public_url">,
): boolean {
  const { hostname: name, port: written, protocol, href } = new URL(url);
  if (public_url !== undefined && href.startsWith(new URL(public_url).href)) return true;
  const urlPort = Number(written) || (protocol === "https:" ? 443 : 80);
  return urlPort === port && ownHosts(host).has(name.replace(/^\[|\]$/g, "").toLowerCase());
}

function ownHosts(host: string): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  return new Set([host, "localhost", "127.0.0.1", "::1", hostname(), ...addresses].map((name) => name.toLowerCase()));
}
