import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "../../test/support/run-command.ts";
import { testGate } from "../../test/support/test-gate.ts";
import { rememberRelease } from "../tracking/known-releases.ts";
import { campaigns } from "./campaigns.ts";

test("campaigns are listed with what their releases have in common, as a table and as JSON", async (context) => {
  const gate = await testGate(context);
  const run = (...args: readonly string[]) =>
    runCommand(campaigns, "campaigns", ...args, "--url", gate.url, "--data", gate.app.config.data);
  assert.equal((await run()).stdout, "No two releases belong together.\n");
  for (const [ecosystem, name] of [
    ["npm", "odd-one"],
    ["pypi", "odd-two"],
  ] as const)
    await rememberRelease(gate.app, {
      ecosystem,
      name,
      version: "1.0",
      filename: `${name}-1.0.tgz`,
      sha256: name,
      own: "malicious",
      word: "malicious",
      print: { files: [], indicators: ["host:evil.example.invalid"] },
      culprits: [],
    });
  const { stdout } = await run();
  assert.match(
    stdout,
    /^ *1 +2 +2026-01-15 12:00Z .*pypi:odd-two@1\.0, npm:odd-one@1\.0 +host:evil\.example\.invalid/m,
  );
  const told = JSON.parse((await run("--json", "--limit", "1")).stdout);
  assert.deepEqual(told.campaigns[0].ecosystems, ["npm", "pypi"]);
  assert.equal((await run("--limit", "0")).code, 64);
});
