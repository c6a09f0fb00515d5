import type { Refusal } from "../../errors.ts";
import type { AskRequest, Reply } from "../ecosystem.ts";
import { escapeHtml } from "./html.ts";

/** Characters of a reason phrase; pip prints it twice, within one line each. */
const REASON_LENGTH = 120;

/**
 * A refusal as installers print it: pip and poetry show the reason phrase and never the body, browsers and scripts the body, as JSON,
 * HTML or text by what the request accepts. Reason phrases are printable ASCII of at most 120 characters.
 */
export function writeRefusal(refusal: Refusal, request: AskRequest): Reply {
  const status = statusOf(refusal, request);
  const seconds = refusal.retryAfter ?? secondsOf(refusal);
  const headers: Record<string, string> = { "cache-control": "no-store", vary: "Accept" };
  // Not with 502: pip sleeps as long as it is told before each of its five repetitions, and then says nothing.
  if (seconds !== undefined && status === 503) headers["retry-after"] = String(seconds);
  if (status === 401) headers["www-authenticate"] = 'Basic realm="Portcullis"';
  const { contentType, body } = writeBody(refusal, request);
  return { status, reason: reasonPhrase(refusal.message), headers: { ...headers, "content-type": contentType }, body };
}

/** One line for a status line: printable ASCII, cut between words at 120 characters. */
export function reasonPhrase(sentence: string): string {
  const line = sentence
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .trim();
  if (line.length <= REASON_LENGTH) return line;
  const cut = line.slice(0, REASON_LENGTH - 3);
  return `${cut.slice(0, cut.lastIndexOf(" ") > 80 ? cut.lastIndexOf(" ") : undefined)}...`;
}

/** twine sends the whole file five times when an upload is answered with 5xx, which 501 is. */
function statusOf(refusal: Refusal, request: AskRequest): number {
  return refusal.code === "UNSUPPORTED" && request.method === "POST" ? 403 : refusal.status;
}

function secondsOf(refusal: Refusal): number | undefined {
  const seconds = Number(refusal.params["seconds"]);
  return refusal.code === "BEING_INSPECTED" && seconds >= 0 ? Math.max(1, Math.ceil(seconds)) : undefined;
}

function writeBody(refusal: Refusal, request: AskRequest): { readonly contentType: string; readonly body: string } {
  const { message, hint } = refusal;
  const accept = request.header("accept") ?? "";
  // uv prints nothing of a refused upload but `code`, which the servers it knows fill with status and sentence.
  const code = request.method === "POST" ? `${statusOf(refusal, request)} ${message}` : refusal.code;
  if (/[/+]json\b/i.test(accept)) {
    const details = refusal.code === "WITHHELD" ? { details_url: hint } : { hint };
    // `message` is what the JSON API has always said, `error` what generic tools look for, `detail` RFC 9457.
    return {
      contentType: "application/json",
      body: JSON.stringify({ message, error: message, detail: message, code, ...details }),
    };
  }
  if (/\btext\/html\b/i.test(accept)) {
    const lines = [message, ...(hint === undefined ? [] : [hint])].map((line) => `    <p>${escapeHtml(line)}</p>\n`);
    const body = `<!DOCTYPE html>\n<html>\n  <head><title>${refusal.code}</title></head>\n  <body>\n${lines.join("")}  </body>\n</html>\n`;
    return { contentType: "text/html; charset=utf-8", body };
  }
  return { contentType: "text/plain; charset=utf-8", body: `${message}\n${hint === undefined ? "" : `${hint}\n`}` };
}
