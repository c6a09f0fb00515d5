import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { isMetadataAddress, isPrivateAddress } from "../lib/network-address.ts";

/** Resolves a name to all its addresses, as `dns.lookup` does. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Connects to hosts that an upstream's answers name: to public addresses, and to the very address and port that the upstream's own host
 * resolves to (one proxy for several registry hosts, names that a company's DNS points inside). Any other private address is refused, and
 * one at which a cloud hands out credentials always. The addresses that were checked are those connected to: nothing resolves the name
 * again. To be used for one upstream only, as a pool keeps connections that another upstream's answers must not use.
 */
export function guardedConnect(
  own: URL,
  options: buildConnector.BuildOptions,
  resolve: Resolve = dnsLookup,
): buildConnector.connector {
  const elsewhere = buildConnector({ ...options, lookup: publicLookup(resolve) });
  const ownHost = own.hostname.replace(/^\[|\]$/g, "");
  const atOwnPort = buildConnector({ ...options, lookup: publicLookup(resolve, ownHost) });
  const ownPort = portOf(own);
  return (target, done) => (portOf(target) === ownPort ? atOwnPort : elsewhere)(target, done);
}

/** A lookup that leaves public addresses, and of others those that `near` resolves to as well. */
function publicLookup(resolve: Resolve, near?: string): LookupFunction {
  return (host, options, done) => {
    const all = { ...options, all: true as const };
    const answer = (allowed: LookupAddress[]): void => {
      if (allowed.length === 0) done(new Error(`${host} has only private addresses, none of them its upstream's`), []);
      else if (options.all) done(null, allowed);
      else done(null, allowed[0]!.address, allowed[0]!.family);
    };
    resolve(host, all, (error, addresses) => {
      if (error) return done(error, []);
      const reachable = addresses.filter(({ address }) => !isMetadataAddress(address));
      const isPublic = reachable.filter(({ address }) => !isPrivateAddress(address));
      if (near === undefined || isPublic.length === reachable.length) return answer(isPublic);
      return resolve(near, all, (trouble, ofOwn) => {
        const same = new Set(trouble ? [] : ofOwn.map(({ address }) => address));
        answer(reachable.filter(({ address }) => !isPrivateAddress(address) || same.has(address)));
      });
    });
  };
}

/** The port of an address, also where it is left out. */
export function portOf({ protocol, port }: { readonly protocol: string; readonly port: string }): string {
  return port || (protocol === "https:" ? "443" : "80");
}
