import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { StoredDocument, UpstreamAnswer, UpstreamGet } from "../ecosystem.ts";
import { readListing } from "./listing.ts";
import { readProject } from "./upstream.ts";

const JSON_V1 = "application/vnd.pypi.simple.v1+json";
const URL_OF_PAGE = "https://upstream.example.invalid/simple/spam/";
const SHA = "1".repeat(64);

function answering(...answers: readonly Partial<UpstreamAnswer>[]): UpstreamGet & { asked: unknown[] } {
  const asked: unknown[] = [];
  const get = async (path: string, options: unknown): Promise<UpstreamAnswer> => {
    const answer = answers[asked.push([path, options]) - 1];
    return { status: 200, body: Buffer.alloc(0), contentType: JSON_V1, url: URL_OF_PAGE, ...answer };
  };
  return Object.assign(get, { asked });
}

const page = (change: object): Buffer =>
  Buffer.from(JSON.stringify({ meta: { "api-version": "1.1" }, name: "spam", files: [], ...change }));
const entry = (change: object = {}): object => ({
  filename: "spam-1.0.tar.gz",
  url: "spam-1.0.tar.gz",
  hashes: { sha256: SHA },
  ...change,
});

async function read(answer: Partial<UpstreamAnswer>, name = "spam"): Promise<StoredDocument> {
  const got = await readProject(answering(answer), name, undefined);
  assert.equal(got.kind, "document");
  return (got as { document: StoredDocument }).document;
}

async function filesIn(...files: readonly unknown[]): Promise<readonly string[]> {
  return readListing(await read({ body: page({ files }) })).artifacts.map(({ filename }) => filename);
}

for (const [file, type, golden] of [
  ["upstream.json", JSON_V1, "stored.json"],
  ["upstream.html", "text/html; charset=utf-8", "stored-from-html.json"],
] as const) {
  test(`${file} is stored as ${golden}: absolute addresses, known keys only`, async () => {
    const body = readFileSync(new URL(`testdata/${file}`, import.meta.url));
    const url = "https://upstream.example.invalid/simple/spam-eggs/";
    const document = await read({ body, contentType: type, url, etag: '"e1"' }, "spam-eggs");
    assert.deepEqual(
      JSON.parse(document.body.toString()),
      JSON.parse(readFileSync(new URL(`testdata/${golden}`, import.meta.url), "utf8")),
    );
    assert.deepEqual(document.validators, { [url]: { etag: '"e1"' } });
  });
}

test("the page is asked for by its canonical address, JSON before HTML", async () => {
  const get = answering({ body: page({}) });
  await readProject(get, "spam", undefined);
  assert.deepEqual(get.asked, [
    ["spam/", { accept: `${JSON_V1}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1` }],
  ]);
});

test("a known page is asked for conditionally, and stays when upstream says so", async () => {
  const previous = await read({ body: page({}), etag: '"e1"', lastModified: "Tue, 02 Jan 2024 03:04:05 GMT" });
  const get = answering({ status: 304 });
  assert.deepEqual(await readProject(get, "spam", previous), { kind: "unchanged" });
  assert.partialDeepStrictEqual(get.asked, [
    ["spam/", { etag: '"e1"', lastModified: "Tue, 02 Jan 2024 03:04:05 GMT" }],
  ]);
});

test("not modified at another address than the known one makes us ask again without condition", async () => {
  const previous = await read({ body: page({}), etag: '"e1"' });
  const get = answering(
    { status: 304, url: "https://other.example.invalid/simple/spam/" },
    { body: page({ files: [entry()] }) },
  );
  assert.equal((await readProject(get, "spam", previous)).kind, "document");
  assert.equal(get.asked.length, 2);
});

test("not modified without a condition is upstream trouble and no endless loop", async () => {
  await assert.rejects(readProject(answering({ status: 304 }), "spam", undefined), { code: "UPSTREAM_UNAVAILABLE" });
});

test("not found upstream is told as absent", async () => {
  assert.deepEqual(await readProject(answering({ status: 404 }), "spam", undefined), { kind: "absent" });
});

test("an answer that is no page of this project is upstream trouble, never an empty project", async () => {
  const answers: Readonly<Record<string, Partial<UpstreamAnswer>>> = {
    "no JSON": { body: Buffer.from('{"files": [') },
    "UTF-16": { body: Buffer.from('{"name":"spam","files":[]}', "utf16le") },
    "a list": { body: Buffer.from("[]") },
    "no files": { body: page({ files: undefined }) },
    "files as an object": { body: page({ files: {} }) },
    "another major version": { body: page({ meta: { "api-version": "2.0" } }) },
    "a version that is no text": { body: page({ meta: { "api-version": 1 } }) },
    "another project": { body: page({ name: "eggs" }) },
    "another type": { body: page({}), contentType: "application/vnd.pypi.simple.v2+json" },
    "no type": { body: page({}), contentType: "" },
    "a binary": { body: page({}), contentType: "application/octet-stream" },
    "a login form": { body: Buffer.from('<form><a href="/forgot">forgot?</a></form>'), contentType: "text/html" },
    "HTML of another major version": {
      body: Buffer.from('<meta name="pypi:repository-version" content="2.0"><a href="spam-1.0.tar.gz">x</a>'),
      contentType: "text/html",
    },
  };
  for (const [what, answer] of Object.entries(answers)) {
    await assert.rejects(readProject(answering(answer), "spam", undefined), { code: "UPSTREAM_UNAVAILABLE" }, what);
  }
});

test("a page with a byte order mark, without meta, or with an unnormalised name is read", async () => {
  await read({ body: Buffer.concat([Buffer.from("\ufeff"), page({})]) });
  await read({ body: page({ meta: undefined }) });
  assert.equal(readListing(await read({ body: page({ name: "SpAm" }) })).name, "SpAm");
  await read({ body: page({}), contentType: "application/json; charset=utf-8" });
});

test("an empty page of a Simple repository is an empty project", async () => {
  const body = Buffer.from("<html><head><title>Links for spam</title></head><body></body></html>");
  assert.deepEqual(readListing(await read({ body, contentType: "text/html" })).artifacts, []);
});

test("entries whose file name could not be asked for or belongs to another project are dropped", async () => {
  const bad = [
    "../spam-1.0.tar.gz",
    "a/spam-1.0.tar.gz",
    "spam-1.0\u0000.tar.gz",
    "spam-1.0\n.tar.gz",
    "sp\u0430m-1.0.tar.gz",
    "eggs-1.0.tar.gz",
    "spam-1.0.txt",
    "",
    7,
    null,
  ];
  assert.deepEqual(await filesIn(...bad.map((filename) => entry({ filename })), null, "text", entry()), [
    "spam-1.0.tar.gz",
  ]);
});

test("entries whose address is not http, carries credentials or is missing are dropped", async () => {
  const bad = [
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:,x",
    "https://user:pass@packages.example.invalid/x",
    "https://",
    "",
    undefined,
    7,
  ];
  for (const url of bad) assert.deepEqual(await filesIn(entry({ url })), [], String(url));
});

test("entries with a malformed digest are dropped, unknown algorithms and missing digests are not", async () => {
  for (const sha256 of ["", "1".repeat(63), "z".repeat(64), 7, null]) {
    assert.deepEqual(await filesIn(entry({ hashes: { sha256 } })), [], String(sha256));
  }
  assert.deepEqual(await filesIn(entry({ hashes: "x" })), []);
  assert.deepEqual(await filesIn(entry({ hashes: { sha999: "x" } })), ["spam-1.0.tar.gz"]);
  assert.deepEqual(await filesIn(entry({ hashes: undefined })), ["spam-1.0.tar.gz"]);
});

test("a file that is listed twice counts once, and not at all when the two differ", async () => {
  const other = entry({ hashes: { sha256: "2".repeat(64) } });
  assert.deepEqual(await filesIn(entry(), entry()), ["spam-1.0.tar.gz"]);
  assert.deepEqual(await filesIn(entry(), other), []);
  assert.deepEqual(await filesIn(entry(), other, entry()), []);
});

test("fields of the wrong kind are left out, the file stays", async () => {
  const wrong = {
    size: -1,
    "upload-time": "yesterday",
    "requires-python": 3,
    "core-metadata": "yes",
    provenance: "file:///x",
    yanked: "",
  };
  const [artifact] = readListing(await read({ body: page({ files: [entry(wrong)] }) })).artifacts;
  assert.deepEqual(artifact, {
    filename: "spam-1.0.tar.gz",
    version: "1.0",
    url: `${URL_OF_PAGE}spam-1.0.tar.gz`,
    digests: [`sha256:${SHA}`],
    sideFiles: {},
  });
});

test("credentials in the page's own address do not reach the files' addresses", async () => {
  const document = await read({
    body: page({ files: [entry()] }),
    url: "https://user:secret@upstream.example.invalid/simple/spam/",
  });
  assert.ok(!document.body.toString().includes("secret"));
  assert.equal(readListing(document).artifacts[0]?.url, `${URL_OF_PAGE}spam-1.0.tar.gz`);
});

test("a quarantined project offers no files, whatever its page lists", async () => {
  const document = await read({
    body: page({ files: [entry()], "project-status": { status: "quarantined", reason: "malware" } }),
  });
  assert.partialDeepStrictEqual(readListing(document), { artifacts: [], status: "quarantined" });
});

test("a page of a million files is upstream trouble, not a long wait", async () => {
  const json = page({ files: Array.from({ length: 1_000_000 }, () => 0) });
  const html = Buffer.from("<a href=x>".repeat(1_000_000));
  for (const answer of [{ body: json }, { body: html, contentType: "text/html" }]) {
    const started = performance.now();
    await assert.rejects(readProject(answering(answer), "spam", undefined), { code: "UPSTREAM_UNAVAILABLE" });
    assert.ok(performance.now() - started < 5000);
  }
});

test("a hostile HTML page is read in linear time", async () => {
  for (const piece of ["<a ", "<a href='", '<a x="', "<!--", "<a b = ", "&#", "</a", "<a\t\n\r "]) {
    const body = Buffer.from(piece.repeat(50_000) + '<meta name="pypi:repository-version" content="1.0">');
    const started = performance.now();
    await readProject(answering({ body, contentType: "text/html" }), "spam", undefined).catch(() => {});
    assert.ok(performance.now() - started < 2000, piece);
  }
});
