import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { ask, BLOCKED, type FakeFeed, fakeGate, textOf, VISIBLE } from "../../../test/support/fake-gate.ts";
import type { ListedArtifact } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { AdvisoryMatch, Reply, StoredDocument } from "../ecosystem.ts";
import { nuget } from "./index.ts";
import { readServices } from "./upstream-services.ts";

const BASE = "http://127.0.0.1:8321/nuget";
const UPSTREAM = "https://nuget.example.invalid/";
const SERVICES = readServices({ body: testdata("service-index.json"), url: `${UPSTREAM}v3/index.json` });

function testdata(name: string): Buffer {
  return readFileSync(new URL(`testdata/${name}`, import.meta.url));
}

function stored(name: string, items: readonly unknown[]): StoredDocument {
  const pages = [{ id: UPSTREAM, inlined: true, items }];
  return { body: Buffer.from(JSON.stringify({ format: 1, name, services: SERVICES, pages })), validators: {} };
}

const DEMO = stored("demo.lib", JSON.parse(testdata("registration-demo.lib.json").toString()).items[0].items);

function many(count: number): StoredDocument {
  const versions = Array.from({ length: count }, (_, minor) => `1.${minor}.0`);
  return stored(
    "many",
    versions.map((version) => ({ catalogEntry: { id: "Many", version } })),
  );
}

function withholding(...versions: readonly string[]) {
  return (artifact: ListedArtifact) => (versions.includes(artifact.version) ? BLOCKED : VISIBLE);
}

function feed(more: Partial<FakeFeed> = {}): FakeFeed {
  return { projects: { "demo.lib": DEMO, many: many(200), few: many(127) }, ...more };
}

async function get(path: string, more: Partial<FakeFeed> = {}): Promise<Reply> {
  return ask(nuget, fakeGate(nuget, feed(more)), `GET ${path}`);
}

async function getJson(path: string, more: Partial<FakeFeed> = {}) {
  const reply = await get(path, more);
  assert.equal(reply.status, 200, `${path}: ${textOf(reply)}`);
  const zipped = reply.headers["content-encoding"] === "gzip";
  const body = zipped ? gunzipSync(reply.body as Buffer).toString() : textOf(reply);
  return JSON.parse(body);
}

test("the service index names every resource under one folder, by every alias", async () => {
  const index = await getJson("/v3/index.json", { advisories: [], fetched: [] });
  assert.equal(index.version, "3.0.0");
  const types = new Map<string, string>(
    index.resources.map((one: Record<string, string>) => [one["@type"], one["@id"]]),
  );
  for (const url of types.values()) assert.ok(url.startsWith(`${BASE}/v3/`), url);
  const expected =
    "PackageBaseAddress/3.0.0 PackagePublish/2.0.0 RegistrationsBaseUrl RegistrationsBaseUrl/3.0.0-beta RegistrationsBaseUrl/3.0.0-rc RegistrationsBaseUrl/3.4.0 RegistrationsBaseUrl/3.6.0 RegistrationsBaseUrl/Versioned SearchQueryService SearchQueryService/3.0.0-beta SearchQueryService/3.0.0-rc SearchQueryService/3.5.0 SearchAutocompleteService SearchAutocompleteService/3.0.0-beta SearchAutocompleteService/3.5.0 VulnerabilityInfo/6.7.0 Catalog/3.0.0";
  for (const type of expected.split(" ")) assert.ok(types.has(type), type);
  assert.ok(
    ![...types.keys()].some((type) => type.startsWith("RepositorySignatures")),
    "http may not serve signatures",
  );
  const secure = await getJson("/v3/index.json", { base: "https://packages.example.invalid/nuget" });
  const secureTypes = secure.resources.map((one: Record<string, string>) => one["@type"]);
  assert.ok(secureTypes.includes("RepositorySignatures/5.0.0"));
  assert.ok(!secureTypes.includes("Catalog/3.0.0"), "what the gate cannot offer is not advertised");
});

test("the flat container lists listed and unlisted versions, normalised, lower case, ascending", async () => {
  const versions = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.10.0.1", "2.0.0-beta.1"];
  assert.deepEqual(await getJson("/v3/flat/demo.lib/index.json"), { versions });
  assert.deepEqual(await getJson("/v3/flat/Demo.LIB/index.json"), { versions });
  assert.equal((await get("/v3/flat/nothing/index.json")).status, 404);
});

test("withheld versions leave the list, and the sentence reaches the terminal", async () => {
  const reply = await get("/v3/flat/demo.lib/index.json", { decide: withholding("1.1.0", "1.10.0.1") });
  assert.deepEqual(JSON.parse(textOf(reply)).versions, ["1.0.0", "1.2.0", "1.3.0", "2.0.0-beta.1"]);
  assert.match(reply.headers["x-nuget-warning"]!, /withholds.*demo\.lib\.1\.10\.0\.1.*demo\.lib\.1\.1\.0/);
});

test("an older version that waits or is denied makes no noise", async () => {
  for (const code of ["cooldown", "denied", "suspicious"] as const) {
    const decide = (artifact: ListedArtifact) =>
      artifact.version === "1.1.0" ? { ...BLOCKED, state: "held" as const, code } : VISIBLE;
    assert.equal((await get("/v3/flat/demo.lib/index.json", { decide })).headers["x-nuget-warning"], undefined, code);
  }
});

test("a project of which every version is withheld answers 403 with the sentence, so that no other source is tried", async () => {
  const reply = await get("/v3/flat/demo.lib/index.json", { decide: () => BLOCKED });
  assert.equal(reply.status, 403);
  assert.equal(reply.reason, BLOCKED.sentence);
});

test("packages are served at their address whatever the case and zeros of the version", async () => {
  const bytes = { "demo.lib/demo.lib.1.1.0.nupkg": "PK" };
  for (const path of [
    "demo.lib/1.1.0/demo.lib.1.1.0.nupkg",
    "Demo.Lib/1.1/Demo.Lib.1.1.nupkg",
    "demo.lib/1.1.0.0/demo.lib.1.1.0.nupkg",
  ])
    assert.equal(textOf(await get(`/v3/flat/${path}`, { bytes })), "PK", path);
  for (const path of [
    "demo.lib/9.9.9/demo.lib.9.9.9.nupkg",
    "demo.lib/1.1.0/other.1.1.0.nupkg",
    "demo.lib/1.1.0/demo.lib.1.2.0.nupkg",
  ])
    assert.equal((await get(`/v3/flat/${path}`, { bytes })).status, 404, path);
});

test("a withheld package answers 403 with reason phrase, warning header and JSON", async () => {
  const reply = await get("/v3/flat/demo.lib/1.1.0/demo.lib.1.1.0.nupkg", { decide: withholding("1.1.0") });
  assert.equal(reply.status, 403);
  assert.equal(reply.reason, BLOCKED.sentence);
  assert.ok(reply.headers["x-nuget-warning"]?.startsWith(BLOCKED.sentence));
  assert.deepEqual(JSON.parse(textOf(reply)).code, "WITHHELD");
});

test("the manifest is served as a side file that no browser takes for a page", async () => {
  const bytes = { "demo.lib/demo.lib.1.1.0.nupkg.nuspec": "<package/>" };
  const reply = await get("/v3/flat/demo.lib/1.1.0/demo.lib.nuspec", { bytes });
  assert.equal(textOf(reply), "<package/>");
  assert.equal(reply.headers["content-type"], "application/xml");
  assert.equal(reply.headers["x-content-type-options"], "nosniff");
  const artifact = nuget.readListing(DEMO).artifacts[5]!;
  assert.equal(nuget.sideUrl?.(artifact, ".nuspec"), `${UPSTREAM}flat/demo.lib/2.0.0-beta.1/demo.lib.nuspec`);
});

test("SemVer 2 versions, by themselves or by their dependencies, are in the newest hive alone", async () => {
  const versionsOf = async (hive: string) =>
    (await getJson(`/v3/${hive}/demo.lib/index.json`)).items[0].items.map(
      (item: { catalogEntry: { version: string } }) => item.catalogEntry.version,
    );
  const old = ["1.0.0", "1.1.0", "1.2.0", "1.10.0.1"];
  assert.deepEqual(await versionsOf("registration"), old);
  assert.deepEqual(await versionsOf("registration-gz"), old);
  assert.deepEqual(await versionsOf("registration-gz-semver2"), [
    ...old.slice(0, 3),
    "1.3.0",
    "1.10.0.1",
    "2.0.0-Beta.1+build.7",
  ]);
});

test("compressed hives are compressed for everybody and the plain one never", async () => {
  for (const path of ["demo.lib/index.json", "demo.lib/1.0.0.json", "many/page/1.0.0/1.63.0.json"]) {
    assert.equal((await get(`/v3/registration-gz-semver2/${path}`)).headers["content-encoding"], "gzip", path);
    assert.equal((await get(`/v3/registration-gz/${path}`)).headers["content-encoding"], "gzip", path);
    assert.equal((await get(`/v3/registration/${path}`)).headers["content-encoding"], undefined, path);
  }
});

test("registration leaves keep upstream's metadata and carry our addresses", async () => {
  const index = await getJson("/v3/registration-gz-semver2/demo.lib/index.json");
  const [page] = index.items;
  assert.deepEqual([index.count, page.count, page.lower, page.upper], [1, 6, "1.0.0", "2.0.0-beta.1"]);
  const [first, , unlisted] = page.items;
  const hive = `${BASE}/v3/registration-gz-semver2`;
  assert.equal(first["@id"], `${hive}/demo.lib/1.0.0.json`);
  assert.equal(first.packageContent, `${BASE}/v3/flat/demo.lib/1.0.0/demo.lib.1.0.0.nupkg`);
  assert.equal(first.catalogEntry.packageContent, first.packageContent);
  assert.equal(first.catalogEntry.dependencyGroups[0].dependencies[0].registration, `${hive}/other.lib/index.json`);
  assert.equal(first.catalogEntry.dependencyGroups[0].dependencies[0].range, "[1.0.0, )");
  assert.equal(first.catalogEntry.licenseExpression, "MIT");
  assert.equal(unlisted.catalogEntry.listed, false);
  assert.equal(unlisted.catalogEntry.published, "1900-01-01T00:00:00+00:00");
  const last = page.items.at(-2).catalogEntry;
  assert.deepEqual(last.deprecation.reasons, ["Legacy"]);
  assert.equal(last.vulnerabilities[0].severity, "2");
  const leaf = await getJson("/v3/registration-gz-semver2/demo.lib/1.2.json");
  assert.equal(leaf.listed, false);
  assert.equal(leaf.registration, `${hive}/demo.lib/index.json`);
});

test("a withheld version is unlisted with the reason; above everything on offer it is left out", async () => {
  const path = "/v3/registration-gz-semver2/demo.lib/index.json";
  const items = async (...withheld: readonly string[]) =>
    (await getJson(path, { decide: withholding(...withheld) })).items.flatMap(
      (page: { items: unknown[] }) => page.items,
    );
  const entry = (await items("1.1.0"))[1].catalogEntry;
  assert.equal(entry.listed, false);
  assert.match(entry.deprecation.message, /withholds/);
  assert.equal((await items("1.10.0.1")).length, 5);
  assert.equal((await items("2.0.0-Beta.1")).length, 5);
  assert.equal((await items("1.3.0", "1.10.0.1")).length, 4);
  const all = (await getJson(path, { decide: () => BLOCKED })).items[0].items;
  assert.equal(all.length, 6, "with nothing on offer an exact request may fail with the sentence");
});

test("from 128 versions on pages of 64 stand at their own addresses", async () => {
  const index = await getJson("/v3/registration/many/index.json");
  assert.deepEqual(
    index.items.map((page: { count: number }) => page.count),
    [64, 64, 64, 8],
  );
  for (const page of index.items) {
    assert.equal(page.items, undefined);
    const fetched = await getJson(page["@id"].slice(BASE.length));
    assert.equal(fetched.items.length, page.count);
    assert.equal(fetched["@id"], page["@id"]);
    assert.equal(fetched.parent, `${BASE}/v3/registration/many/index.json`);
  }
  const few = await getJson("/v3/registration/few/index.json");
  assert.deepEqual(
    few.items.map((page: { items: unknown[] }) => page.items.length),
    [64, 63],
  );
  for (const bad of ["page/1.300.0/1.301.0.json", "page/x/y.json", "page/1.0.0/1.2.0.xml"])
    assert.equal((await get(`/v3/registration/many/${bad}`)).status, 404, bad);
});

test("search gives upstream's results with our addresses, without look-alikes and withheld versions", async () => {
  const asked: string[] = [];
  const malicious: AdvisoryMatch = {
    id: "MAL-1",
    name: "never.visited",
    versions: ["2.0.0"],
    kind: "malicious",
    severity: "critical",
    title: "steals",
    url: "https://advisories.example.invalid/MAL-1",
    range: "[2.0.0]",
    updatedAt: 0,
  };
  const upstream = (url: string) => {
    asked.push(url);
    if (url === "") return { body: testdata("service-index.json"), url: `${UPSTREAM}v3/index.json` };
    return { body: testdata("search.json") };
  };
  const gate = fakeGate(nuget, feed({ upstream, decide: withholding("1.10.0.1"), advisories: [malicious] }));
  const reply = await ask(nuget, gate, "GET /v3/query?q=demo&semVerLevel=2.0.0&prerelease=true&take=9999&evil=1");
  const { totalHits, data } = JSON.parse(textOf(reply));
  assert.equal(asked[1], `${UPSTREAM}query35?q=demo&skip=0&take=1000&prerelease=true&semVerLevel=2.0.0`);
  assert.equal(totalHits, 2);
  assert.deepEqual(
    data.map((one: { id: string }) => one.id),
    ["Demo.Lib", "Never.Visited"],
  );
  assert.equal(data[0].version, "1.1.0");
  assert.deepEqual(
    data[0].versions.map((one: Record<string, string>) => one["@id"]),
    [
      `${BASE}/v3/registration-gz-semver2/demo.lib/1.0.0.json`,
      `${BASE}/v3/registration-gz-semver2/demo.lib/1.1.0.json`,
    ],
  );
  assert.deepEqual(
    data[1].versions.map((one: { version: string }) => one.version),
    ["1.0.0"],
  );
  assert.ok(!gate.calls.includes("project never.visited"), "a search result must not fetch the project");
});

test("without upstream, search and autocomplete know the feed's own projects", async () => {
  const found = await getJson("/v3/query?q=DEMO");
  assert.equal(found.totalHits, 1);
  assert.equal(found.data[0].version, "1.10.0.1");
  assert.equal(found.data[0].versions.length, 3);
  assert.deepEqual((await getJson("/v3/autocomplete?q=m")).data, ["demo.lib", "many"]);
  const upstream = () => {
    throw refuse("NO_UPSTREAM", { feed: "default", name: "", ecosystem: "nuget" });
  };
  assert.equal((await getJson("/v3/query?q=demo", { upstream })).totalHits, 1);
});

test("autocomplete of versions follows prerelease and semVerLevel and hides withheld ones", async () => {
  const ask = async (query: string) =>
    (await getJson(`/v3/autocomplete?id=Demo.Lib${query}`, { decide: withholding("1.1.0") })).data;
  assert.deepEqual(await ask(""), ["1.0.0", "1.10.0.1"]);
  assert.deepEqual(await ask("&semVerLevel=2.0.0&prerelease=true"), [
    "1.0.0",
    "1.3.0",
    "1.10.0.1",
    "2.0.0-Beta.1+build.7",
  ]);
  assert.equal((await get("/v3/autocomplete?id=nothing")).status, 404);
  assert.equal((await get("/v3/query?take=-1")).status, 400);
});

test("vulnerability files carry our advisories in the protocol's order and upstream's as they are", async () => {
  const one = (id: string, range: string, severity: "low" | "high", name = "Demo.Lib"): AdvisoryMatch => ({
    id,
    name,
    versions: ["1.0.0"],
    kind: "vulnerable",
    severity,
    title: id,
    url: `https://advisories.example.invalid/${id}`,
    range,
    updatedAt: Date.UTC(2024, 1, 2),
  });
  const page = Buffer.from('{"x":[]}');
  const upstream = (url: string) => {
    if (url === "") return { body: testdata("service-index.json"), url: `${UPSTREAM}v3/index.json` };
    if (url.endsWith("index.json"))
      return {
        body: Buffer.from(
          JSON.stringify([{ "@name": "base", "@id": `${UPSTREAM}v/base.json`, "@updated": "2024-01-01T00:00:00Z" }]),
        ),
      };
    return { body: page };
  };
  const advisories = [
    one("A", "[1.0,2.0)", "low"),
    one("B", "(,3.0)", "high"),
    one("C", "[1.5,) || [1.0]", "high"),
    one("D", "???", "low", "evil/../x"),
  ];
  const index = await getJson("/v3/vulnerabilities/index.json", { advisories, upstream });
  assert.deepEqual(
    index.map((file: Record<string, string>) => [file["@name"], file["@id"], file["@updated"]]),
    [
      ["portcullis", `${BASE}/v3/vulnerabilities/portcullis.json`, "2024-02-02T00:00:00.000Z"],
      ["upstream-base", `${BASE}/v3/vulnerabilities/upstream-base.json`, "2024-01-01T00:00:00Z"],
    ],
  );
  const own = await getJson("/v3/vulnerabilities/portcullis.json", { advisories, upstream });
  assert.deepEqual(Object.keys(own), ["demo.lib"]);
  assert.deepEqual(
    own["demo.lib"].map((entry: { versions: string }) => entry.versions),
    ["[1.5,)", "(,3.0)", "[1.0,2.0)", "[1.0]"],
  );
  assert.equal(own["demo.lib"][0].severity, 2);
  assert.equal(textOf(await get("/v3/vulnerabilities/upstream-base.json", { advisories, upstream })), page.toString());
  assert.equal((await get("/v3/vulnerabilities/other.json", { advisories, upstream })).status, 404);
  assert.equal(textOf(await get("/v3/vulnerabilities/portcullis.json", { advisories: [] })), "{}");
  assert.equal((await get("/v3/vulnerabilities/index.json")).status, 404);
});

test("the catalog is append-only: full pages do not change when files are added", async () => {
  const fetched = Array.from({ length: 501 }, (_, index) => ({
    name: "demo.lib",
    filename: "demo.lib.1.1.0.nupkg",
    version: "1.1.0",
    sha256: index.toString(16).padStart(64, "0"),
    size: 4711,
    fetchedAt: Date.UTC(2024, 0, 1) + index,
  }));
  const before = await getJson("/v3/catalog/page0.json", { fetched: fetched.slice(0, 500) });
  assert.deepEqual(await getJson("/v3/catalog/page0.json", { fetched }), before);
  const index = await getJson("/v3/catalog/index.json", { fetched });
  assert.deepEqual(
    index.items.map((page: { count: number }) => page.count),
    [500, 1],
  );
  assert.equal(index.commitTimeStamp, "2024-01-01T00:00:00.500Z");
  const item = await getJson("/v3/catalog/item0.json", { fetched });
  assert.deepEqual(
    [item.id, item.version, item.packageSize, item.packageHashAlgorithm],
    ["Demo.Lib", "1.1.0", 4711, "SHA256"],
  );
  for (const bad of ["item501.json", "page9.json", "item01.json", "x.json"])
    assert.equal((await get(`/v3/catalog/${bad}`, { fetched })).status, 404, bad);
});

test("repository signatures pass through byte for byte", async () => {
  const signatures = Buffer.from('{ "allRepositorySigned": true, "signingCertificates": [ {"fingerprints": {}} ] }');
  const upstream = (url: string) =>
    url === "" ? { body: testdata("service-index.json"), url: `${UPSTREAM}v3/index.json` } : { body: signatures };
  const reply = await get("/v3/repository-signatures/5.0.0/index.json", { upstream });
  assert.equal(textOf(reply), signatures.toString());
  const insecure = await getJson("/v3/repository-signatures/4.9.0/index.json", { upstream });
  assert.deepEqual(
    insecure,
    { allRepositorySigned: false, signingCertificates: [] },
    "a list that came over http is not passed on",
  );
  assert.equal((await get("/v3/repository-signatures/1.0.0/index.json", { upstream })).status, 404);
});

test("publishing is refused clearly, with and without the slash that clients add", async () => {
  for (const line of [
    "PUT /v3/package",
    "PUT /v3/package/",
    "PUT /api/v2/package/",
    "DELETE /v3/package/demo.lib/1.0.0",
    "POST /v3/package/demo.lib/1.0.0",
  ]) {
    const reply = await ask(nuget, fakeGate(nuget, feed()), line);
    assert.equal(reply.status, 501, line);
    assert.match(reply.reason!, /not supported/);
  }
});

test("upstream trouble is 502 and never not found; an inspection under way is 503 with Retry-After", () => {
  const request = { method: "GET", params: {}, query: {}, header: () => undefined, body: async () => Buffer.alloc(0) };
  const trouble = nuget.writeRefusal(
    refuse("UPSTREAM_UNAVAILABLE", { upstream: "nuget", what: "x", why: "y" }, 30),
    request,
  );
  assert.deepEqual([trouble.status, trouble.headers["retry-after"]], [502, "30"]);
  const waiting = nuget.writeRefusal(refuse("BEING_INSPECTED", { filename: "x", seconds: 8 }, 8), request);
  assert.deepEqual([waiting.status, waiting.headers["retry-after"]], [503, "8"]);
  const token = nuget.writeRefusal(refuse("TOKEN_REQUIRED"), request);
  assert.match(token.headers["www-authenticate"]!, /^Basic /);
  const hostile = nuget.writeRefusal(refuse("BAD_REQUEST", { why: "a\r\nSet-Cookie: x\u0430" }), request);
  assert.match(hostile.reason!, /^[\x20-\x7e]+$/);
});

test("names that no client sends are refused before anything is asked", async () => {
  for (const name of ["2Capt%D1%81ha", "a..b", "a%20b", "%00"]) {
    const gate = fakeGate(nuget, feed());
    assert.equal((await ask(nuget, gate, `GET /v3/flat/${name}/index.json`)).status, 400, name);
    assert.deepEqual(gate.calls, []);
  }
});

test("likely are the latest, the first of its line, and the last of the lines before", () => {
  const versions = ["1.0.0", "1.9.0", "2.0.0", "2.1.0", "2.1.1", "2.1.2", "3.0.0-beta"];
  const document = stored(
    "demo",
    versions.map((version) => ({ catalogEntry: { id: "Demo", version } })),
  );
  const listing = nuget.readListing(document);
  const chosen = (offered: (artifact: ListedArtifact) => boolean) =>
    nuget.likely(listing, offered).map((one) => one.version);
  assert.deepEqual(
    chosen(() => true),
    ["2.1.2", "2.1.0", "2.0.0", "1.9.0"],
  );
  assert.deepEqual(
    chosen((artifact) => artifact.version !== "2.1.2"),
    ["2.1.1", "2.1.0", "2.0.0", "1.9.0"],
  );
  assert.deepEqual(
    chosen((artifact) => artifact.version === "3.0.0-beta"),
    ["3.0.0-beta"],
  );
  assert.deepEqual(
    chosen(() => false),
    [],
  );
});
