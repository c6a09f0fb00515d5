import { refuse } from "../../errors.ts";
import type { ReadProject, StoredDocument, UpstreamAnswer, UpstreamGet } from "../ecosystem.ts";
import { readHtmlPage } from "./html.ts";
import { HTML, HTML_V1, JSON_V1 } from "./negotiate.ts";
import { readSimple, type SimpleProject, writeStored } from "./simple.ts";

const ACCEPT = `${JSON_V1}, ${HTML_V1};q=0.2, ${HTML};q=0.1`;

/**
 * Fetches one project page (PEP 691 JSON, or the HTML of older servers) and stores it as PEP 691 JSON with absolute
 * addresses. `validators` has one key, the page's address after redirects. Throws UPSTREAM_UNAVAILABLE when the answer is no
 * project page of this name.
 */
export async function readProject(
  get: UpstreamGet,
  name: string,
  previous: StoredDocument | undefined,
): Promise<ReadProject> {
  const [known] = Object.entries(previous?.validators ?? {});
  const answer = await get(`${name}/`, { accept: ACCEPT, ...known?.[1] });
  if (answer.status === 404) return { kind: "absent" };
  if (answer.status === 304) {
    if (known === undefined) return fail(answer, name, "it says unchanged of what nobody has");
    // A "not modified" of another address than the one we know says nothing about what we have.
    return known[0] === answer.url ? { kind: "unchanged" } : readProject(get, name, undefined);
  }
  const body = writeStored(readPage(answer, name));
  const { etag, lastModified } = answer;
  const validator = { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
  return { kind: "document", document: { body, validators: { [answer.url]: validator } } };
}

/** The address of the page that a document was read from; undefined for one that no upstream served. */
export function pageAddress(document: StoredDocument): string | undefined {
  return Object.keys(document.validators)[0];
}

function readPage(answer: UpstreamAnswer, name: string): SimpleProject {
  const type = answer.contentType.split(";", 1)[0]!.trim().toLowerCase();
  const text = answer.body.toString().replace(/^\ufeff/, "");
  if (type === JSON_V1 || type === "application/json") {
    return readJson(text, answer, name) ?? fail(answer, name, "it is not a Simple project page of this name");
  }
  if (type !== HTML && type !== HTML_V1)
    return fail(answer, name, "its content type is neither JSON nor HTML of the Simple API");
  const page = readHtmlPage(text);
  const base = URL.parse(page.base, answer.url)?.href ?? answer.url;
  const project = readSimple(page, base, name) ?? fail(answer, name, "it speaks another version of the Simple API");
  // A login form or an error page under status 200 must not look like a project whose files are all gone.
  if (project.files.length === 0 && !page.isSimple) return fail(answer, name, "it is no page of a Simple repository");
  return project;
}

function readJson(text: string, answer: UpstreamAnswer, name: string): SimpleProject | undefined {
  let page: unknown;
  try {
    page = JSON.parse(text);
  } catch {
    return fail(answer, name, "it is not valid JSON");
  }
  return readSimple(page, answer.url, name);
}

function fail(answer: UpstreamAnswer, name: string, why: string): never {
  const upstream = URL.parse(answer.url)?.host ?? "upstream";
  throw refuse("UPSTREAM_UNAVAILABLE", { upstream, what: name, why }, 30);
}
