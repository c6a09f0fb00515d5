import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { readFrame, readPortions, writeFrame } from "./frames.ts";

function inChunks(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += size) chunks.push(bytes.subarray(offset, offset + size));
  return Readable.from(chunks, { objectMode: true });
}

test("frames and raw bytes between them arrive whole, however the stream cuts them", async () => {
  const stream = Buffer.concat([writeFrame({ a: "ä" }), Buffer.from("raw"), writeFrame([1])]);
  for (const size of [1, 3, 7, 100]) {
    const reader = readPortions(inChunks(stream, size));
    assert.deepEqual(await readFrame(reader, 100), { document: { a: "ä" } });
    assert.equal((await reader.take(3))?.toString(), "raw");
    assert.deepEqual(await readFrame(reader, 100), { document: [1] });
    assert.equal(await readFrame(reader, 100), undefined);
  }
});

test("a frame over the bound is refused by its length, before its bytes are read", async () => {
  const reader = readPortions(Readable.from([Buffer.from([0xff, 0xff, 0xff, 0xff])], { objectMode: true }));
  await assert.rejects(readFrame(reader, 1_000), RangeError);
});

test("a stream that ends within a frame gives no frame", async () => {
  const reader = readPortions(inChunks(writeFrame({ a: 1 }).subarray(0, 6), 2));
  assert.equal(await readFrame(reader, 100), undefined);
});
