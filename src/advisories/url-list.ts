import { canonicalIndicator } from "./indicators.ts";

/** One address of a block list. */
export interface UrlIndicator {
  readonly indicator: string;
  readonly threat: string;
}

/** Lines read of one list. */
const MOST_LINES = 5_000_000;

/**
 * Reads a block list in URLhaus' formats: CSV (`"id","dateadded","url","url_status","last_online","threat",…`), or text with one
 * address a line; `#` begins a comment. Lines that are no address are counted and left out.
 */
export function readUrlList(text: string): { readonly indicators: readonly UrlIndicator[]; readonly unread: number } {
  const indicators: UrlIndicator[] = [];
  let [start, lines, unread] = [0, 0, 0];
  while (start < text.length && lines++ < MOST_LINES) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    start = end < 0 ? text.length : end + 1;
    if (line === "" || line.startsWith("#")) continue;
    const fields = line.startsWith('"') ? readCsvLine(line) : [line];
    const [url, threat] = fields.length >= 6 ? [fields[2]!, fields[5]!] : [fields[0]!, "listed"];
    const indicator = canonicalIndicator(url);
    if (indicator === undefined) unread++;
    else indicators.push({ indicator, threat: threat.slice(0, 100) });
  }
  return { indicators, unread };
}

/** Fields of one CSV line (RFC 4180), at most 20. */
function readCsvLine(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at < line.length && fields.length < 20) {
    let field = "";
    if (line[at] === '"') {
      for (at++; at < line.length; at++) {
        if (line[at] !== '"') field += line[at];
        else if (line[at + 1] === '"') field += line[at++];
        else break;
      }
      at++;
    } else {
      const comma = line.indexOf(",", at);
      field = line.slice(at, comma < 0 ? line.length : comma);
      at += field.length;
    }
    fields.push(field.trim());
    at++;
  }
  return fields;
}
