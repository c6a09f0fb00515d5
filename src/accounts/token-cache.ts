import type { Kysely } from "kysely";
import type { App } from "../app.ts";
import type { Subject } from "../catalog/model.ts";
import { type Lru, lru } from "../lib/lru.ts";
import type { Database } from "../storage/database/schema.ts";
import { raw } from "../storage/database/sqlite.ts";

/** A live token as remembered between requests. */
export interface LiveToken {
  readonly subject: Subject;
  readonly expiresAt: number | null;
}

interface Remembered extends LiveToken {
  readonly id: number;
  noted: number;
}

/** The token with this sha256 unless it was revoked; notes its use at most every ten minutes. */
export function recallToken(app: Pick<App, "database" | "clock" | "log">, hash: string): LiveToken | undefined {
  const remembered = cacheOf(app.database).get(hash) ?? lookUp(app.database, hash);
  if (remembered && app.clock() - remembered.noted >= NOTE_USE_MS) noteUse(app, remembered);
  return remembered;
}

/** Drops a token from memory, so that the next request looks it up. */
export function forgetToken(database: Kysely<Database>, hash: string): void {
  cacheOf(database).delete(hash);
}

const CACHES = new WeakMap<Kysely<Database>, Lru<string, Remembered>>();
const TOKENS_REMEMBERED = 10_000;
const NOTE_USE_MS = 600_000;

function cacheOf(database: Kysely<Database>): Lru<string, Remembered> {
  const known = CACHES.get(database);
  if (known) return known;
  const cache = lru<string, Remembered>({ weight: TOKENS_REMEMBERED });
  CACHES.set(database, cache);
  return cache;
}

/** Looked up and remembered without a pause between, so that a revocation comes before or after both. */
function lookUp(database: Kysely<Database>, hash: string): Remembered | undefined {
  const query = "select id, name, kind, expires_at, last_used_at from tokens where hash = ? and revoked_at is null";
  const row = raw(database).prepare(query).get(hash) as unknown as TokenRow | undefined;
  if (!row) return undefined;
  const remembered: Remembered = {
    id: row.id,
    subject: { name: `${row.kind}:${row.name}`, kind: row.kind },
    expiresAt: row.expires_at,
    noted: row.last_used_at ?? 0,
  };
  cacheOf(database).set(hash, remembered);
  return remembered;
}

interface TokenRow {
  readonly id: number;
  readonly name: string;
  readonly kind: "person" | "ci" | "admin";
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

/** Written behind the request: losing it costs ten minutes of accuracy. */
function noteUse({ database, clock, log }: Pick<App, "database" | "clock" | "log">, token: Remembered): void {
  token.noted = clock();
  database
    .updateTable("tokens")
    .set({ last_used_at: token.noted })
    .where("id", "=", token.id)
    .execute()
    .catch((error) => log.warn({ err: error }, "the use of a token could not be noted"));
}
