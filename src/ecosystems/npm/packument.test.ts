import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { StoredDocument, UpstreamAnswer } from "../ecosystem.ts";
import { readListing, readProject, readTime } from "./packument.ts";

const signed: StoredDocument = {
  body: readFileSync(new URL("testdata/signed.json", import.meta.url)),
  validators: { "https://upstream.example.invalid/@corp%2ftool": { etag: '"v1"' } },
};

function documentOf(versions: Record<string, string>, more: object = {}): StoredDocument {
  const entries = Object.entries(versions).map(([version, tarball]) => [version, { version, dist: { tarball } }]);
  return {
    body: Buffer.from(JSON.stringify({ name: "x", versions: Object.fromEntries(entries), ...more })),
    validators: {},
  };
}

function filesOf(document: StoredDocument): Record<string, string> {
  return Object.fromEntries(readListing(document).artifacts.map((one) => [one.version, one.filename]));
}

function answering(answer: Partial<UpstreamAnswer>, asked: unknown[] = []) {
  return async (path: string, options?: object): Promise<UpstreamAnswer> => {
    asked.push([path, options]);
    return {
      status: 200,
      body: Buffer.alloc(0),
      contentType: "application/json",
      url: "https://u.example.invalid/x",
      ...answer,
    };
  };
}

test("a packument is read into one artifact per version with its digests and times", () => {
  const listing = readListing(signed);
  assert.equal(listing.name, "@corp/tool");
  assert.equal(listing.latest, "2.0.1");
  assert.equal(listing.artifacts.length, 6);
  const two = listing.artifacts.find((one) => one.version === "2.0.0");
  assert.equal(two?.filename, "tool-2.0.0.tgz");
  assert.equal(two?.publishedAt, Date.UTC(2022, 0, 1));
  assert.deepEqual(
    two?.digests.map((digest) => digest.slice(0, 15)),
    ["sha512:cf83e135", "sha1:2123456789"],
  );
});

test("digests that cannot be digests are not believed", () => {
  const dist = {
    tarball: "https://u.example.invalid/x-1.0.0.tgz",
    shasum: "zz",
    integrity: "sha512-AAAA md5-xx sha256-!!",
  };
  const document: StoredDocument = {
    body: Buffer.from(JSON.stringify({ name: "x", versions: { "1.0.0": { dist } } })),
    validators: {},
  };
  assert.deepEqual(readListing(document).artifacts[0]?.digests, []);
});

test("a build for some platforms is told from one for all, and common platforms from rare ones", () => {
  const platformOf = (fields: object): unknown => {
    const dist = { tarball: "https://u.example.invalid/x-1.0.0.tgz" };
    const body = JSON.stringify({ name: "x", versions: { "1.0.0": { dist, ...fields } } });
    return readListing({ body: Buffer.from(body), validators: {} }).artifacts[0]?.platform;
  };
  assert.equal(platformOf({}), undefined);
  for (const common of [
    { os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
    { os: ["darwin"], cpu: ["arm64"] },
    { os: ["!win32"] },
    { os: "linux", cpu: "any" },
  ])
    assert.equal(platformOf(common), "common", JSON.stringify(common));
  for (const rare of [
    { os: ["linux"], cpu: ["x64"], libc: ["musl"] },
    { os: ["freebsd"] },
    { os: ["linux"], cpu: ["riscv64"] },
    { os: ["darwin"], cpu: ["!arm64"] },
    { os: [7] },
  ])
    assert.equal(platformOf(rare), rare.os[0] === 7 ? "common" : "rare", JSON.stringify(rare));
});

test("upstream's own file name is kept", () => {
  assert.deepEqual(filesOf(documentOf({ "1.0.0": "https://u.example.invalid/x/-/x-1.0.0-final.tgz?y=1" })), {
    "1.0.0": "x-1.0.0-final.tgz",
  });
});

test("a file name that is none is replaced by npm's usual one", () => {
  const hash = "https://u.example.invalid/download/x/1.0.0/0fc1f9d0";
  const dots = "https://u.example.invalid/x/-/%2e%2e%2fx.tgz";
  const bytes = "https://u.example.invalid/x/-/%ff.tgz";
  assert.deepEqual(filesOf(documentOf({ "1.0.0": hash, "1.0.1": dots, "1.0.2": bytes })), {
    "1.0.0": "x-1.0.0.tgz",
    "1.0.1": "x-1.0.1.tgz",
    "1.0.2": "x-1.0.2.tgz",
  });
});

test("two versions never share a file name, and an earlier version's usual name cannot be taken", () => {
  const usual = "https://u.example.invalid/x/-/x-1.0.0.tgz";
  const evil = documentOf({ "0.9.0": usual, "1.0.0": usual, "1.0.1": "https://u.example.invalid/x/-/X-1.0.0.tgz" });
  assert.deepEqual(filesOf(evil), { "0.9.0": "x-0.9.0.tgz", "1.0.0": "x-1.0.0.tgz", "1.0.1": "x-1.0.1.tgz" });
});

test("a version for which no file name is left is not listed", () => {
  const other = "https://u.example.invalid/x/-/x-1.0.1.tgz";
  const taken = documentOf({ "1.0.0": other, "1.0.1": "https://u.example.invalid/x/-/other.tgz", "1.0.2": other });
  const files = Object.values(filesOf(taken));
  assert.equal(new Set(files).size, files.length);
  assert.deepEqual(filesOf(taken), { "1.0.0": "x-1.0.1.tgz", "1.0.1": "other.tgz", "1.0.2": "x-1.0.2.tgz" });
});

test("versions without a tarball that can be fetched, and keys that are no versions, are not listed", () => {
  const url = "https://u.example.invalid/x/-/";
  const body = `{"name":"x","versions":{"__proto__":{"dist":{"tarball":"${url}p.tgz"}},"1.0.0":{"dist":{"tarball":"file:///x.tgz"}},
    "1.0.1":{},"1.0.2":null,"1.0.3":{"dist":{"tarball":7}},"../1":{"dist":{"tarball":"${url}q.tgz"}},"2.0.0":{"dist":{"tarball":"${url}x-2.0.0.tgz"}}}}`;
  assert.deepEqual(filesOf({ body: Buffer.from(body), validators: {} }), { "2.0.0": "x-2.0.0.tgz" });
});

test("latest is the highest stable version when upstream's tag names nothing", () => {
  const versions = { "1.0.0": "https://u.example.invalid/a.tgz", "2.0.0-rc.1": "https://u.example.invalid/b.tgz" };
  assert.equal(readListing(documentOf(versions, { "dist-tags": { latest: "7.0.0" } })).latest, "1.0.0");
  assert.equal(readListing(documentOf({})).latest, undefined);
});

test("the full packument is asked for, conditionally, and kept with its validators", async () => {
  const asked: unknown[] = [];
  const get = answering({ body: signed.body, etag: '"v2"', url: "https://u.example.invalid/@corp%2ftool" }, asked);
  const read = await readProject(get, "@corp/tool", signed);
  assert.deepEqual(asked, [["@corp%2ftool", { accept: "application/json", etag: '"v1"' }]]);
  assert.ok(read.kind === "document");
  assert.deepEqual(read.document.validators, { "https://u.example.invalid/@corp%2ftool": { etag: '"v2"' } });
});

test("what upstream does not have is absent and what did not change is unchanged", async () => {
  assert.equal((await readProject(answering({ status: 404 }), "x", undefined)).kind, "absent");
  assert.equal((await readProject(answering({ status: 304 }), "x", signed)).kind, "unchanged");
});

test("a body that is not this package's packument is upstream trouble, never absence", async () => {
  for (const body of [
    "<html>login</html>",
    "",
    "[]",
    '{"name":"y","versions":{}}',
    '{"name":"X","versions":{}}',
    "null",
  ]) {
    const reading = readProject(answering({ body: Buffer.from(body) }), "x", undefined);
    await assert.rejects(reading, { code: "UPSTREAM_UNAVAILABLE" }, body);
  }
});

test("only ISO dates are times", () => {
  assert.equal(readTime("2021-01-01T01:00:00+01:00"), Date.UTC(2021, 0, 1));
  for (const bad of ["yesterday", "1", 5, null, "2021-99-01", "+012021-01-01T00:00:00Z"])
    assert.equal(readTime(bad), undefined);
});
