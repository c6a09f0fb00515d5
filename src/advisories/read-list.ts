import { openBudget } from "../lib/archives/budget.ts";
import { readArchive } from "../lib/archives/read.ts";
import { sniffArchive } from "../lib/archives/sniff.ts";
import type { Limits } from "../limits.ts";
import { type OsvAdvisory, readOsv } from "./osv.ts";

/** Advisories of a list and how many of its records could not be read. */
export interface ReadList {
  readonly advisories: readonly OsvAdvisory[];
  readonly records: number;
  readonly unread: number;
}

/** Reads OSV records as they are handed around: one JSON document, an array of them, JSON lines, or an archive of JSON files. Throws ArchiveRefused and SyntaxError for what is none of these. */
export function readOsvList(bytes: Buffer, limits: Limits): ReadList {
  const advisories: OsvAdvisory[] = [];
  let [records, unread] = [0, 0];
  for (const document of documentsOf(bytes, limits)) {
    records++;
    const read = document === undefined ? undefined : readOsv(document);
    if (read) advisories.push(...read);
    else unread++;
  }
  return { advisories, records, unread };
}

function* documentsOf(bytes: Buffer, limits: Limits): Iterable<unknown> {
  if (sniffArchive(bytes)) {
    const budget = openBudget(
      {
        entries: 2_000_000,
        unpackedBytes: 8 * limits.importBytes,
        ratio: limits.archiveRatio,
        ratioFrom: limits.archiveRatioFrom,
        pathLength: limits.pathLength,
      },
      bytes.length,
    );
    for (const entry of readArchive(bytes, budget).entries)
      if (entry.path.endsWith(".json")) yield parse(entry.bytes.toString("utf8"));
    return;
  }
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  const whole = parse(text);
  if (Array.isArray(whole)) yield* whole;
  else if (whole !== undefined) yield whole;
  else yield* lines(text);
}

function* lines(text: string): Iterable<unknown> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    if (line !== "") yield parse(line);
    start = end < 0 ? text.length : end + 1;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
