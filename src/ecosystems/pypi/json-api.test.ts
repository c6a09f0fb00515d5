import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  ask,
  BLOCKED,
  type FakeFeed,
  type FakeGate,
  fakeGate,
  textOf,
  VISIBLE,
} from "../../../test/support/fake-gate.ts";
import type { AdvisoryMatch, StoredDocument } from "../ecosystem.ts";
import { pypi } from "./index.ts";

const stored: StoredDocument = {
  body: readFileSync(new URL("testdata/stored.json", import.meta.url)),
  validators: { "https://upstream.example.invalid/simple/spam-eggs/": {} },
};
const ROOT = "https://upstream.example.invalid/pypi/spam-eggs";

const fileOf = (version: string) => ({
  filename: `spam_eggs-${version}-py3-none-any.whl`,
  url: "https://packages.example.invalid/x",
  comment_text: "as upstream has it",
  downloads: -1,
  digests: { sha256: "f".repeat(64) },
});
const infoOf = (version: string) => ({
  name: "Spam.Eggs",
  version,
  summary: `summary of ${version}`,
  requires_dist: ["eggs>=1"],
});
const UPSTREAM: Readonly<Record<string, unknown>> = {
  [`${ROOT}/json`]: {
    info: infoOf("2.0"),
    releases: { "1.0": [fileOf("1.0")], "2.0": [fileOf("2.0")], "3.0": [fileOf("3.0")] },
    urls: [fileOf("2.0")],
    vulnerabilities: [],
  },
  [`${ROOT}/1.0/json`]: {
    info: infoOf("1.0"),
    urls: [fileOf("1.0")],
    vulnerabilities: [{ id: "PYSEC-1", aliases: ["CVE-1"], details: "d" }],
  },
  [`${ROOT}/2.0/json`]: { info: infoOf("2.0"), urls: [fileOf("2.0")] },
};

function gateWith(feed: FakeFeed = {}): FakeGate {
  return fakeGate(pypi, {
    base: "http://gate.example.invalid/pypi",
    projects: { "spam-eggs": stored },
    upstream: (url) => (url in UPSTREAM ? { body: Buffer.from(JSON.stringify(UPSTREAM[url])) } : undefined),
    ...feed,
  });
}
const withheld: FakeFeed = { decide: ({ version }) => (version === "2.0" ? BLOCKED : VISIBLE) };
// biome-ignore lint/suspicious/noExplicitAny: a golden shape is compared, not used
const get = async (gate: FakeGate, path: string): Promise<any> =>
  JSON.parse(textOf(await ask(pypi, gate, `GET ${path}`)));

test("upstream's info passes through, the files are those of the Simple page with our addresses", async () => {
  const document = await get(gateWith(), "/pypi/Spam_Eggs/json");
  assert.partialDeepStrictEqual(document.info, { ...infoOf("2.0"), yanked: false, yanked_reason: null });
  assert.deepEqual(Object.keys(document.releases), ["1.0", "1.1", "2.0rc1", "2.0"]);
  assert.partialDeepStrictEqual(document.urls, [
    {
      filename: "spam_eggs-2.0-py3-none-any.whl",
      url: "http://gate.example.invalid/pypi/files/spam-eggs/spam_eggs-2.0-py3-none-any.whl",
      comment_text: "as upstream has it",
      digests: { sha256: "5".repeat(64) },
      packagetype: "bdist_wheel",
      python_version: "py3",
      upload_time: "2024-04-02T03:04:05",
      upload_time_iso_8601: "2024-04-02T03:04:05Z",
      yanked: false,
    },
  ]);
  assert.deepEqual([document.last_serial, document.ownership], [4711, null]);
});

test("a withheld release leaves the document, and info describes the newest that is offered", async () => {
  const document = await get(gateWith(withheld), "/pypi/spam-eggs/json");
  assert.equal(document.info.version, "1.0");
  assert.equal(document.info.summary, "summary of 1.0");
  assert.deepEqual(Object.keys(document.releases), ["1.0", "1.1", "2.0rc1"]);
});

test("a withheld release that is asked for exactly says why, and its addresses lead to the refusal", async () => {
  const document = await get(gateWith(withheld), "/pypi/spam-eggs/2.0/json");
  assert.equal(document.releases, undefined);
  assert.equal(document.info.yanked, true);
  assert.ok(document.info.yanked_reason.startsWith(BLOCKED.sentence));
  assert.ok(document.urls[0].url.endsWith("/BLOCKED-BY-PORTCULLIS/malicious/spam_eggs-2.0-py3-none-any.whl"));
});

test("a version may be spelled in any way that PEP 440 calls the same, an unlisted one is 404", async () => {
  assert.equal((await get(gateWith(), "/pypi/spam-eggs/1.0.0/json")).info.version, "1.0");
  assert.equal(
    (await ask(pypi, gateWith(), "GET /pypi/spam-eggs/9.9/json", { accept: "application/json" })).status,
    404,
  );
});

test("the document is built from the listing where upstream has none, has another shape, or fails", async () => {
  for (const upstream of [
    () => undefined,
    () => ({ body: Buffer.from("[]") }),
    () => ({ body: Buffer.from("<html>") }),
    () => ({ body: Buffer.from('{"info":7,"urls":{},"releases":[]}') }),
  ]) {
    const document = await get(gateWith({ upstream }), "/pypi/spam-eggs/json");
    assert.partialDeepStrictEqual(document.info, { name: "spam-eggs", version: "2.0", requires_dist: null });
    assert.equal(document.urls[0].packagetype, "bdist_wheel");
  }
});

test("a hosted project is asked of nobody", async () => {
  const gate = gateWith({ projects: { "spam-eggs": { ...stored, validators: {} } } });
  assert.equal((await get(gate, "/pypi/spam-eggs/json")).info.version, "2.0");
  assert.ok(!gate.calls.some((call) => call.startsWith("passThrough")));
});

test("vulnerabilities are upstream's and ours, one entry per id", async () => {
  const advisory = (id: string): AdvisoryMatch => ({
    id,
    name: "spam-eggs",
    versions: ["1.0"],
    kind: "malicious",
    severity: "critical",
    title: "Malicious code",
    url: `http://gate.example.invalid/why/${id}`,
    range: "==1.0",
    updatedAt: 0,
  });
  const document = await get(
    gateWith({ advisories: [advisory("MAL-1"), advisory("PYSEC-1"), advisory("CVE-1")] }),
    "/pypi/spam-eggs/1.0/json",
  );
  assert.deepEqual(
    document.vulnerabilities.map(({ id }: { id: string }) => id),
    ["PYSEC-1", "MAL-1"],
  );
  assert.partialDeepStrictEqual(document.vulnerabilities[1], {
    source: "portcullis",
    fixed_in: [],
    details: "Malicious code",
  });
});
