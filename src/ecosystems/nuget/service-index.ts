import type { Gate } from "../ecosystem.ts";

interface Resource {
  readonly "@id": string;
  readonly "@type": string;
  readonly comment: string;
  readonly clientVersion?: string;
}

/** The service index: each resource this feed serves, under every type that a client may look for. */
export function writeServiceIndex(gate: Gate): { readonly version: "3.0.0"; readonly resources: readonly Resource[] } {
  const v3 = `${gate.base}/v3`;
  const resources = [
    ...served(`${v3}/flat/`, ["PackageBaseAddress/3.0.0"], "Versions and package files."),
    ...registrations(v3),
    ...served(`${v3}/query`, aliases("SearchQueryService"), "Search."),
    ...served(`${v3}/autocomplete`, aliases("SearchAutocompleteService"), "Completion of ids and versions."),
    ...served(`${v3}/package`, ["PackagePublish/2.0.0"], "Uploads; this feed refuses them so far."),
  ];
  if (gate.everyAdvisory)
    resources.push(
      ...served(`${v3}/vulnerabilities/index.json`, ["VulnerabilityInfo/6.7.0"], "Known vulnerabilities."),
    );
  if (gate.fetched)
    resources.push(...served(`${v3}/catalog/index.json`, ["Catalog/3.0.0"], "What this feed has fetched."));
  // Clients refuse this resource over http, with an error for the whole feed.
  if (gate.base.startsWith("https:")) resources.push(...signatures(v3));
  return { version: "3.0.0", resources };
}

function registrations(v3: string): Resource[] {
  const plain = ["", "/3.0.0-beta", "/3.0.0-rc"].map((version) => `RegistrationsBaseUrl${version}`);
  const all = `${v3}/registration-gz-semver2/`;
  return [
    ...served(`${v3}/registration/`, plain, "Metadata without SemVer 2 versions."),
    ...served(`${v3}/registration-gz/`, ["RegistrationsBaseUrl/3.4.0"], "Metadata without SemVer 2 versions, gzip."),
    ...served(all, ["RegistrationsBaseUrl/3.6.0"], "Metadata of every version, gzip."),
    {
      "@id": all,
      "@type": "RegistrationsBaseUrl/Versioned",
      clientVersion: "4.3.0-alpha",
      comment: "Metadata of every version, gzip, for clients that read SemVer 2.",
    },
  ];
}

function signatures(v3: string): Resource[] {
  return ["4.7.0", "4.9.0", "5.0.0"].flatMap((version) =>
    served(
      `${v3}/repository-signatures/${version}/index.json`,
      [`RepositorySignatures/${version}`],
      "Upstream's signatures.",
    ),
  );
}

function aliases(type: string): readonly string[] {
  return ["", "/3.0.0-beta", "/3.0.0-rc", "/3.5.0"].map((version) => type + version);
}

function served(url: string, types: readonly string[], comment: string): Resource[] {
  return types.map((type) => ({ "@id": url, "@type": type, comment }));
}
