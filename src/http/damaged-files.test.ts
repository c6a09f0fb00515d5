import assert from "node:assert/strict";
import { rm, truncate, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { testGate } from "../../test/support/test-gate.ts";
import { sha256Hex } from "../lib/digest.ts";

const FILE = "/npm/plain/-/plain-1.0.0.tgz";
const BYTES = npmTarball({ name: "plain", version: "1.0.0", files: { "index.js": "module.exports = 1;\n" } });
const SHA256 = sha256Hex(BYTES);

/** A gate that has the file and was asked for it, and where it keeps it. */
async function served(context: Parameters<typeof testGate>[0], method = "GET") {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "plain", { "1.0.0": BYTES });
  const first = await fetch(gate.url + FILE, { method });
  assert.equal(first.status, 200);
  await first.arrayBuffer();
  return { gate, path: (await gate.app.blobs.locate(SHA256, BYTES.length))!.path };
}

for (const [what, method, damage] of [
  ["overwritten", "GET", (path: string) => writeFile(path, Buffer.alloc(BYTES.length))],
  ["cut off", "GET", (path: string) => truncate(path, 10)],
  // One that was sent stays open, and can be sent although it is gone.
  ["gone", "HEAD", (path: string) => rm(path)],
] as const) {
  test(`a stored file that is ${what} is fetched again within the request that meets it`, async (context) => {
    const { gate, path } = await served(context, method);
    await damage(path);
    const answer = await gate.get(FILE);
    assert.equal(answer.status, 200);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), BYTES);
    assert.equal(gate.upstream.count(FILE), 2);
  });
}

test("a damaged file that upstream does not give again is a refusal with the reason", async (context) => {
  const { gate, path } = await served(context);
  await truncate(path, 10);
  gate.upstream.say(FILE, { status: 503, body: "later" });
  const answer = await gate.get(FILE);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /it answered 503/);
});
