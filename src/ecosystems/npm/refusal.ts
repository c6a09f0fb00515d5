import type { Refusal } from "../../errors.ts";
import type { AskRequest, Reply } from "../ecosystem.ts";

/** Longest reason phrase; longer ones are cut at a word. */
const LONGEST_REASON = 200;
/** Refusals that npm's clients expect in CouchDB's own words. */
const PLAIN_NOT_FOUND: ReadonlySet<string> = new Set(["NOT_FOUND", "PROJECT_NOT_FOUND", "ARTIFACT_NOT_FOUND"]);

/**
 * A refusal as npm's clients print it: `error` in the body (npm, deno, yarn 1), the reason phrase (npm, pnpm, yarn 4) and
 * `npm-notice` (npm). Withheld is 403 and nothing else: clients retry other numbers for more than a minute, and ask for a
 * password on 401.
 */
export function writeRefusal(refusal: Refusal, _request: AskRequest): Reply {
  const withheld = refusal.code === "WITHHELD";
  const sentence = withheld ? `${refusal.message} ${refusal.hint ?? ""}`.trim() : hinted(refusal);
  const body = {
    error: PLAIN_NOT_FOUND.has(refusal.code) ? "Not found" : sentence,
    code: refusal.code,
    ...(PLAIN_NOT_FOUND.has(refusal.code) ? { message: sentence } : {}),
    ...(withheld && refusal.hint !== undefined ? { details_url: refusal.hint } : {}),
  };
  const headers: Record<string, string> = { "content-type": "application/json", "cache-control": "no-store" };
  if (refusal.retryAfter !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(refusal.retryAfter)));
  if (withheld) headers["npm-notice"] = headerText(sentence);
  return {
    status: statusOf(refusal),
    ...(saysWhy(refusal) ? { reason: reasonPhrase(refusal.message) } : {}),
    headers,
    body: JSON.stringify(body),
  };
}

/** Text that a header may hold: printable ASCII on one line. */
export function headerText(text: string): string {
  return text.replace(/[^ -~]+/g, " ").slice(0, 600);
}

/** npm repeats a PUT that ends with 501 for over a minute, so what does not exist here is told as 405. */
function statusOf(refusal: Refusal): number {
  return refusal.code === "UNSUPPORTED" ? 405 : refusal.status;
}

function saysWhy(refusal: Refusal): boolean {
  return !PLAIN_NOT_FOUND.has(refusal.code) && refusal.code !== "INTERNAL";
}

function hinted(refusal: Refusal): string {
  return refusal.hint === undefined ? refusal.message : `${refusal.message}. ${refusal.hint}`;
}

function reasonPhrase(sentence: string): string {
  const text = headerText(sentence).trim();
  if (text.length <= LONGEST_REASON) return text;
  const cut = text.slice(0, LONGEST_REASON - 3);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), LONGEST_REASON / 2))}...`;
}
