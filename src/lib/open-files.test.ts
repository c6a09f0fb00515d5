import assert from "node:assert/strict";
import { mkdtempSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openFile } from "./open-files.ts";

test("a file in use stays open although hundreds of others are opened after it", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "open-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const paths = Array.from({ length: 600 }, (_, index) => join(folder, String(index)));
  for (const path of paths) writeFileSync(path, path);
  const held = await openFile(paths[0]!);
  for (const path of paths.slice(1)) (await openFile(path)).release();
  const bytes = Buffer.alloc(paths[0]!.length);
  readSync(held.fd, bytes, 0, bytes.length, 0);
  assert.equal(bytes.toString(), paths[0]);
  held.release();
  const again = await openFile(paths[0]!);
  readSync(again.fd, bytes, 0, bytes.length, 0);
  assert.equal(bytes.toString(), paths[0]);
  again.release();
});

test("a file that is not there is told by the system's error, and can be opened once it is", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "open-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "late");
  await assert.rejects(openFile(path), { code: "ENOENT" });
  writeFileSync(path, "here");
  (await openFile(path)).release();
});

test("a file whose reading failed is opened anew by whoever comes next", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "open-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a");
  writeFileSync(path, "a");
  const first = await openFile(path);
  first.forget();
  const second = await openFile(path);
  assert.notEqual(second.fd, first.fd);
  first.release();
  second.release();
});
