import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { temporaryFolder } from "../../../test/support/folders.ts";
import type { Blobs } from "./blobs.ts";
import { openFilesystemBlobs } from "./filesystem.ts";

/** What every driver of the blob store promises. A new driver adds a line. */
const DRIVERS: readonly { name: string; open: () => Promise<Blobs> }[] = [
  { name: "filesystem", open: () => openFilesystemBlobs({ folder: temporaryFolder() }) },
];

const hex = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");

for (const { name, open } of DRIVERS) {
  test(`${name}: bytes come back under their sha256, also none at all and many`, async () => {
    const blobs = await open();
    for (const bytes of [Buffer.from("hello"), Buffer.alloc(0), randomBytes(5 << 20)]) {
      const sha256 = await blobs.put(bytes);
      assert.equal(sha256, hex("sha256", bytes));
      assert.deepEqual(await blobs.read(sha256), bytes);
    }
  });

  test(`${name}: what is not there is undefined, and deleting it is no error`, async () => {
    const blobs = await open();
    const sha256 = "0".repeat(64);
    assert.equal(await blobs.read(sha256), undefined);
    assert.equal(await blobs.locate(sha256, 5), undefined);
    await blobs.delete(sha256);
  });

  test(`${name}: a name that is no sha256 never becomes a path`, async () => {
    const blobs = await open();
    for (const bad of ["", "../../etc/passwd", "A".repeat(64), `${"0".repeat(62)}/x`]) {
      await assert.rejects(blobs.read(bad), TypeError);
      await assert.rejects(blobs.locate(bad, 1), TypeError);
      await assert.rejects(blobs.delete(bad), TypeError);
    }
  });

  test(`${name}: many puts and receives of the same bytes at once all succeed`, async () => {
    const blobs = await open();
    const bytes = randomBytes(300_000);
    const receive = async () => {
      const receiver = await blobs.receive();
      for (let i = 0; i < bytes.length; i += 70_000) await receiver.write(bytes.subarray(i, i + 70_000));
      return (await receiver.commit()).sha256;
    };
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? receive() : blobs.put(bytes))));
    assert.deepEqual(new Set(all), new Set([hex("sha256", bytes)]));
    assert.deepEqual(await blobs.read(all[0]!), bytes);
  });

  test(`${name}: a received stream has all four digests and its size`, async () => {
    const blobs = await open();
    const receiver = await blobs.receive();
    await receiver.write(Buffer.from("hello "));
    await receiver.write(Buffer.from("world"));
    const whole = Buffer.from("hello world");
    assert.deepEqual(await receiver.commit(), {
      sha256: hex("sha256", whole),
      sha512: hex("sha512", whole),
      sha1: hex("sha1", whole),
      md5: hex("md5", whole),
      size: 11,
    });
    assert.deepEqual(await blobs.read(hex("sha256", whole)), whole);
  });

  test(`${name}: an aborted stream leaves nothing, can be aborted twice and not written to`, async () => {
    const blobs = await open();
    const receiver = await blobs.receive();
    await receiver.write(Buffer.from("half"));
    await receiver.abort();
    await receiver.abort();
    await assert.rejects(receiver.write(Buffer.from("x")), TypeError);
    await assert.rejects(receiver.commit(), TypeError);
    assert.equal(await blobs.read(hex("sha256", Buffer.from("half"))), undefined);
  });

  test(`${name}: a location gives the bytes; another size than recorded gives none`, async () => {
    const blobs = await open();
    const bytes = Buffer.from("some bytes");
    const sha256 = await blobs.put(bytes);
    for (let i = 0; i < 2; i++) {
      const location = await blobs.locate(sha256, bytes.length);
      assert.equal(location?.size, bytes.length);
      assert.deepEqual(await readFile(location!.path), bytes);
      assert.equal(await blobs.locate(sha256, bytes.length + 1), undefined);
    }
  });

  test(`${name}: a deleted blob is gone and can be put again`, async () => {
    const blobs = await open();
    const sha256 = await blobs.put(Buffer.from("again"));
    await blobs.delete(sha256);
    assert.equal(await blobs.locate(sha256, 5), undefined);
    assert.equal(await blobs.read(sha256), undefined);
    await blobs.put(Buffer.from("again"));
    assert.equal((await blobs.read(sha256))?.toString(), "again");
  });
}
