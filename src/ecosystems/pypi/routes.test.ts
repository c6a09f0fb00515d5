import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  ask,
  BLOCKED,
  type FakeFeed,
  type FakeGate,
  fakeGate,
  PENDING,
  textOf,
  VISIBLE,
} from "../../../test/support/fake-gate.ts";
import { refuse } from "../../errors.ts";
import type { StoredDocument } from "../ecosystem.ts";
import { pypi } from "./index.ts";

const JSON_V1 = "application/vnd.pypi.simple.v1+json";
const golden = (name: string): Buffer => readFileSync(new URL(`testdata/${name}`, import.meta.url));
const stored: StoredDocument = { body: golden("stored.json"), validators: {} };

function gateWith(feed: FakeFeed = {}): FakeGate {
  return fakeGate(pypi, {
    base: "http://gate.example.invalid/pypi",
    projects: { "spam-eggs": stored },
    decide: ({ version }) => (version === "2.0" ? BLOCKED : version === "1.0" ? VISIBLE : PENDING),
    bytes: {
      "spam-eggs/spam_eggs-1.0-py3-none-any.whl": "wheel",
      "spam-eggs/spam_eggs-1.0-py3-none-any.whl.metadata": "metadata",
      "spam-eggs/spam_eggs-1.0-py3-none-any.whl.provenance": "{}",
    },
    ...feed,
  });
}

/** The goldens name the page of evidence as the real gate does. */
const viewed = (reply: string): string =>
  reply.replaceAll("127.0.0.1:8321/why/", "gate.example.invalid/why/default/pypi/spam-eggs/");

for (const [showWithheld, word] of [
  [false, "hidden"],
  [true, "shown"],
] as const) {
  test(`the project page is page-${word}.json and page-${word}.html, what is withheld ${word}`, async () => {
    const json = await ask(pypi, gateWith({ showWithheld }), "GET /simple/spam-eggs/", { accept: JSON_V1 });
    assert.equal(json.status, 200);
    assert.equal(json.headers["content-type"], JSON_V1);
    assert.equal(json.headers["vary"], "Accept");
    assert.deepEqual(JSON.parse(viewed(textOf(json))), JSON.parse(golden(`page-${word}.json`).toString()));
    const html = await ask(pypi, gateWith({ showWithheld }), "GET /simple/spam-eggs/");
    assert.equal(html.headers["content-type"], "text/html");
    assert.equal(viewed(textOf(html)), golden(`page-${word}.html`).toString());
  });
}

test("a client that prints nothing but addresses is led to one that says what happened, and refused there", async () => {
  const gate = gateWith();
  const agent = { "user-agent": "pdm/2.29.3 CPython/3.11.7" };
  const path = "/files/spam-eggs/spam_eggs-2.0-py3-none-any.whl";
  const reply = await ask(pypi, gate, `GET ${path}`, agent);
  assert.equal(reply.status, 302);
  const location = String(reply.headers["location"]);
  assert.equal(location, `${gate.base}/files/spam-eggs/BLOCKED-BY-PORTCULLIS/withheld/spam_eggs-2.0-py3-none-any.whl`);
  assert.equal((await ask(pypi, gate, `GET ${location.slice(gate.base.length)}`, agent)).status, 403);
  assert.equal((await ask(pypi, gate, `GET ${path}`, { "user-agent": "pip/26.3" })).status, 403);
});

test("both HTML types have one body, and the page is 406 for clients that take none of the three", async () => {
  const accept = "application/vnd.pypi.simple.v1+html";
  const v1 = await ask(pypi, gateWith(), "GET /simple/spam-eggs/", { accept });
  assert.equal(v1.headers["content-type"], accept);
  assert.equal(textOf(v1), textOf(await ask(pypi, gateWith(), "GET /simple/spam-eggs/")));
  for (const path of ["/simple/", "/simple/spam-eggs/"]) {
    const reply = await ask(pypi, gateWith(), `GET ${path}`, { accept: "application/json" });
    assert.equal(reply.status, 406);
    assert.equal(reply.headers["vary"], "Accept");
  }
});

test("the two HTML types have different validators", async () => {
  const gate = gateWith();
  const body = { kind: "prepared", etag: "abc", identity: Buffer.from("x") } as const;
  const prepared = { ...gate, index: async () => ({ status: 200, headers: { vary: "Accept, User-Agent" }, body }) };
  const etagFor = async (accept: string) =>
    (await ask(pypi, prepared, "GET /simple/x/", { accept })).body as typeof body;
  assert.equal((await etagFor("text/html")).etag, "abc");
  assert.equal((await etagFor("application/vnd.pypi.simple.v1+html")).etag, "abc-v1");
});

test("unnormalised names and missing slashes are moved to the canonical address", async () => {
  const moves: readonly (readonly [string, string])[] = [
    ["/simple", "/simple/"],
    ["/simple/spam-eggs", "/simple/spam-eggs/"],
    ["/simple/Spam_Eggs", "/simple/spam-eggs/"],
    ["/simple/Spam.Eggs/", "/simple/spam-eggs/"],
    [
      `/simple/Spam.Eggs/?format=${encodeURIComponent(JSON_V1)}`,
      `/simple/spam-eggs/?format=${encodeURIComponent(JSON_V1)}`,
    ],
  ];
  for (const [from, to] of moves) {
    const reply = await ask(pypi, gateWith(), `GET ${from}`);
    assert.equal(reply.status, 301, from);
    assert.equal(reply.headers["location"], `http://gate.example.invalid/pypi${to}`);
  }
});

test("an unknown project is 404, upstream trouble is 502 and never 404, an invalid name is 400", async () => {
  assert.equal((await ask(pypi, gateWith(), "GET /simple/unknown/")).status, 404);
  const trouble = refuse("UPSTREAM_UNAVAILABLE", { upstream: "pypi", what: "x", why: "it stalls" });
  for (const path of [
    "/simple/spam-eggs/",
    "/pypi/spam-eggs/json",
    "/files/spam-eggs/spam_eggs-1.0-py3-none-any.whl",
  ]) {
    assert.equal((await ask(pypi, gateWith({ trouble }), `GET ${path}`)).status, 502, path);
  }
  for (const path of ["/simple/-x/", "/simple/..%2fx/", "/simple/%00/", "/simple/%D0%B0bc/", "/simple/a%252fb/"]) {
    const reply = await ask(pypi, gateWith(), `GET ${path}`);
    assert.equal(reply.status, 400, path);
    assert.match(reply.reason ?? "", /^[\x20-\x7e]+$/);
  }
});

test("a project whose every file is withheld has a page and no 403", async () => {
  const reply = await ask(pypi, gateWith({ decide: () => BLOCKED }), "GET /simple/spam-eggs/", { accept: JSON_V1 });
  assert.equal(reply.status, 200);
  assert.deepEqual(JSON.parse(textOf(reply)).files, []);
  assert.deepEqual(JSON.parse(textOf(reply)).versions, ["0.9"]);
});

test("the page of all names lists what the feed knows, in both forms", async () => {
  const gate = gateWith({ projects: { spam: stored, eggs: stored } });
  const json = await ask(pypi, gate, "GET /simple/", { accept: JSON_V1 });
  assert.deepEqual(JSON.parse(textOf(json)), {
    meta: { "api-version": "1.4" },
    projects: [{ name: "eggs" }, { name: "spam" }],
  });
  assert.match(
    textOf(await ask(pypi, gate, "GET /simple/")),
    /<a href="eggs\/">eggs<\/a><br>\n<a href="spam\/">spam<\/a><br>/,
  );
});

test("files, their metadata and their attestations come through the gate", async () => {
  const gate = gateWith();
  const wheel = "spam_eggs-1.0-py3-none-any.whl";
  assert.equal(textOf(await ask(pypi, gate, `GET /files/Spam_Eggs/${wheel}`)), "wheel");
  assert.equal(textOf(await ask(pypi, gate, `GET /files/spam-eggs/${wheel}.metadata`)), "metadata");
  const provenance = await ask(pypi, gate, `GET /integrity/spam-eggs/1.0/${wheel}/provenance`);
  assert.equal(provenance.headers["content-type"], "application/vnd.pypi.integrity.v1+json");
  assert.deepEqual(gate.calls, [
    `file spam-eggs ${wheel}`,
    `sideFile spam-eggs ${wheel} .metadata`,
    `sideFile spam-eggs ${wheel} .provenance`,
  ]);
});

test("a withheld file answers 403 with the sentence at its ordinary and at its self-describing address", async () => {
  const wheel = "spam_eggs-2.0-py3-none-any.whl";
  for (const path of [
    wheel,
    `${wheel}.metadata`,
    `BLOCKED-BY-PORTCULLIS/malicious/${wheel}`,
    `BLOCKED-BY-PORTCULLIS/malicious/${wheel}.metadata`,
  ]) {
    const reply = await ask(pypi, gateWith(), `GET /files/spam-eggs/${path}`);
    assert.equal(reply.status, 403, path);
    assert.equal(reply.reason, BLOCKED.sentence);
    assert.equal(textOf(reply), `${BLOCKED.sentence}\nhttp://127.0.0.1:8321/why/${wheel}\n`);
  }
});

test("the self-describing address of a file that is offered again serves it", async () => {
  const reply = await ask(
    pypi,
    gateWith(),
    "GET /files/spam-eggs/BLOCKED-BY-PORTCULLIS/cooldown/spam_eggs-1.0-py3-none-any.whl",
  );
  assert.equal(textOf(reply), "wheel");
});

test("a file without upload time carries when it was first seen", () => {
  const document = { body: golden("stored-from-html.json"), validators: {} };
  const view = {
    base: "http://gate.example.invalid/pypi",
    name: "spam-eggs",
    showWithheld: true,
    decide: () => VISIBLE,
    whyUrl: () => "",
    firstSeen: () => Date.UTC(2025, 0, 2),
  };
  const page = JSON.parse(pypi.writeIndex(document, "simple-json", view).body.toString());
  assert.equal(page.files[0]["upload-time"], "2025-01-02T00:00:00.000Z");
  assert.deepEqual(page.versions, ["1.0+local.1", "1.0", "1.1"]);
  const html = pypi.writeIndex(document, "simple-html", view).body.toString();
  assert.match(
    html,
    /<meta name="pypi:project-status" content="archived">\n {4}<meta name="pypi:project-status-reason" content="moved &amp; renamed">/,
  );
  assert.match(html, /files\/spam-eggs\/spam_eggs-1\.0%2Blocal\.1-py3-none-any\.whl#sha256=1{64}"/);
  assert.match(html, /data-yanked="" *[^>]*>Spam\.Eggs-1\.0\.tar\.gz/);
  assert.match(html, /data-yanked="old &#8212; broken"/);
});

test("uploads and XML-RPC are refused in words that their clients print", async () => {
  const moved = await ask(pypi, gateWith(), "POST /legacy");
  assert.deepEqual([moved.status, moved.headers["location"]], [308, "http://gate.example.invalid/pypi/legacy/"]);
  const upload = await ask(pypi, gateWith(), "POST /legacy/");
  assert.deepEqual([upload.status, upload.reason], [403, "Uploading to this feed is not supported"]);
  for (const path of ["/", "/pypi", "/pypi/"]) {
    const reply = await ask(pypi, gateWith(), `POST ${path}`);
    assert.equal(reply.status, 200);
    assert.match(textOf(reply), /<fault>.*XML-RPC interface is not supported/);
  }
});

test("installers that know yanks see what is withheld, all others do not", () => {
  for (const agent of [
    'pip/24.2 {"ci":null}',
    "pip/19.2",
    "uv/0.13.9 {}",
    "poetry/2.5.1 CPython/3.11.7 Linux/6",
    "pdm/2.29 CPython/3.12",
    "unearth/0.19.0",
  ])
    assert.ok(pypi.showsWithheld(agent), agent);
  for (const agent of [
    "",
    "pip/9.0.1 {}",
    "pip/18.1",
    "pip/19.1.1",
    "pip/19.0",
    "setuptools/60",
    "Python-urllib/3.11",
    "curl/8",
    "xpip/24",
  ])
    assert.ok(!pypi.showsWithheld(agent), agent);
});
