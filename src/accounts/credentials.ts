import type { App } from "../app.ts";
import type { Subject } from "../catalog/model.ts";
import { refuse } from "../errors.ts";
import { authenticate, type TokenApp } from "./tokens.ts";

/** Who asks without a token. */
export const ANONYMOUS: Subject = { name: "anonymous", kind: "anonymous" };

/** Reads one request header; names are lower case. */
export type HeaderOf = (name: string) => string | undefined;

/**
 * The secret in a request: `Authorization: Bearer`, `Basic` (the password, or the user name when the password is empty) or
 * `X-NuGet-ApiKey`. Undefined when the request carries none; an empty text when it carries something unreadable, which must
 * not pass for anonymous. https://www.rfc-editor.org/rfc/rfc7617
 */
export function readCredential(header: HeaderOf): string | undefined {
  const authorization = header("authorization");
  if (authorization === undefined) return header("x-nuget-apikey")?.trim();
  const [, scheme = "", value = ""] = /^([A-Za-z]+) +(\S+) *$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return "";
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 0) return pair;
  return pair.slice(colon + 1) || pair.slice(0, colon);
}

/** Who asks: anonymous without a credential. Throws TOKEN_INVALID when there is one that is not a live token's. */
export function identify(app: TokenApp & Pick<App, "log">, header: HeaderOf): Subject {
  const credential = readCredential(header);
  if (credential === undefined) return ANONYMOUS;
  const subject = authenticate(app, credential);
  if (!subject) throw refuse("TOKEN_INVALID");
  return subject;
}

/** Passes only administrators, who alone may change something. Throws TOKEN_REQUIRED or FORBIDDEN; `action` completes "may not …". */
export function requireAdmin(subject: Subject, action: string): void {
  if (subject.kind === "admin") return;
  if (subject.kind === "anonymous") throw refuse("TOKEN_REQUIRED");
  throw refuse("FORBIDDEN", { name: subject.name, action });
}
