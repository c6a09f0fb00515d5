import assert from "node:assert/strict";
import { test } from "node:test";
import { testApp } from "../../test/support/test-app.ts";
import type { Refusal } from "../errors.ts";
import { ANONYMOUS, identify, readCredential, requireAdmin } from "./credentials.ts";
import { createToken } from "./tokens.ts";

const headers = (all: Record<string, string>) => (name: string) => all[name];
const basic = (pair: string) => headers({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });

test("a secret is read from Bearer, from Basic as password or as user name, and from X-NuGet-ApiKey", () => {
  assert.equal(readCredential(headers({ authorization: "Bearer pcl_x" })), "pcl_x");
  assert.equal(readCredential(headers({ authorization: "bearer  pcl_x " })), "pcl_x");
  assert.equal(readCredential(basic("__token__:pcl_x")), "pcl_x");
  assert.equal(readCredential(basic("anyone:with:colons")), "with:colons");
  assert.equal(readCredential(basic("pcl_x:")), "pcl_x");
  assert.equal(readCredential(basic("pcl_x")), "pcl_x");
  assert.equal(readCredential(headers({ "x-nuget-apikey": " pcl_x " })), "pcl_x");
});

test("no credential is anonymous, an unreadable one is refused and never anonymous", async (t) => {
  const app = await testApp(t);
  assert.equal(readCredential(headers({})), undefined);
  assert.equal(identify(app, headers({})), ANONYMOUS);
  for (const authorization of ["", "Bearer", "Bearer a b", "Digest x", "pcl_x", "Basic ???", "Basic Og=="]) {
    const refused = (error: Refusal) => error.code === "TOKEN_INVALID";
    assert.throws(() => identify(app, headers({ authorization })), refused, authorization);
  }
});

test("whoever has a token is who the token says, whatever user name is sent along", async (t) => {
  const app = await testApp(t);
  const { secret } = await createToken(app, { name: "ada", kind: "person", createdBy: "admin:admin" });
  assert.deepEqual(identify(app, basic(`root:${secret.reveal()}`)), { name: "person:ada", kind: "person" });
});

test("only administrators change something", () => {
  requireAdmin({ name: "admin:admin", kind: "admin" }, "revoke tokens");
  const code = (wanted: string) => (error: Refusal) => error.code === wanted;
  assert.throws(() => requireAdmin(ANONYMOUS, "revoke tokens"), code("TOKEN_REQUIRED"));
  assert.throws(() => requireAdmin({ name: "ci:x", kind: "ci" }, "revoke tokens"), code("FORBIDDEN"));
});
