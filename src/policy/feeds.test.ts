import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "../config.ts";
import { openFeeds, originOf } from "./feeds.ts";
import { purlOf, readRule, ruleMatches } from "./rules.ts";

const upstream = (name: string, names?: string[]) => ({
  name,
  ecosystem: "npm" as const,
  url: `https://${name}.example.invalid/`,
  ...(names && { names }),
});

test("every name has one origin: the most specific pattern wins and private names have no upstream", () => {
  const feeds = openFeeds(
    configSchema.parse({
      upstreams: [upstream("public"), upstream("partner", ["@partner/*", "partner-*"])],
      private: { npm: ["@corp/*", "partner-secret"] },
    }),
  );
  const feed = feeds.get("default", "npm");
  const origin = (name: string) => originOf(feed, name)?.upstream?.name ?? "hosted";
  assert.equal(origin("left-pad"), "public");
  assert.equal(origin("@partner/x"), "partner");
  assert.equal(origin("partner-tools"), "partner");
  assert.equal(origin("@corp/x"), "hosted");
  assert.equal(origin("partner-secret"), "hosted");
});

test("two origins for the same names are a configuration error", () => {
  const config = configSchema.parse({ upstreams: [upstream("one"), upstream("two")] });
  assert.throws(() => openFeeds(config), /two origins, one and two/);
});

test("a named feed changes only what it says", () => {
  const feeds = openFeeds(
    configSchema.parse({ policy: { cooldown: "3d" }, feeds: { strict: { policy: { hold_at: 0.2 } } } }),
  );
  const strict = feeds.get("strict", "pypi");
  assert.equal(strict.policy.cooldown, "3d");
  assert.equal(strict.policy.hold_at, 0.2);
  assert.notEqual(strict.policyHash, feeds.get("default", "pypi").policyHash);
  assert.throws(() => feeds.get("nowhere", "pypi"), /no feed nowhere/);
});

test("rules are purls with an optional range; names are normalised as their ecosystem does", () => {
  const matches = (rule: string, ecosystem: "npm" | "pypi" | "nuget", name: string, version: string) =>
    ruleMatches(readRule(rule), ecosystem, name, version);
  assert.ok(matches("pkg:pypi/Django@>=4,<4.2.1", "pypi", "django", "4.2"));
  assert.ok(!matches("pkg:pypi/Django@>=4,<4.2.1", "pypi", "django", "4.2.1"));
  assert.ok(matches("pkg:npm/%40scope/name@^1.0", "npm", "@scope/name", "1.9.0"));
  assert.ok(matches("pkg:npm/@scope/*", "npm", "@scope/name", "1.9.0"));
  assert.ok(!matches("pkg:npm/@scope/*", "npm", "@scoped/name", "1.9.0"));
  assert.ok(matches("pkg:nuget/Newtonsoft.Json@[12.0,13.0)", "nuget", "newtonsoft.json", "12.0.3"));
  for (const bad of [
    "left-pad",
    "pkg:gem/rails",
    "pkg:npm/",
    "pkg:npm/..%2fx",
    "pkg:npm/x@^^1",
    "pkg:pypi/x@>=a,,",
    "pkg:nuget/x@[1.0,",
  ])
    assert.throws(() => readRule(bad), bad);
});

test("purls are written canonically", () => {
  assert.equal(purlOf("npm", "@scope/name", "1.0.0"), "pkg:npm/%40scope/name@1.0.0");
  assert.equal(purlOf("pypi", "django"), "pkg:pypi/django");
});
