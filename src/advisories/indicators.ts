import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";

/** An address found in a file that stands on a block list. */
export interface IndicatorMatch {
  readonly source: string;
  readonly indicator: string;
}

/**
 * The one spelling under which an address is stored and looked up: lower-case scheme and host, default port, user info, query
 * order untouched, fragment dropped; a bare host as it is. Undefined for what is no address.
 */
export function canonicalIndicator(text: string): string | undefined {
  const trimmed = text.trim().slice(0, 2048);
  if (/^[a-z0-9.-]+(?::\d+)?$/i.test(trimmed)) return trimmed.toLowerCase().replace(/\.$/, "");
  const url = URL.parse(trimmed);
  if (!url || url.host === "" || !/^(?:https?|ftp):$/.test(url.protocol)) return undefined;
  url.hash = "";
  url.username = "";
  url.password = "";
  return url.href;
}

/** The spellings under which addresses found in a file may be listed: each as a whole, its host with its port and its host; of at most 500. */
export function addressesOf(urls: readonly string[]): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const text of urls.slice(0, 500)) {
    const canonical = canonicalIndicator(text);
    if (canonical === undefined) continue;
    wanted.add(canonical);
    const url = URL.parse(canonical);
    if (url?.hostname) wanted.add(url.host).add(url.hostname);
  }
  return wanted;
}

/** Which of the addresses found in a file are listed. Synchronous. */
export function matchIndicators(app: App, addresses: ReadonlySet<string>): readonly IndicatorMatch[] {
  const find = raw(app.database).prepare("select source, indicator from url_indicators where indicator = ? limit 1");
  const matches: IndicatorMatch[] = [];
  for (const address of addresses) {
    const row = find.get(address);
    if (row) matches.push({ source: String(row["source"]), indicator: String(row["indicator"]) });
  }
  return matches;
}
