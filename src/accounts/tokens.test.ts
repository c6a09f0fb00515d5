import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testApp } from "../../test/support/test-app.ts";
import type { Refusal } from "../errors.ts";
import { authenticate, createToken, listTokens, looksLikeToken, newTokenSecret, revokeToken } from "./tokens.ts";

const CI = { name: "web-shop", kind: "ci", createdBy: "admin:admin" } as const;
const isRefused = (code: string) => (error: Refusal) => error.code === code;

test("a token names its owner from the moment it is made until it is revoked", async (t) => {
  const app = await testApp(t);
  const { secret } = await createToken(app, CI);
  for (let i = 0; i < 2; i++) assert.deepEqual(authenticate(app, secret.reveal()), { name: "ci:web-shop", kind: "ci" });
  await revokeToken(app, "web-shop");
  assert.equal(authenticate(app, secret.reveal()), undefined);
  await assert.rejects(revokeToken(app, "web-shop"), isRefused("NOT_FOUND"));
});

test("a token ends when it expires, also while it is remembered, and gives its name free", async (t) => {
  const app = await testApp(t);
  const { secret } = await createToken(app, { ...CI, expiresAt: app.clock() + 1_000 });
  assert.ok(authenticate(app, secret.reveal()));
  await assert.rejects(createToken(app, CI), isRefused("BAD_REQUEST"));
  app.passTime(1_000);
  assert.equal(authenticate(app, secret.reveal()), undefined);
  const next = await createToken(app, CI);
  assert.ok(authenticate(app, next.secret.reveal()));
  assert.equal(authenticate(app, secret.reveal()), undefined);
});

test("a name is refused when it is in use, malformed, or the token would have expired already", async (t) => {
  const app = await testApp(t);
  await createToken(app, CI);
  await assert.rejects(createToken(app, { ...CI, kind: "person" }), isRefused("BAD_REQUEST"));
  for (const name of ["", "a b", "ci:x", "x".repeat(65), "-x", "a\n"]) {
    await assert.rejects(createToken(app, { ...CI, name }), isRefused("BAD_REQUEST"), JSON.stringify(name));
  }
  await assert.rejects(createToken(app, { ...CI, name: "old", expiresAt: app.clock() }), isRefused("BAD_REQUEST"));
});

test("the secret is kept nowhere: not in the database, not in lists, not in logs", async (t) => {
  const app = await testApp(t);
  const { secret } = await createToken(app, CI);
  const rows = await app.database.selectFrom("tokens").selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(secret.reveal()));
  assert.ok(!JSON.stringify(await listTokens(app)).includes(secret.reveal()));
  assert.equal(JSON.stringify({ secret }), '{"secret":"[secret]"}');
  assert.equal(`${secret}`, "[secret]");
});

test("the use of a token is noted, at most every ten minutes", async (t) => {
  const app = await testApp(t);
  const { secret } = await createToken(app, CI);
  const used = async () => (await listTokens(app)).find(({ name }) => name === "web-shop")?.lastUsedAt;
  assert.equal(await used(), null);
  authenticate(app, secret.reveal());
  const first = app.clock();
  assert.equal(await used(), first);
  app.passTime(599_999);
  authenticate(app, secret.reveal());
  assert.equal(await used(), first);
  app.passTime(1);
  authenticate(app, secret.reveal());
  assert.equal(await used(), first + 600_000);
});

test("a token has a prefix and a checksum, so that scanners and typing errors are told apart from others", async (t) => {
  const app = await testApp(t);
  const text = newTokenSecret().reveal();
  assert.match(text, /^pcl_[0-9A-Za-z]{36}$/);
  assert.ok(looksLikeToken(text));
  assert.equal(authenticate(app, text), undefined);
  const wrong = text.slice(0, 10) + (text[10] === "a" ? "b" : "a") + text.slice(11);
  assert.equal(looksLikeToken(wrong), false);
});

test("no text but a token's secret authenticates", async (t) => {
  const app = await testApp(t);
  await createToken(app, CI);
  fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => authenticate(app, text) === undefined));
});
