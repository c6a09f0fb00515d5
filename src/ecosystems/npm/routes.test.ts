import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ask, BLOCKED, type FakeFeed, fakeGate, textOf, VISIBLE } from "../../../test/support/fake-gate.ts";
import { refuse } from "../../errors.ts";
import type { AdvisoryMatch, Reply, StoredDocument } from "../ecosystem.ts";
import { npm } from "./index.ts";

const signed: StoredDocument = { body: readFileSync(new URL("testdata/signed.json", import.meta.url)), validators: {} };
const feed: FakeFeed = {
  projects: { "@corp/tool": signed },
  bytes: { "@corp/tool/tool-2.0.0.tgz": "bytes" },
  decide: (artifact) => (artifact.version === "2.0.1" ? BLOCKED : VISIBLE),
};
const malware: AdvisoryMatch = {
  id: "MAL-2026-1",
  name: "bad",
  versions: ["1.0.0"],
  kind: "malicious",
  severity: "critical",
  title: "bad steals tokens",
  url: "http://127.0.0.1:8321/why/bad",
  range: "*",
  updatedAt: 0,
};

function json(reply: Reply): Record<string, unknown> {
  return JSON.parse(textOf(reply));
}

test("the Accept header chooses the form, with its quality values", async () => {
  const gate = fakeGate(npm, feed);
  const corgi = "application/vnd.npm.install-v1+json";
  const forms: [string, string][] = [
    [`${corgi}; q=1.0, application/json; q=0.8, */*`, corgi],
    [`application/json; q=1, ${corgi}; q=0.5`, "application/json"],
    [`${corgi};q=0`, "application/json"],
    [`${corgi};q=nonsense`, "application/json"],
    ["*/*", "application/json"],
    ["", "application/json"],
  ];
  for (const [accept, type] of forms) {
    const reply = await ask(npm, gate, "GET /@corp%2ftool", { accept });
    assert.equal(reply.headers["content-type"], type, accept);
    assert.match(String(reply.headers["vary"]), /Accept/);
  }
});

test("each spelling of a scoped name reaches the same package", async () => {
  const gate = fakeGate(npm, feed);
  for (const path of ["/@corp%2ftool", "/@corp%2Ftool", "/@corp/tool", "/%40corp/tool", "/@corp/tool/"]) {
    assert.equal(json(await ask(npm, gate, `GET ${path}`))["name"], "@corp/tool", path);
  }
});

test("a client that prints nothing but addresses is led to one that says what happened, and refused there", async () => {
  const gate = fakeGate(npm, { ...feed, decide: () => BLOCKED });
  const agent = { "user-agent": "Bun/1.4.5" };
  const moved = await ask(npm, gate, "GET /@corp/tool/-/tool-2.0.0.tgz", agent);
  assert.equal(moved.status, 302);
  const location = String(moved.headers["location"]);
  assert.equal(location, `${gate.base}/@corp/tool/-/BLOCKED-BY-PORTCULLIS/withheld/tool-2.0.0.tgz`);
  assert.equal((await ask(npm, gate, `GET ${location.slice(gate.base.length)}`, agent)).status, 403);
  assert.equal((await ask(npm, gate, "GET /@corp/tool/-/tool-2.0.0.tgz", { "user-agent": "npm/12.2.0" })).status, 403);
});

test("tarballs are gated at every address that a client may know", async () => {
  const gate = fakeGate(npm, feed);
  for (const path of [
    "/@corp/tool/-/tool-2.0.0.tgz",
    "/@corp%2ftool/-/tool-2.0.0.tgz",
    "/@corp/tool/-/@corp/tool-2.0.0.tgz",
  ]) {
    assert.equal(textOf(await ask(npm, gate, `GET ${path}`)), "bytes", path);
  }
  for (const path of ["/@corp/tool/-/tool-2.0.1.tgz", "/@corp/tool/-/BLOCKED-BY-PORTCULLIS/malicious/tool-2.0.1.tgz"]) {
    const reply = await ask(npm, gate, `GET ${path}`);
    assert.equal(reply.status, 403);
    assert.equal(reply.reason, BLOCKED.sentence);
    assert.equal(reply.headers["npm-notice"], `${BLOCKED.sentence} http://127.0.0.1:8321/why/tool-2.0.1.tgz`);
    assert.deepEqual(json(reply), {
      error: `${BLOCKED.sentence} http://127.0.0.1:8321/why/tool-2.0.1.tgz`,
      code: "WITHHELD",
      details_url: "http://127.0.0.1:8321/why/tool-2.0.1.tgz",
    });
  }
});

test("the blocked address serves the file once it is no longer withheld", async () => {
  const gate = fakeGate(npm, feed);
  const reply = await ask(npm, gate, "GET /@corp/tool/-/BLOCKED-BY-PORTCULLIS/malicious/tool-2.0.0.tgz");
  assert.equal(textOf(reply), "bytes");
});

test("one version and the dist-tags are answered from what is offered", async () => {
  const gate = fakeGate(npm, feed);
  assert.equal(json(await ask(npm, gate, "GET /@corp/tool/latest"))["version"], "2.0.0");
  assert.equal((await ask(npm, gate, "GET /@corp/tool/2.0.1")).status, 403);
  assert.equal((await ask(npm, gate, "GET /@corp/tool/8.8.8")).status, 404);
  const tags = { latest: "2.0.0", next: "3.0.0-beta.2", old: "1.1.0" };
  assert.deepEqual(json(await ask(npm, gate, "GET /-/package/@corp%2ftool/dist-tags")), tags);
});

test("what is not there is 404 in npm's words, and upstream trouble is not", async () => {
  for (const path of [
    "/nothing",
    "/@corp/tool/-/x.tgz",
    "/-/all",
    "/-/anything/else",
    "/downloads/point/last-week/x",
  ]) {
    const reply = await ask(npm, fakeGate(npm, feed), `GET ${path}`);
    assert.equal(reply.status, 404, path);
    assert.equal(json(reply)["error"], "Not found");
  }
  const trouble = refuse("UPSTREAM_UNAVAILABLE", { upstream: "npm", what: "x", why: "it answered 500" });
  const reply = await ask(npm, fakeGate(npm, { trouble }), "GET /x");
  assert.equal(reply.status, 502);
  assert.match(String(json(reply)["error"]), /it answered 500/);
});

test("a refusal that passes names when to ask again", () => {
  const refusal = refuse("BEING_INSPECTED", { filename: "x-1.0.0.tgz", seconds: 7 }, 6.2);
  const reply = npm.writeRefusal(refusal, undefined as never);
  assert.equal(reply.status, 503);
  assert.equal(reply.headers["retry-after"], "7");
  assert.match(String(reply.reason), /inspecting x-1\.0\.0\.tgz/);
});

test("a long sentence is cut for the reason phrase and never leaves printable ASCII", () => {
  const refusal = refuse("WITHHELD", { sentence: `${"wörd ".repeat(80)}\r\nX-Evil: 1`, url: "http://x/" });
  const reply = npm.writeRefusal(refusal, undefined as never);
  assert.ok((reply.reason?.length ?? 999) <= 200);
  assert.match(String(reply.reason), /^[ -~]+$/);
  assert.match(String(reply.headers["npm-notice"]), /^[ -~]+$/);
});

test("writing is refused at once with a sentence, and never as 401 or 5xx", async () => {
  const gate = fakeGate(npm, feed);
  const lines = [
    "PUT /x",
    "PUT /@corp%2ftool",
    "POST /-/v1/login",
    "PUT /-/user/org.couchdb.user:ada",
    "DELETE /x/-rev/1-2",
  ];
  const more = ["PUT /-/package/@corp%2ftool/dist-tags/latest", "POST /-/npm/v1/tokens", "POST /-/stage/package/x"];
  for (const line of [...lines, ...more]) {
    const reply = await ask(npm, gate, line);
    assert.equal(reply.status, 405, line);
    assert.match(String(json(reply)["error"]), /not supported/);
  }
});

test("who asks is told from the token", async () => {
  const gate = fakeGate(npm, feed);
  assert.deepEqual(json(await ask(npm, gate, "GET /-/whoami")), { username: "anonymous" });
  assert.deepEqual(json(await ask(npm, gate, "GET /-/ping")), {});
});

test("the bulk audit is answered from our advisories and never leaves", async () => {
  const gate = fakeGate(npm, { advisories: [malware] });
  const body = JSON.stringify({
    bad: ["1.0.0"],
    good: ["1.0.0"],
    "../x": ["1"],
    "@corp/private": ["1.0.0"],
    __proto__: 1,
  });
  const reply = await ask(npm, gate, "POST /-/npm/v1/security/advisories/bulk", {}, body);
  const answer = json(reply) as Record<string, Record<string, unknown>[]>;
  assert.deepEqual(Object.keys(answer), ["bad"]);
  assert.equal(answer["bad"]?.[0]?.["vulnerable_versions"], "*");
  assert.equal(typeof answer["bad"]?.[0]?.["id"], "number");
  assert.match(String(reply.headers["npm-notice"]), /known malware installed: bad@1\.0\.0/);
  assert.deepEqual(gate.calls, ["advisories bad good @corp/private"]);
});

test("an audit that is no audit is refused, and an empty one answered", async () => {
  const gate = fakeGate(npm, { advisories: [malware] });
  const path = "POST /-/npm/v1/security/advisories/bulk";
  assert.equal((await ask(npm, gate, path, {}, "not json")).status, 400);
  assert.deepEqual(json(await ask(npm, gate, path, {}, "[]")), {});
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`x${at}`, []])));
  assert.equal((await ask(npm, gate, path, {}, many)).status, 413);
});

test("the older audit finds what is deep in the tree, at each of its places", async () => {
  const gate = fakeGate(npm, { advisories: [malware] });
  const bad = { version: "1.0.0" };
  const tree = { dependencies: { a: { version: "1.0.0", dependencies: { bad } }, bad } };
  for (const path of ["audits", "audits/quick"]) {
    const reply = json(await ask(npm, gate, `POST /-/npm/v1/security/${path}`, {}, JSON.stringify(tree)));
    const [advisory] = Object.values(reply["advisories"] as Record<string, Record<string, unknown>>);
    assert.equal(advisory?.["module_name"], "bad");
    assert.deepEqual(advisory?.["findings"], [{ version: "1.0.0", paths: ["bad", "a>bad"] }]);
    assert.equal((reply["metadata"] as Record<string, Record<string, number>>)["vulnerabilities"]?.["critical"], 1);
  }
});

test("a tree as deep as it likes is walked without recursion", async () => {
  const deep = `${'{"dependencies":{"a":'.repeat(4000)}{}${"}}".repeat(4000)}`;
  const reply = await ask(npm, fakeGate(npm, {}), "POST /-/npm/v1/security/audits", {}, deep);
  assert.equal(reply.status, 200);
});

test("keys and attestations are upstream's, and private names are not asked about", async () => {
  const asked: string[] = [];
  const upstream: NonNullable<FakeFeed["upstream"]> = (path) => {
    asked.push(path);
    return { body: Buffer.from('{"keys":[]}') };
  };
  const gate = fakeGate(npm, { ...feed, upstream });
  assert.deepEqual(json(await ask(npm, gate, "GET /-/npm/v1/keys")), { keys: [] });
  assert.equal((await ask(npm, gate, "GET /-/npm/v1/attestations/@corp%2ftool@2.0.0")).status, 200);
  assert.equal((await ask(npm, gate, "GET /-/npm/v1/attestations/@corp/tool@1.0.0")).status, 404);
  assert.equal((await ask(npm, gate, "GET /-/npm/v1/attestations/secret@1.0.0")).status, 404);
  assert.deepEqual(asked, ["-/npm/v1/keys", "-/npm/v1/attestations/@corp%2ftool@2.0.0"]);
});

test("search passes upstream's answer on with what is withheld moved or taken out", async () => {
  const names = ["@corp/tool", "unknown", "all-bad"];
  const objects = names.map((name) => ({ package: { name, version: "2.0.1" }, searchScore: 1 }));
  const upstream = () => ({ body: Buffer.from(JSON.stringify({ objects, total: 3, time: "now" })) });
  const body = Buffer.from(
    JSON.stringify({
      name: "all-bad",
      versions: { "2.0.1": { dist: { tarball: "https://u.example.invalid/a.tgz" } } },
      "dist-tags": { latest: "2.0.1" },
    }),
  );
  const projects = { ...feed.projects, "all-bad": { body, validators: {} } };
  const reply = json(
    await ask(npm, fakeGate(npm, { ...feed, projects, upstream }), "GET /-/v1/search?text=tool&size=20"),
  );
  const found = (reply["objects"] as { package: { name: string; version: string } }[]).map((one) => one.package);
  assert.deepEqual(found, [
    { name: "@corp/tool", version: "2.0.0" },
    { name: "unknown", version: "2.0.1" },
  ]);
});

test("without an upstream search finds the names that the feed knows", async () => {
  const reply = json(await ask(npm, fakeGate(npm, feed), "GET /-/v1/search?text=TOOL&size=-1&from=x"));
  assert.equal(reply["total"], 1);
  const [first] = reply["objects"] as { package: Record<string, unknown> }[];
  assert.equal(first?.package["version"], "2.0.0");
  assert.deepEqual(json(await ask(npm, fakeGate(npm, feed), "GET /-/v1/search?text=absent"))["objects"], []);
});
