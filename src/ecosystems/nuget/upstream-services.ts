import type { UpstreamAnswer } from "../ecosystem.ts";
import { httpUrlOf, objectsOf, readJsonObject, textOf } from "./json.ts";

/** The resources of an upstream's service index that we use; each absolute, bases with a trailing slash. */
export interface UpstreamServices {
  readonly registration?: string;
  readonly flatContainer?: string;
  readonly search?: string;
  readonly autocomplete?: string;
  readonly vulnerabilities?: string;
  /** By protocol version: `4.7.0`, `4.9.0`, `5.0.0`. */
  readonly repositorySignatures: Readonly<Record<string, string>>;
}

/** Best first: the hive with every version, in the compressed form that is small to fetch. */
const REGISTRATION_TYPES = [
  "RegistrationsBaseUrl/3.6.0",
  "RegistrationsBaseUrl/Versioned",
  "RegistrationsBaseUrl/3.4.0",
  "RegistrationsBaseUrl/3.0.0-rc",
  "RegistrationsBaseUrl/3.0.0-beta",
  "RegistrationsBaseUrl",
];
const SEARCH_TYPES = ["/3.5.0", "/3.0.0-rc", "/3.0.0-beta", "", "/Versioned"];

/** Reads an upstream's service index (schema major 3). Throws UPSTREAM_UNAVAILABLE when it is none. */
export function readServices(answer: Pick<UpstreamAnswer, "body" | "url">): UpstreamServices {
  const index = readJsonObject(answer.body, answer.url);
  const byType = new Map<string, string>();
  for (const resource of objectsOf(index["resources"])) {
    const url = httpUrlOf(resource["@id"], answer.url);
    const types = Array.isArray(resource["@type"]) ? resource["@type"] : [resource["@type"]];
    for (const type of types.map(textOf)) {
      if (url !== undefined && type !== undefined && !byType.has(type)) byType.set(type, url);
    }
  }
  const first = (types: readonly string[]) => types.map((type) => byType.get(type)).find((url) => url !== undefined);
  const all = {
    registration: asFolder(first(REGISTRATION_TYPES)),
    flatContainer: asFolder(first(["PackageBaseAddress/3.0.0", "PackageBaseAddress/Versioned"])),
    search: first(SEARCH_TYPES.map((version) => `SearchQueryService${version}`)),
    autocomplete: first(SEARCH_TYPES.map((version) => `SearchAutocompleteService${version}`)),
    vulnerabilities: byType.get("VulnerabilityInfo/6.7.0"),
  };
  const known = Object.fromEntries(Object.entries(all).filter(([, url]) => url !== undefined));
  return { ...known, repositorySignatures: signaturesOf(byType) };
}

function signaturesOf(byType: ReadonlyMap<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const version of ["4.7.0", "4.9.0", "5.0.0"]) {
    const url = byType.get(`RepositorySignatures/${version}`);
    // Clients accept this resource over https alone: whoever changes it on the way chooses whose signatures count.
    if (url?.startsWith("https:")) found[version] = url;
  }
  return found;
}

function asFolder(url: string | undefined): string | undefined {
  return url === undefined || url.endsWith("/") ? url : `${url}/`;
}
