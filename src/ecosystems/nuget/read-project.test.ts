import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ReadProject, StoredDocument, UpstreamAnswer, UpstreamGet } from "../ecosystem.ts";
import { readProject } from "./read-project.ts";
import { readListing } from "./stored.ts";

const UPSTREAM = "https://nuget.example.invalid/";
const SERVICE_INDEX = testdata("service-index.json");
const DEMO_INDEX = `${UPSTREAM}registration/demo.lib/index.json`;

/** An upstream as a table of documents; `asked` records what was asked, `304` where a validator still held. */
function upstream(documents: Record<string, unknown>) {
  const asked: string[] = [];
  const get: UpstreamGet = async (pathOrUrl, options) => {
    const url = new URL(pathOrUrl, `${UPSTREAM}v3/index.json`).href;
    const document = documents[url];
    const empty: UpstreamAnswer = { status: 404, body: Buffer.alloc(0), contentType: "", url };
    if (document === undefined) {
      asked.push(`404 ${url}`);
      return empty;
    }
    const body = Buffer.isBuffer(document) ? document : Buffer.from(JSON.stringify(document));
    const etag = `"${createHash("sha256").update(body).digest("hex")}"`;
    if (options?.etag === etag) {
      asked.push(`304 ${url}`);
      return { ...empty, status: 304 };
    }
    asked.push(`200 ${url}`);
    return { ...empty, status: 200, body, contentType: "application/json", etag };
  };
  return { get, asked, documents };
}

function testdata(name: string): Buffer {
  return readFileSync(new URL(`testdata/${name}`, import.meta.url));
}

function demo() {
  return upstream({
    [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX,
    [DEMO_INDEX]: testdata("registration-demo.lib.json"),
  });
}

function documentOf(read: ReadProject): StoredDocument {
  assert.equal(read.kind, "document");
  return (read as { document: StoredDocument }).document;
}

/** A project of two external pages, as upstreams write them from 128 versions on. */
function paged(commit: string | undefined, second = "2.0.0") {
  const page = (number: number, version: string) => ({
    "@id": `${UPSTREAM}registration/big/page${number}.json`,
    count: 1,
    lower: version,
    upper: version,
    ...(commit !== undefined && { commitId: `${commit}-${version}` }),
  });
  const leaf = (version: string) => ({ "@id": "x", catalogEntry: { id: "Big", version }, packageContent: "y" });
  return {
    [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX,
    [`${UPSTREAM}registration/big/index.json`]: { items: [page(1, "1.0.0"), page(2, second)] },
    [`${UPSTREAM}registration/big/page1.json`]: { ...page(1, "1.0.0"), items: [leaf("1.0.0")] },
    [`${UPSTREAM}registration/big/page2.json`]: { ...page(2, second), items: [leaf(second)] },
  };
}

test("the hive with SemVer 2 versions is read and becomes a listing", async () => {
  const { get, asked } = demo();
  const listing = readListing(documentOf(await readProject(get, "Demo.Lib", undefined)));
  assert.deepEqual(asked, [`200 ${UPSTREAM}v3/index.json`, `200 ${DEMO_INDEX}`]);
  assert.equal(listing.name, "Demo.Lib");
  assert.equal(listing.latest, "1.10.0.1");
  assert.equal(listing.status, "deprecated");
  assert.deepEqual(
    listing.artifacts.map((artifact) => artifact.filename),
    ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.10.0.1", "2.0.0-beta.1"].map((version) => `demo.lib.${version}.nupkg`),
  );
  assert.deepEqual(listing.artifacts[1], {
    filename: "demo.lib.1.1.0.nupkg",
    version: "1.1.0",
    url: `${UPSTREAM}flat/demo.lib/1.1.0/demo.lib.1.1.0.nupkg`,
    digests: [
      "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ],
    size: 4711,
    publishedAt: Date.parse("2024-03-01T10:00:00.123Z"),
  });
});

test("an unlisted version is yanked and has no publish time", async () => {
  const listing = readListing(documentOf(await readProject(demo().get, "demo.lib", undefined)));
  const unlisted = listing.artifacts.find((artifact) => artifact.version === "1.2.0");
  assert.equal(unlisted?.yanked, true);
  assert.equal(unlisted?.publishedAt, undefined);
});

test("a second read asks conditionally and says unchanged; the service index is asked once", async () => {
  const { get, asked } = demo();
  const first = documentOf(await readProject(get, "demo.lib", undefined));
  assert.deepEqual(await readProject(get, "demo.lib", first), { kind: "unchanged" });
  assert.deepEqual(asked.slice(2), [`304 ${DEMO_INDEX}`]);
});

test("an id without registration is absent, and an unusable upstream is trouble and never absent", async () => {
  assert.deepEqual(await readProject(demo().get, "No.Such.Thing", undefined), { kind: "absent" });
  const broken: Record<string, Record<string, unknown>> = {
    "no service index": {},
    "service index is no JSON": { [`${UPSTREAM}v3/index.json`]: Buffer.from("<html>") },
    "no registration resource": { [`${UPSTREAM}v3/index.json`]: { version: "3.0.0", resources: [] } },
    "registration is no JSON": { [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX, [DEMO_INDEX]: Buffer.from("{") },
    "registration is a list": { [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX, [DEMO_INDEX]: [] },
    "a page is missing": {
      [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX,
      [DEMO_INDEX]: { items: [{ "@id": `${UPSTREAM}gone.json` }] },
    },
    "a page has a file address": {
      [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX,
      [DEMO_INDEX]: { items: [{ "@id": "file:///etc/passwd" }] },
    },
    "a million pages": {
      [`${UPSTREAM}v3/index.json`]: SERVICE_INDEX,
      [DEMO_INDEX]: { items: Array.from({ length: 1001 }, (_, page) => ({ "@id": `${UPSTREAM}${page}.json` })) },
    },
  };
  for (const [what, documents] of Object.entries(broken))
    await assert.rejects(
      readProject(upstream(documents).get, "demo.lib", undefined),
      { code: "UPSTREAM_UNAVAILABLE" },
      what,
    );
});

test("external pages are fetched, and again only when their commit changed", async () => {
  const source = upstream(paged("one"));
  const first = documentOf(await readProject(source.get, "big", undefined));
  assert.deepEqual(
    readListing(first).artifacts.map((artifact) => artifact.version),
    ["1.0.0", "2.0.0"],
  );
  source.asked.length = 0;
  assert.equal((await readProject(source.get, "big", first)).kind, "unchanged");
  assert.deepEqual(source.asked, [`304 ${UPSTREAM}registration/big/index.json`]);
  Object.assign(source.documents, paged("one", "3.0.0"));
  source.asked.length = 0;
  const second = documentOf(await readProject(source.get, "big", first));
  assert.deepEqual(
    readListing(second).artifacts.map((artifact) => artifact.version),
    ["1.0.0", "3.0.0"],
  );
  assert.deepEqual(source.asked, [
    `200 ${UPSTREAM}registration/big/index.json`,
    `200 ${UPSTREAM}registration/big/page2.json`,
  ]);
});

test("pages without a commit are each asked for, because an unchanged index does not vouch for them", async () => {
  const source = upstream(paged(undefined));
  const first = documentOf(await readProject(source.get, "big", undefined));
  const page = `${UPSTREAM}registration/big/page2.json`;
  assert.equal((await readProject(source.get, "big", first)).kind, "unchanged");
  assert.ok(source.asked.includes(`304 ${page}`));
  source.documents[page] = {
    items: [{ catalogEntry: { id: "big", version: "2.0.0", listed: false }, packageContent: "y" }],
  };
  const second = documentOf(await readProject(source.get, "big", first));
  assert.equal(readListing(second).artifacts[1]?.yanked, true);
});

test("names that no client sends reach no upstream", async () => {
  const { get, asked } = demo();
  await assert.rejects(readProject(get, "../index", undefined), { code: "INVALID_NAME" });
  assert.deepEqual(asked, []);
});
