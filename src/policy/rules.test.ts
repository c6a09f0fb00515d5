import assert from "node:assert/strict";
import { test } from "node:test";
import type { EcosystemId } from "../catalog/model.ts";
import { readRule, ruleMatches } from "./rules.ts";

test("a rule that names one version means no other, NuGet's notation for 'at least' included", () => {
  const cases: readonly [EcosystemId, string, readonly string[], readonly string[]][] = [
    ["nuget", "1.0", ["1.0.0", "1.0", "1.0.0.0"], ["1.0.1", "2.0.0", "1.0.0-beta", "1.0.0.1"]],
    ["nuget", "1.0.0-Beta", ["1.0.0-beta"], ["1.0.0", "1.0.0-gamma"]],
    ["nuget", "[1.0,2.0)", ["1.0.0", "1.9.9"], ["2.0.0"]],
    ["nuget", "1.0||[3.0,)", ["1.0.0", "3.1.0"], ["2.0.0"]],
    ["npm", "1.0.0", ["1.0.0"], ["1.0.1", "1.0.0-rc.1", "2.0.0"]],
    ["pypi", "1.0", ["1.0", "1.0.0"], ["1.0.1", "1.0.post1", "1.0rc1"]],
  ];
  for (const [ecosystem, range, inside, outside] of cases) {
    const rule = readRule(`pkg:${ecosystem}/some@${range}`);
    for (const version of inside) assert.ok(ruleMatches(rule, ecosystem, "some", version), `${version} is ${range}`);
    for (const version of outside)
      assert.ok(!ruleMatches(rule, ecosystem, "some", version), `${version} is not ${range} (${ecosystem})`);
  }
});
