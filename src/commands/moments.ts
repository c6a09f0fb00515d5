import { z } from "zod";
import { refuse } from "../errors.ts";
import { readDuration } from "../lib/duration.ts";
import { askFor } from "./ask-for.ts";
import type { ServerConnection } from "./server-connection.ts";

const statusSchema = z.object({ now: z.number() });

/** The server's civil time in epoch milliseconds: what "30 days from now" counts from, whatever this machine's clock says. */
export async function serverTime(connection: ServerConnection): Promise<number> {
  return (await askFor(connection, statusSchema, "GET", "/status")).now;
}

/** A moment in the past: `24h` ago, or a date such as 2026-05-20 (UTC) or 2026-05-20T08:00Z. Throws USAGE with the option's name. */
export function readPast(option: string, text: string, now: number): number {
  return readMoment(option, text, (ms) => now - ms);
}

/** A moment to come: in `90d`, or a date. Throws USAGE with the option's name. */
export function readFuture(option: string, text: string, now: number): number {
  return readMoment(option, text, (ms) => now + ms);
}

/** A moment for people, to the minute; `never` for null. */
export function writeMoment(ms: number | null): string {
  return ms === null ? "never" : `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

function readMoment(option: string, text: string, away: (ms: number) => number): number {
  const duration = readDuration(text);
  if (duration !== undefined) return Math.max(0, away(duration));
  const date = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date))
    throw refuse("USAGE", { why: `${option} is a duration such as 30d, 12h or 15m, or a date such as 2026-05-20` });
  return date;
}
