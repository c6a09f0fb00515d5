import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import type { App } from "../app.ts";
import type { Subject } from "../catalog/model.ts";
import { refuse } from "../errors.ts";
import { sha256Hex } from "../lib/digest.ts";
import { type Secret, secret } from "../lib/secret.ts";
import { forgetToken, recallToken } from "./token-cache.ts";

export type TokenKind = "person" | "ci" | "admin";
export const TOKEN_KINDS: readonly TokenKind[] = ["person", "ci", "admin"];

/** What tokens need of the app. */
export type TokenApp = Pick<App, "database" | "clock">;

export interface NewToken {
  /** Unique among live tokens: letters, digits and `. _ @ / -`, at most 64. */
  readonly name: string;
  readonly kind: TokenKind;
  /** Epoch milliseconds; without it the token lives until it is revoked. */
  readonly expiresAt?: number;
  readonly createdBy: string;
}

/** A token without its secret, which is not kept. Times are epoch milliseconds. */
export interface Token {
  readonly id: number;
  readonly name: string;
  readonly kind: TokenKind;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  /** Accurate to ten minutes. */
  readonly lastUsedAt: number | null;
}

/** Makes a token; its secret is in the answer and nowhere else. Throws BAD_REQUEST when the name is malformed or in use. */
export async function createToken(app: TokenApp, token: NewToken): Promise<{ id: number; secret: Secret }> {
  return insertToken(app, token, newTokenSecret());
}

/** Makes a token with a secret that `newTokenSecret` gave before. Throws BAD_REQUEST when the name is malformed or in use. */
export async function insertToken(
  app: TokenApp,
  token: NewToken,
  text: Secret,
): Promise<{ id: number; secret: Secret }> {
  const { name, kind, expiresAt, createdBy } = token;
  if (!/^[A-Za-z0-9][A-Za-z0-9._@/-]{0,63}$/.test(name)) {
    throw refuse("BAD_REQUEST", { why: "A token's name has letters, digits and . _ @ / - and is at most 64 long" });
  }
  const now = app.clock();
  if (expiresAt !== undefined && expiresAt <= now)
    throw refuse("BAD_REQUEST", { why: "The token would have expired already" });
  const id = await app.database.transaction().execute(async (transaction) => {
    const older = await transaction
      .selectFrom("tokens")
      .select(["id", "expires_at"])
      .where("name", "=", name)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (older && (older.expires_at ?? Number.POSITIVE_INFINITY) > now) {
      throw refuse("BAD_REQUEST", { why: `A token named ${name} exists; revoke it first or choose another name` });
    }
    // an expired token gives its name free
    if (older) await transaction.updateTable("tokens").set({ revoked_at: now }).where("id", "=", older.id).execute();
    const values = { hash: sha256Hex(text.reveal()), name, kind, created_at: now, created_by: createdBy };
    const row = { ...values, expires_at: expiresAt ?? null, revoked_at: null, last_used_at: null };
    return (await transaction.insertInto("tokens").values(row).returning("id").executeTakeFirstOrThrow()).id;
  });
  return { id, secret: text };
}

/** Ends a live token at once, by name. Throws NOT_FOUND when there is none. */
export async function revokeToken(app: TokenApp, name: string): Promise<void> {
  const revoked = await app.database
    .updateTable("tokens")
    .set({ revoked_at: app.clock() })
    .where("name", "=", name)
    .where("revoked_at", "is", null)
    .returning("hash")
    .execute();
  for (const { hash } of revoked) forgetToken(app.database, hash);
  if (revoked.length === 0) throw refuse("NOT_FOUND", { what: `the name ${name} among the live tokens` });
}

/** Every token that was ever made, newest first, at most 10,000. */
export async function listTokens(app: TokenApp): Promise<readonly Token[]> {
  const rows = await app.database.selectFrom("tokens").selectAll().orderBy("id", "desc").limit(10_000).execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }));
}

/**
 * Whose secret it is; undefined when it is not known, has expired or was revoked. Looked up by its sha256, so that timing tells
 * nothing about other secrets; live ones are remembered until they are revoked.
 */
export function authenticate(app: TokenApp & Pick<App, "log">, text: string): Subject | undefined {
  if (!looksLikeToken(text)) return undefined;
  const token = recallToken(app, sha256Hex(text));
  if (!token || (token.expiresAt ?? Number.POSITIVE_INFINITY) <= app.clock()) return undefined;
  return token.subject;
}

/** Whether a text has the form and the checksum of a token; tells nothing about whether it lives. Secret scanners can use the same rule. */
export function looksLikeToken(text: string): boolean {
  const parts = /^pcl_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(text);
  return parts !== null && checksum(parts[1]!) === parts[2];
}

/** A fresh secret: `pcl_`, 30 random base62 digits (178 bits), and 6 base62 digits of their CRC-32. */
export function newTokenSecret(): Secret {
  const random = Array.from({ length: 30 }, () => BASE62[randomInt(62)]).join("");
  return secret(`pcl_${random}${checksum(random)}`);
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function checksum(random: string): string {
  let rest = crc32(random);
  let digits = "";
  for (let i = 0; i < 6; i++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
