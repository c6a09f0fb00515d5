import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../../test/support/fake-gate.ts";
import { type Refusal, refuse } from "../../errors.ts";
import type { AskRequest, Reply } from "../ecosystem.ts";
import { reasonPhrase, writeRefusal } from "./refusal.ts";

const request = (accept?: string, method = "GET"): AskRequest => ({
  method,
  params: {},
  query: {},
  header: (name) => (name === "accept" ? accept : undefined),
  body: async () => Buffer.alloc(0),
});
const write = (refusal: Refusal, accept?: string, method?: string): Reply =>
  writeRefusal(refusal, request(accept, method));
const withheld = refuse("WITHHELD", {
  sentence: "spam 1.0 is malware: <script> & \u2014 more",
  url: "http://gate.example.invalid/why/1",
});

test("a withheld file is a 403 whose reason phrase is the sentence and whose body has the address of the evidence", () => {
  const reply = write(withheld, "*/*");
  assert.equal(reply.status, 403);
  assert.equal(reply.reason, "spam 1.0 is malware: <script> & ? more");
  assert.equal(textOf(reply), "spam 1.0 is malware: <script> & \u2014 more\nhttp://gate.example.invalid/why/1\n");
  assert.equal(reply.headers["content-type"], "text/plain; charset=utf-8");
  assert.equal(reply.headers["cache-control"], "no-store");
});

test("the body is JSON or HTML where the client asks for it, with nothing of the package unescaped", () => {
  const json = JSON.parse(textOf(write(withheld, "application/vnd.pypi.simple.v1+json")));
  assert.partialDeepStrictEqual(json, {
    code: "WITHHELD",
    message: withheld.message,
    details_url: "http://gate.example.invalid/why/1",
  });
  const html = textOf(write(withheld, "text/html,*/*;q=0.8"));
  assert.ok(html.includes("spam 1.0 is malware: &lt;script&gt; &amp; &#8212; more"));
});

test("reason phrases are one line of printable ASCII, cut between words at 120 characters", () => {
  assert.equal(reasonPhrase("a\r\nSet-Cookie: x\u0000\u001b[1m\u00e9"), "a Set-Cookie: x??[1m?");
  const long = reasonPhrase("word ".repeat(100));
  assert.ok(long.length <= 120 && long.endsWith("word..."), long);
  assert.equal(reasonPhrase("x".repeat(500)).length, 120);
});

test("a file that is being inspected is a 503 that says when to come back", () => {
  const reply = write(refuse("BEING_INSPECTED", { filename: "spam-1.0.tar.gz", seconds: 7 }, 7));
  assert.equal(reply.status, 503);
  assert.equal(reply.headers["retry-after"], "7");
  assert.match(reply.reason ?? "", /about 7 s left/);
  assert.equal(write(refuse("BEING_INSPECTED", { filename: "x", seconds: 0.2 })).headers["retry-after"], "1");
});

test("upstream trouble is a 502 and never looks like not found", () => {
  const reply = write(
    refuse("UPSTREAM_UNAVAILABLE", { upstream: "pypi", what: "spam", why: "it answered 500" }, 30),
    "application/vnd.pypi.simple.v1+json",
  );
  assert.equal(reply.status, 502);
  assert.match(reply.reason ?? "", /did not give a usable answer/);
  assert.equal(reply.headers["retry-after"], undefined, "pip would sleep five times and say nothing");
});

test("not found is a 404 in JSON with a message, as the JSON API has it", () => {
  const reply = write(refuse("PROJECT_NOT_FOUND", { name: "spam", feed: "default" }), "application/json");
  assert.equal(reply.status, 404);
  assert.equal(JSON.parse(textOf(reply)).message, "spam is not known on the feed default");
});

test("a missing token asks for one in the way that installers understand", () => {
  assert.equal(write(refuse("TOKEN_REQUIRED")).headers["www-authenticate"], 'Basic realm="Portcullis"');
});

test("an upload is refused with a status that twine does not repeat five times", () => {
  assert.equal(write(refuse("UNSUPPORTED", { what: "Uploading" }), "*/*", "POST").status, 403);
  assert.equal(write(refuse("UNSUPPORTED", { what: "This" })).status, 501);
});

test("a refused upload has the sentence where uv prints it", () => {
  const reply = write(refuse("UNSUPPORTED", { what: "Uploading" }), "application/json;q=0.9, text/plain;q=0.8", "POST");
  assert.equal(JSON.parse(textOf(reply)).code, "403 Uploading is not supported");
});
