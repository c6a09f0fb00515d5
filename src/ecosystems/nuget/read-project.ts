import { DEFAULT_LIMITS } from "../../limits.ts";
import type { ReadProject, StoredDocument, UpstreamAnswer, UpstreamGet } from "../ecosystem.ts";
import { httpUrlOf, isObject, type JsonObject, objectsOf, readJsonObject, textOf, unusable } from "./json.ts";
import { normalizeName } from "./names.ts";
import { readBody, type StoredBody, type StoredPage } from "./stored.ts";
import { readServices, type UpstreamServices } from "./upstream-services.ts";

/** Pages fetched at the same time. */
const AT_ONCE = 8;
/** How long an upstream's service index is taken to be current, milliseconds. */
const SERVICES_FRESH_MS = 5 * 60_000;
const JSON_TYPE = "application/json";

type Validators = Record<string, { readonly etag?: string; readonly lastModified?: string }>;

interface Fetching {
  readonly get: UpstreamGet;
  readonly before: StoredBody | undefined;
  readonly validatorsBefore: Readonly<Validators>;
  /** Validators of every document that the result rests on. */
  readonly validators: Validators;
  bytes: number;
}

interface CurrentServices {
  readonly services: UpstreamServices;
  readonly readAt: number;
}

/** Service indexes by upstream, so that a restore of three hundred ids asks for it once. */
const currentServices = new WeakMap<UpstreamGet, CurrentServices>();

/** Fetches service index, registration index and its external pages, conditionally, and packs them into one document. */
export async function readProject(
  get: UpstreamGet,
  name: string,
  previous: StoredDocument | undefined,
): Promise<ReadProject> {
  const id = normalizeName(name);
  const services = await servicesOf(get);
  if (services.registration === undefined)
    throw unusable("the service index", "it names no registration resource (RegistrationsBaseUrl)");
  const known = previous && sameServices(readBody(previous), services);
  const fetching: Fetching = {
    get,
    before: known,
    validatorsBefore: known && previous ? previous.validators : {},
    validators: {},
    bytes: 0,
  };
  const pages = await readPages(fetching, `${services.registration}${id}/index.json`);
  if (pages === "absent") return { kind: "absent" };
  if (pages === "unchanged") return { kind: "unchanged" };
  const body: StoredBody = { format: 1, name: id, services, pages };
  return { kind: "document", document: { body: Buffer.from(JSON.stringify(body)), validators: fetching.validators } };
}

/** The services of the upstream behind `get`, at most five minutes old. */
async function servicesOf(get: UpstreamGet): Promise<UpstreamServices> {
  const current = currentServices.get(get);
  const now = performance.now();
  if (current && now - current.readAt < SERVICES_FRESH_MS) return current.services;
  const answer = await get("", { accept: JSON_TYPE });
  if (answer.status !== 200) throw unusable(answer.url, "the service index is missing");
  const services = readServices(answer);
  currentServices.set(get, { services, readAt: now });
  return services;
}

/** What is stored counts as known only while upstream serves from the same place. */
function sameServices(before: StoredBody, services: UpstreamServices): StoredBody | undefined {
  const { registration, flatContainer } = before.services;
  return registration === services.registration && flatContainer === services.flatContainer ? before : undefined;
}

async function readPages(fetching: Fetching, url: string): Promise<readonly StoredPage[] | "absent" | "unchanged"> {
  const answer = await conditionalGet(fetching, url);
  if (answer.status === 404) return "absent";
  if (answer.status === 304) return recheckPages(fetching);
  const index = readJsonObject(answer.body, url);
  const references = objectsOf(index["items"]);
  if (references.length > DEFAULT_LIMITS.indexPages)
    throw unusable(url, `it has more than ${DEFAULT_LIMITS.indexPages} pages`);
  return inBatches(references, (reference) => readPage(fetching, url, reference));
}

/** An unchanged index vouches for pages whose commit it names; others are asked for themselves. */
async function recheckPages(fetching: Fetching): Promise<readonly StoredPage[] | "unchanged"> {
  const stored = fetching.before?.pages ?? [];
  const pages = await inBatches(stored, async (page) => {
    if (page.inlined || page.commit !== undefined) return keep(fetching, page);
    return fetchPage(fetching, page.id, undefined);
  });
  return pages.every((page, index) => page === stored[index]) ? "unchanged" : pages;
}

async function readPage(fetching: Fetching, indexUrl: string, reference: JsonObject): Promise<StoredPage> {
  const id = httpUrlOf(reference["@id"], indexUrl);
  const commit = textOf(reference["commitId"]) ?? textOf(reference["commitTimeStamp"]);
  if (Array.isArray(reference["items"]))
    return { id: id ?? indexUrl, ...(commit !== undefined && { commit }), inlined: true, items: reference["items"] };
  if (id === undefined) throw unusable(indexUrl, "one of its pages has no address");
  const before = fetching.before?.pages.find((page) => page.id === id && !page.inlined);
  if (before && commit !== undefined && before.commit === commit) return keep(fetching, before);
  return fetchPage(fetching, id, commit);
}

function keep(fetching: Fetching, page: StoredPage): StoredPage {
  const validators = fetching.validatorsBefore[page.id];
  if (validators) fetching.validators[page.id] = validators;
  return page;
}

async function fetchPage(fetching: Fetching, url: string, commit: string | undefined): Promise<StoredPage> {
  const before = fetching.before?.pages.find((page) => page.id === url && !page.inlined);
  const answer = await conditionalGet(fetching, url);
  if (answer.status === 304 && before) return commit === before.commit ? before : withCommit(before, commit);
  // The index names this page: that it is missing is upstream's trouble and says nothing about the versions on it.
  if (answer.status !== 200) throw unusable(url, "a page that the index names is missing");
  const page = readJsonObject(answer.body, url);
  if (!Array.isArray(page["items"])) throw unusable(url, "the page has no items");
  return { id: url, ...(commit !== undefined && { commit }), inlined: false, items: page["items"].filter(isObject) };
}

function withCommit(page: StoredPage, commit: string | undefined): StoredPage {
  return { id: page.id, ...(commit !== undefined && { commit }), inlined: page.inlined, items: page.items };
}

async function conditionalGet(fetching: Fetching, url: string): Promise<UpstreamAnswer> {
  const validators = fetching.validatorsBefore[url];
  const answer = await fetching.get(url, { accept: JSON_TYPE, ...validators });
  if (answer.status === 304) {
    if (!validators) throw unusable(url, "it answered 304 to an unconditional request");
    fetching.validators[url] = validators;
    return answer;
  }
  fetching.bytes += answer.body.length;
  if (fetching.bytes > DEFAULT_LIMITS.indexBytes)
    throw unusable(url, `the registration is larger than ${DEFAULT_LIMITS.indexBytes} bytes`);
  const { etag, lastModified } = answer;
  if (etag !== undefined || lastModified !== undefined)
    fetching.validators[url] = {
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified }),
    };
  return answer;
}

async function inBatches<In, Out>(items: readonly In[], run: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE)
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(run))));
  return results;
}
