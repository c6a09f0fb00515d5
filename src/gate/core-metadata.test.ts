import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { wheel } from "../../test/support/archives.ts";
import { maliciousWheel, type PypiFile, publishPypi, pureWheel } from "../../test/support/publish-pypi.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";

/** What an upstream offers that knows no metadata files. */
const bare = ({ metadata: _, ...file }: PypiFile): PypiFile => file;
const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

interface Listed {
  readonly filename: string;
  readonly "core-metadata": false | { readonly sha256: string };
}

async function announced(gate: TestGate, name: string): Promise<Record<string, Listed["core-metadata"]>> {
  const answer = await gate.get(`/pypi/simple/${name}/`, { accept: "application/vnd.pypi.simple.v1+json" });
  const { files } = (await answer.json()) as { files: Listed[] };
  return Object.fromEntries(files.map((file) => [file.filename, file["core-metadata"]]));
}

test("a wheel's metadata is offered with its digest from its inspection on, where upstream has none", async (context) => {
  const gate = await testGate(context);
  const file = pureWheel("plain", "1.0", "VALUE = 1\n", ["other>=2"]);
  publishPypi(gate.upstream, "plain", [bare(file)]);
  const path = `/pypi/files/plain/${file.filename}`;
  assert.deepEqual(await announced(gate, "plain"), { [file.filename]: false });
  assert.equal((await gate.get(`${path}.metadata`)).status, 404);
  assert.equal((await gate.get(path)).status, 200);
  assert.deepEqual(await announced(gate, "plain"), { [file.filename]: { sha256: sha256(file.metadata!) } });
  assert.match(
    await (await gate.get("/pypi/simple/plain/", { accept: "text/html" })).text(),
    new RegExp(`data-core-metadata="sha256=${sha256(file.metadata!)}"`),
  );
  const answer = await gate.get(`${path}.metadata`);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), file.metadata);
  assert.equal(gate.upstream.count(`/pypi-files/${file.filename}.metadata`), 0);
});

test("what upstream offers itself stays upstream's", async (context) => {
  const gate = await testGate(context);
  const file = pureWheel("plain", "1.0", "VALUE = 1\n");
  publishPypi(gate.upstream, "plain", [file]);
  assert.equal((await gate.get(`/pypi/files/plain/${file.filename}`)).status, 200);
  assert.equal((await gate.get(`/pypi/files/plain/${file.filename}.metadata`)).status, 200);
  assert.equal(gate.upstream.count(`/pypi-files/${file.filename}.metadata`), 1);
});

test("metadata of a withheld wheel is neither announced nor served", async (context) => {
  const gate = await testGate(context);
  const file = bare(maliciousWheel("evil", "1.0"));
  publishPypi(gate.upstream, "evil", [file]);
  const path = `/pypi/files/evil/${file.filename}`;
  assert.equal((await gate.get(path)).status, 403);
  const pip = { accept: "application/vnd.pypi.simple.v1+json", "user-agent": "pip/26.3" };
  assert.match(await (await gate.get("/pypi/simple/evil/", pip)).text(), /"core-metadata":false/);
  assert.equal((await gate.get(`${path}.metadata`)).status, 403);
});

test("a wheel in which two readers might find different metadata, or too much of it, gets none", async (context) => {
  const gate = await testGate(context);
  const build = (version: string, files: Record<string, string>, metadata?: string): PypiFile => ({
    filename: `odd-${version}-py3-none-any.whl`,
    version,
    bytes: wheel({ name: "odd", version, files: { "odd.py": "", ...files }, ...(metadata && { metadata }) }),
  });
  const head = (version: string) => `Metadata-Version: 2.1\nName: odd\nVersion: ${version}\n`;
  const two = build("1.0", { "odd-1.1.dist-info/METADATA": head("1.1") });
  const large = build("2.0", {}, `${head("2.0")}\n${"text ".repeat(200_000)}`);
  publishPypi(gate.upstream, "odd", [two, large]);
  for (const { filename } of [two, large]) await gate.get(`/pypi/files/odd/${filename}`);
  const rows = await gate.app.database.selectFrom("inspections").select("filename").execute();
  assert.equal(rows.length, 2);
  const said = await announced(gate, "odd");
  assert.deepEqual(
    Object.values(said),
    Object.values(said).map(() => false),
  );
});

test("a metadata file whose bytes are gone is announced no more", async (context) => {
  const gate = await testGate(context);
  const file = bare(pureWheel("plain", "1.0", "VALUE = 1\n"));
  publishPypi(gate.upstream, "plain", [file]);
  const path = `/pypi/files/plain/${file.filename}`;
  assert.equal((await gate.get(path)).status, 200);
  const listed = (await announced(gate, "plain"))[file.filename];
  assert.ok(listed);
  await gate.app.blobs.delete(listed.sha256);
  assert.equal((await gate.get(`${path}.metadata`)).status, 404);
  assert.deepEqual(await announced(gate, "plain"), { [file.filename]: false });
  assert.equal((await gate.get(path)).status, 200);
});
