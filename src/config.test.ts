import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema, limitsOf } from "./config.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

test("an empty configuration is complete", () => {
  const config = configSchema.parse({});
  assert.equal(config.port, 8321);
  assert.equal(config.policy.mode, "enforce");
  assert.equal(config.network.index_ttl, "5m");
  assert.deepEqual(limitsOf(config), DEFAULT_LIMITS);
});

test("a feed's policy has only the settings that it states, never defaults that would undo [policy]", () => {
  const config = configSchema.parse({ policy: { hold_at: 0.3 }, feeds: { team: { policy: { mode: "audit" } } } });
  assert.deepEqual(config.feeds["team"]?.policy, { mode: "audit" });
  assert.deepEqual(configSchema.parse({ feeds: { team: {} } }).feeds["team"]?.policy, {});
});

test("settings that nobody declared are refused, at every depth", () => {
  for (const typo of [{ prot: 1 }, { policy: { mod: "off" } }, { feeds: { a: { policy: { mod: "off" } } } }]) {
    assert.equal(configSchema.safeParse(typo).success, false);
  }
});

test("limits can be set one by one", () => {
  const limits = limitsOf(configSchema.parse({ limits: { holdMs: 5 } }));
  assert.equal(limits.holdMs, 5);
  assert.equal(limits.findings, DEFAULT_LIMITS.findings);
});
