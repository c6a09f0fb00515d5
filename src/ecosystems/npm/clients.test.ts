import assert from "node:assert/strict";
import { test } from "node:test";
import { showsWithheld } from "./clients.ts";

test("clients that avoid deprecated versions in ranges see withheld ones", () => {
  const yes = ["pnpm/11.28.11 npm/? node/v26.10.0 linux x64", "pnpm/12.21.0 npm/? node/? linux x64", "Bun/1.4.5"];
  for (const agent of [...yes, "got (https://github.com/sindresorhus/got)"])
    assert.equal(showsWithheld(agent), true, agent);
});

test("clients that would choose a withheld version, and unknown ones, do not see it", () => {
  const older = [
    "pnpm/10.34.9 npm/? node/v26.10.0 linux x64",
    "pnpm/11.27.0 npm/?",
    "pnpm/12.5.9",
    "Bun/1.4.2",
    "Bun/1.3.0",
  ];
  const others = [
    "yarn/1.22.22 npm/? node/v26",
    "Deno/2.9.6",
    "npm/11.19.1 node/v26.10.0",
    "",
    "curl/8",
    "pnpm/",
    "pnpm/99x",
  ];
  for (const agent of [...older, ...others]) assert.equal(showsWithheld(agent), false, agent);
});
