import { MAX_FILES } from "./simple.ts";

/**
 * Reads an HTML project page (PEP 503, 592, 629, 658, 714, 740, 792) into the shape of a PEP 691 page, unchecked: `readSimple`
 * judges both alike. The time is linear in the length of the page; comments are skipped, so that a link that no browser
 * shows is no file here either.
 */
export function readHtmlPage(html: string): HtmlPage {
  const files: unknown[] = [];
  let base = "";
  let version: string | undefined;
  let status: Record<string, string> | undefined;
  for (const { tag, attributes } of tags(html)) {
    if (files.length > MAX_FILES) break;
    if (tag === "base") base ||= attributes.get("href") ?? "";
    if (tag === "a") files.push(readAnchor(attributes));
    if (tag !== "meta") continue;
    const content = attributes.get("content") ?? "";
    const key = attributes.get("name")?.toLowerCase();
    if (key === "pypi:repository-version") version ??= content;
    if (key === "pypi:project-status") status = { ...status, status: content };
    if (key === "pypi:project-status-reason") status = { ...status, reason: content };
  }
  return {
    meta: { ...(version !== undefined && { "api-version": version }) },
    files,
    "project-status": status,
    base,
    isSimple: version !== undefined || /<title>\s*links for /i.test(html),
  };
}

/** A page as `readSimple` takes it, and what its links are relative to, empty for the page itself. */
export interface HtmlPage {
  readonly base: string;
  /** Whether it says that it is a page of a Simple repository, rather than somebody's login form. */
  readonly isSimple: boolean;
  readonly files: readonly unknown[];
  readonly meta: unknown;
  readonly "project-status": unknown;
}

/** Text for HTML content and attributes, ASCII only, so that no client has to guess an encoding. */
export function escapeHtml(text: string): string {
  return text.replace(/["&'<>]|[^\x20-\x7e]/gu, (character) => NAMED[character] ?? `&#${character.codePointAt(0)};`);
}

interface Tag {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Start tags in order. */
function* tags(html: string): Generator<Tag> {
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at)) {
    if (html.startsWith("<!--", at)) {
      const end = html.indexOf("-->", at + 4);
      if (end < 0) return;
      at = end + 3;
      continue;
    }
    NAME.lastIndex = at;
    const name = NAME.exec(html)?.[1];
    if (name === undefined) {
      at++;
      continue;
    }
    const attributes = new Map<string, string>();
    at = readAttributes(html, NAME.lastIndex, attributes);
    yield { tag: name.toLowerCase(), attributes };
  }
}

const NAME = /<([A-Za-z][A-Za-z0-9]*)(?=[\s/>])/y;
const ATTRIBUTE = /[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?/y;

/** Fills `attributes`, the first of a name wins as in browsers; returns where the tag ends. */
function readAttributes(html: string, start: number, attributes: Map<string, string>): number {
  let at = start;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(html);
    if (match === null) break;
    at = ATTRIBUTE.lastIndex;
    const key = match[1]!.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, unescapeHtml(match[2] ?? match[3] ?? match[4] ?? ""));
  }
  return at;
}

function readAnchor(attributes: ReadonlyMap<string, string>): unknown {
  const href = (attributes.get("href") ?? "").trim();
  const hash = href.indexOf("#");
  const address = hash < 0 ? href : href.slice(0, hash);
  const yanked = attributes.get("data-yanked");
  return {
    filename: lastSegment(address),
    url: address,
    hashes: readDigest(hash < 0 ? "" : href.slice(hash + 1)) ?? {},
    "requires-python": attributes.get("data-requires-python"),
    yanked: yanked === undefined ? false : yanked.trim() || true,
    "core-metadata": readMetadata(attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata")),
    provenance: attributes.get("data-provenance"),
  };
}

/** The file name is the last segment of the address, decoded once, as installers read it. */
function lastSegment(address: string): string {
  const path = address.replace(/\?.*$/s, "");
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  } catch {
    return "";
  }
}

function readMetadata(value: string | undefined): unknown {
  if (value === undefined) return false;
  return value.trim() === "true" ? true : (readDigest(value) ?? false);
}

/** `sha256=…`, alone or among other parameters of a fragment. */
function readDigest(text: string): Readonly<Record<string, string>> | undefined {
  const match = /(?:^|&)(sha256|sha512|sha1|md5)=([^&]*)/.exec(text.trim());
  return match === null ? undefined : { [match[1]!]: match[2]! };
}

const NAMED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function unescapeHtml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "?";
  });
}
