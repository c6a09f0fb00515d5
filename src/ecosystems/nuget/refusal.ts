import type { Refusal } from "../../errors.ts";
import type { AskRequest, Reply } from "../ecosystem.ts";
import { headerText } from "./withheld.ts";

/** Refusals that a person should read in the terminal; a plain "not here" is normal where several feeds are asked. */
const SPOKEN: ReadonlySet<Refusal["code"]> = new Set([
  "WITHHELD",
  "BEING_INSPECTED",
  "UPSTREAM_UNAVAILABLE",
  "UNSUPPORTED",
  "TOKEN_INVALID",
  "FORBIDDEN",
  "TOO_LARGE",
  "INTERNAL",
]);

/**
 * A refusal as NuGet clients show it: the reason phrase in their error, `X-NuGet-Warning` as a warning line of its own, and a
 * JSON body for everybody else. Clients ask again by themselves for 5xx.
 */
export function writeRefusal(refusal: Refusal, _request: AskRequest): Reply {
  const headers: Record<string, string> = { "content-type": "application/json", "cache-control": "no-store" };
  if (refusal.retryAfter !== undefined) headers["retry-after"] = String(refusal.retryAfter);
  if (refusal.status === 401) headers["www-authenticate"] = 'Basic realm="Portcullis", charset="UTF-8"';
  const hint = refusal.hint ?? "";
  if (SPOKEN.has(refusal.code)) headers["x-nuget-warning"] = headerText(`${refusal.message} ${hint}`.trim(), 600);
  const body = { error: refusal.message, code: refusal.code, ...(hint !== "" && { details: hint }) };
  return { status: refusal.status, reason: headerText(refusal.message, 200), headers, body: JSON.stringify(body) };
}
