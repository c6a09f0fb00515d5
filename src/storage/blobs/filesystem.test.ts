import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../../test/support/folders.ts";
import { mayMount, smallDisk } from "../../../test/support/small-disk.ts";
import type { Refusal } from "../../errors.ts";
import { openFilesystemBlobs } from "./filesystem.ts";

async function open() {
  const folder = temporaryFolder();
  const corrupt: string[] = [];
  const blobs = await openFilesystemBlobs({ folder, onCorrupt: (sha256) => corrupt.push(sha256) });
  return {
    folder,
    blobs,
    corrupt,
    path: (sha256: string) => join(folder, "blobs", sha256.slice(0, 2), sha256.slice(2)),
  };
}

test("a blob whose bytes changed on disk is moved aside, told of, never returned, and can be fetched again", async () => {
  const { folder, blobs, corrupt, path } = await open();
  const sha256 = await blobs.put(Buffer.from("right"));
  await writeFile(path(sha256), "wrong");
  assert.equal(await blobs.read(sha256), undefined);
  assert.deepEqual(corrupt, [sha256]);
  assert.equal((await readdir(join(folder, "corrupt"))).length, 1);
  assert.equal(await blobs.locate(sha256, 5), undefined);
  await blobs.put(Buffer.from("right"));
  assert.equal((await blobs.read(sha256))?.toString(), "right");
});

test("a blob that was cut short is not located by the next process, and putting it again repairs it", async () => {
  const { folder, blobs, path } = await open();
  const sha256 = await blobs.put(Buffer.from("whole bytes"));
  await truncate(path(sha256), 3);
  const next = await openFilesystemBlobs({ folder });
  assert.equal(await next.locate(sha256, 11), undefined);
  await next.put(Buffer.from("whole bytes"));
  assert.equal((await next.read(sha256))?.toString(), "whole bytes");
});

test("a blob that was written to since it was complete is read again before it is located", async () => {
  const { folder, blobs, corrupt, path } = await open();
  const sha256 = await blobs.put(Buffer.from("right"));
  await writeFile(path(sha256), "right");
  const next = await openFilesystemBlobs({ folder, onCorrupt: (damaged) => corrupt.push(damaged) });
  assert.equal((await next.locate(sha256, 5))?.size, 5, "it is what it was");
  await writeFile(path(sha256), "wrong");
  assert.equal((await next.locate(sha256, 5))?.size, 5, "remembered");
  next.recheck(sha256);
  assert.equal(await next.locate(sha256, 5), undefined);
  assert.deepEqual(corrupt, [sha256]);
});

test("a blob that is said to be damaged is read again even when its time of writing says that nobody touched it", async () => {
  const { blobs, corrupt, path } = await open();
  const sha256 = await blobs.put(Buffer.from("right"));
  const { atime, mtime } = await stat(path(sha256));
  await writeFile(path(sha256), "wrong");
  await utimes(path(sha256), atime, mtime);
  assert.equal((await blobs.locate(sha256, 5))?.size, 5, "the disk changed it behind our back");
  blobs.recheck(sha256);
  assert.equal(await blobs.locate(sha256, 5), undefined);
  assert.deepEqual(corrupt, [sha256]);
});

// Reading this file at its beginning is an input/output error, as that of a disk which lost a block.
const LOST_BYTES = "/proc/self/mem";
const losesBytes = { skip: !existsSync(LOST_BYTES) && "only Linux has a file that cannot be read" };

test("a blob that the disk no longer gives is moved aside and counts as absent", losesBytes, async () => {
  const { folder, blobs, corrupt, path } = await open();
  const sha256 = await blobs.put(Buffer.alloc(0));
  await rm(path(sha256));
  await symlink(LOST_BYTES, path(sha256));
  assert.equal(await blobs.locate(sha256, 0), undefined);
  assert.equal(await blobs.read(sha256), undefined);
  assert.deepEqual(corrupt, [sha256]);
  await symlink(LOST_BYTES, path(sha256));
  assert.equal(await blobs.read(sha256), undefined);
  assert.deepEqual(corrupt, [sha256, sha256]);
  assert.equal((await readdir(join(folder, "corrupt"))).length, 2);
  await blobs.put(Buffer.alloc(0));
  assert.equal((await blobs.read(sha256))?.length, 0);
});

test("a folder that somebody removed is made again", async () => {
  const { blobs, path } = await open();
  const sha256 = await blobs.put(Buffer.from("right"));
  await rm(dirname(path(sha256)), { recursive: true });
  assert.equal(await blobs.put(Buffer.from("right")), sha256);
  assert.equal((await blobs.read(sha256))?.toString(), "right");
});

test("what an earlier process left unfinished is cleared on opening", async () => {
  const { folder, blobs } = await open();
  const receiver = await blobs.receive();
  await receiver.write(Buffer.from("unfinished"));
  assert.equal((await readdir(join(folder, "tmp"))).length, 1);
  await openFilesystemBlobs({ folder });
  assert.deepEqual(await readdir(join(folder, "tmp")), []);
  await receiver.abort();
});

test("after commits and aborts nothing is left in the folder for unfinished files", async () => {
  const { folder, blobs } = await open();
  await blobs.put(Buffer.from("a"));
  const committed = await blobs.receive();
  await committed.commit();
  await (await blobs.receive()).abort();
  assert.deepEqual(await readdir(join(folder, "tmp")), []);
});

test("folders are for their owner only", { skip: process.platform === "win32" }, async () => {
  const { folder } = await open();
  for (const name of ["blobs", "tmp", "corrupt"]) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o700);
});

test("a disk without room is refused as DISK_FULL, leaves nothing unfinished and keeps what was there", {
  skip: !mayMount,
}, async (t) => {
  const folder = await smallDisk(t, 2);
  if (folder === undefined) return t.skip("mounting is not allowed here");
  const blobs = await openFilesystemBlobs({ folder });
  const kept = await blobs.put(Buffer.from("kept"));
  const full = (error: Refusal) => error.code === "DISK_FULL";
  await assert.rejects(blobs.put(randomBytes(3 << 20)), full);
  const receiver = await blobs.receive();
  const fill = async () => {
    for (let i = 0; i < 100; i++) await receiver.write(randomBytes(64 << 10));
  };
  await assert.rejects(fill(), full);
  assert.deepEqual(await readdir(join(folder, "tmp")), []);
  assert.equal((await blobs.read(kept))?.toString(), "kept");
  await blobs.put(Buffer.from("room again"));
});
