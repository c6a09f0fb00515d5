import { ABBREVIATED_TYPE } from "./write-packument.ts";

/** Most media ranges of one Accept header that are looked at. */
const MOST_RANGES = 32;

/**
 * Whether a client wants the abbreviated packument: it names its media type with a quality above zero and not below that
 * of `application/json`, as npm, pnpm, yarn 1, bun and deno do. Everything else gets the full one. RFC 9110 §12.5.1.
 */
export function wantsAbbreviated(accept: string | undefined): boolean {
  const abbreviated = qualityOf(accept, ABBREVIATED_TYPE);
  return abbreviated > 0 && abbreviated >= qualityOf(accept, "application/json");
}

function qualityOf(accept: string | undefined, type: string): number {
  for (const range of (accept ?? "").split(",", MOST_RANGES)) {
    const [name, ...parameters] = range.split(";", 8).map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    if (quality === undefined) return 1;
    return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(quality) ? Number(quality) : 0;
  }
  return 0;
}
