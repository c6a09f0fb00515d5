/** Content types of the Simple API (PEP 691), exactly: pip and uv reject any other. */
export const JSON_V1 = "application/vnd.pypi.simple.v1+json";
/** See `JSON_V1`. */
export const HTML_V1 = "application/vnd.pypi.simple.v1+html";
/** See `JSON_V1`. */
export const HTML = "text/html";

/** A representation that we can give: the index form and the content type under which it is sent. */
export interface Offer {
  readonly form: "simple-html" | "simple-json";
  readonly contentType: string;
  /** Names under which clients may ask for it. */
  readonly types: readonly string[];
}

/** In the order of our preference where the client has none. */
const OFFERS: readonly Offer[] = [
  { form: "simple-html", contentType: HTML, types: [HTML] },
  { form: "simple-json", contentType: JSON_V1, types: [JSON_V1, "application/vnd.pypi.simple.latest+json"] },
  { form: "simple-html", contentType: HTML_V1, types: [HTML_V1, "application/vnd.pypi.simple.latest+html"] },
];

/** Media ranges read of one Accept header; clients send a handful. */
const MAX_RANGES = 50;

/**
 * The representation for an Accept header (RFC 9110 §12.5.1) or for the `format` parameter that overrides it (PEP 691,
 * "URL Parameter"); undefined when we have none that the client takes. Without a header: HTML.
 */
export function negotiate(accept: string | undefined, format?: string): Offer | undefined {
  if (format !== undefined) return OFFERS.find(({ types }) => types.includes(format));
  const ranges = readAccept(accept?.trim() || "*/*");
  const graded = OFFERS.map((offer) => ({ offer, ...grade(offer, ranges) })).filter(({ quality }) => quality > 0);
  graded.sort((a, b) => b.quality - a.quality || b.precision - a.precision || a.place - b.place);
  return graded[0]?.offer;
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
  readonly place: number;
}

function readAccept(header: string): readonly MediaRange[] {
  return header.split(",", MAX_RANGES).map((part, place) => {
    const [type = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return { type, quality: weight === undefined ? 1 : readQuality(weight.slice(2)), place };
  });
}

function readQuality(text: string): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

/** The most precise media range that covers an offer decides its quality. */
function grade(
  offer: Offer,
  ranges: readonly MediaRange[],
): { readonly quality: number; readonly precision: number; readonly place: number } {
  const [family] = offer.contentType.split("/");
  let best = { quality: 0, precision: 0, place: MAX_RANGES };
  for (const { type, quality, place } of ranges) {
    const precision = offer.types.includes(type) ? 3 : type === `${family}/*` ? 2 : type === "*/*" ? 1 : 0;
    if (precision > best.precision) best = { quality, precision, place };
  }
  return best;
}
