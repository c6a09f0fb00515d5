import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type TarMember, tarOf } from "../../../test/support/archives.ts";
import { mutantsOf } from "../../../test/support/mutants.ts";
import { type Archive, type ArchiveBounds, ArchiveRefused } from "./archive.ts";
import { openBudget } from "./budget.ts";
import { packedOf } from "./packed.ts";
import { passArchive, readArchive } from "./read.ts";
import { readTar, readTarParts, type Tar } from "./tar.ts";
import type { Passing } from "./tar-content.ts";

const BOUNDS: ArchiveBounds = { entries: 100, unpackedBytes: 1 << 20, ratio: 100, ratioFrom: 1 << 18, pathLength: 200 };
const MEMBERS: readonly TarMember[] = [
  { path: "pkg/a.node", bytes: "library ".repeat(90), pax: { path: "pkg/é.node", mtime: "1" } },
  { path: "pkg/./é.node", bytes: "library ".repeat(90) },
  { path: `pkg/${"long/".repeat(30)}x`, bytes: "x".repeat(600) },
  { path: "pkg/", type: "5" },
  { path: "pkg/empty" },
  { path: "pkg/same", type: "1", linkName: "pkg/é.node" },
  { path: "pkg/link", type: "2", linkName: "é.node" },
];
const TAR = tarOf(MEMBERS);
/** Members whose name ends with `.node` are not held. */
const PASSING: Passing = {
  head: 16,
  over: (path) => (path.endsWith(".node") ? { look() {}, done() {} } : undefined),
};

/** What readers must agree on: each entry with the digest of its whole content, or why there is none. */
function outcome(read: () => Pick<Archive, "entries" | "links"> & Partial<Tar & Archive>): unknown {
  try {
    const { entries, links, endMark, ignored } = read();
    const files = entries.map(({ path, mode, bytes, large }) => {
      assert.ok(large === undefined || bytes.length <= PASSING.head);
      const sha256 = large?.sha256 ?? createHash("sha256").update(bytes).digest("hex");
      return [path, mode, large?.size ?? bytes.length, sha256];
    });
    return { files, links, endMark, ignored };
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error;
    return [error.problem, error.message, error.path];
  }
}

function inParts(bytes: Buffer, sizes: readonly number[]): Tar {
  const reader = readTarParts(openBudget(BOUNDS, bytes.length), PASSING);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    reader.take(bytes.subarray(at, at + size));
    at += size;
  }
  return reader.close();
}

test("a tar that comes in parts gives what it gives as a whole, however it is damaged and cut", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(mutantsOf(TAR), sizes, (bytes, cuts) => {
      const whole = outcome(() => readTar(bytes, openBudget(BOUNDS, bytes.length)));
      assert.deepEqual(
        outcome(() => inParts(bytes, cuts)),
        whole,
      );
    }),
    { numRuns: 1500 },
  );
});

async function agree(bytes: Buffer): Promise<unknown> {
  const held = outcome(() => {
    const archive = readArchive(bytes, openBudget(BOUNDS, bytes.length));
    if (archive.format === "gz") throw new ArchiveRefused("corrupt", "The gzip stream holds no tar");
    return archive;
  });
  const passed = await passArchive(packedOf(bytes), openBudget(BOUNDS, bytes.length), PASSING).then(
    (archive) => outcome(() => archive),
    (error) =>
      outcome(() => {
        throw error;
      }),
  );
  assert.deepEqual(passed, held);
  return passed;
}

test("a tar in a gzip stream that comes in parts gives what it gives as a whole, however it is damaged", async () => {
  const seed = gzipSync(TAR);
  const archives = mutantsOf(seed).filter((bytes) => bytes.subarray(0, 3).equals(seed.subarray(0, 3)));
  await fc.assert(
    fc.asyncProperty(archives, async (bytes) => void (await agree(bytes))),
    { numRuns: 400 },
  );
});

test("a gzip stream that comes in parts is read alike wherever it is cut off and whatever follows it", async () => {
  const stream = gzipSync(TAR);
  const cut = Buffer.concat([stream.subarray(0, 10), Buffer.alloc(3)]);
  assert.deepEqual(await agree(cut), ["truncated", "The gzip stream ends too early", undefined]);
  for (const length of [18, 40, stream.length - 9, stream.length - 8, stream.length - 1]) {
    const [problem] = (await agree(stream.subarray(0, length))) as string[];
    assert.equal(problem, "truncated", `${length}`);
  }
  const noise = Buffer.alloc(5 << 20, "left over");
  const tails = {
    nothing: "",
    zeros: Buffer.alloc(3 << 20),
    noise,
    zerosAndNoise: Buffer.concat([Buffer.alloc(700_000), noise]),
  };
  for (const [what, tail] of Object.entries(tails)) {
    const read = (await agree(Buffer.concat([stream, Buffer.from(tail as Buffer)]))) as { files: unknown[] };
    assert.equal(read.files?.length, 5, what);
  }
  const other = gzipSync(tarOf([{ path: "b", bytes: "second" }]));
  assert.deepEqual(((await agree(Buffer.concat([stream, other]))) as string[])[0], "ambiguous");
  assert.ok("files" in ((await agree(Buffer.concat([stream, stream]))) as object));
  const open = gzipSync(tarOf(MEMBERS, Buffer.alloc(0)));
  assert.deepEqual(((await agree(Buffer.concat([open, noise]))) as string[])[1], "Something follows the gzip stream");
  const long = Buffer.concat([
    stream.subarray(0, 3),
    Buffer.from([8]),
    stream.subarray(4, 10),
    Buffer.alloc(2 << 20, "n"),
  ]);
  assert.deepEqual(((await agree(long)) as string[])[0], "too-large");
});

test("what is no tar, and what unpacks to more than the budget, is refused in parts as it is as a whole", async () => {
  assert.equal(((await agree(gzipSync("text".repeat(300)))) as string[])[1], "The gzip stream holds no tar");
  assert.equal(((await agree(gzipSync(Buffer.alloc(2048)))) as string[])[1], "The gzip stream holds no tar");
  const bomb = tarOf([{ path: "pkg/a.node", bytes: Buffer.alloc(1 << 19) }]);
  assert.equal(((await agree(gzipSync(bomb))) as string[])[0], "bomb");
  const zipAsWell = Buffer.concat([gzipSync(TAR), Buffer.from(`PK\x05\x06${"\0".repeat(18)}`, "latin1")]);
  assert.equal(((await agree(zipAsWell)) as string[])[1], "The file is a zip as well");
});

test("members that are held are refused beyond the bound of what is held, those that pass are not", () => {
  const bytes = tarOf([
    { path: "pkg/a.node", bytes: Buffer.alloc(5000) },
    { path: "pkg/a.js", bytes: Buffer.alloc(900) },
    { path: "pkg/b.js", bytes: Buffer.alloc(900) },
  ]);
  const read = (heldBytes: number) => {
    const reader = readTarParts(openBudget({ ...BOUNDS, heldBytes }, bytes.length), PASSING);
    reader.take(bytes);
    return reader.close();
  };
  assert.equal(read(1900).entries.length, 3);
  assert.throws(() => read(1700), { problem: "too-large", path: "pkg/b.js" });
});

test("links to a member that is not held share what is known of it, and cost as much as it does", () => {
  const bytes = tarOf([
    { path: "pkg/a.node", bytes: Buffer.alloc(5000) },
    { path: "pkg/hard", type: "1", linkName: "pkg/a.node" },
    { path: "pkg/soft", type: "2", linkName: "a.node" },
  ]);
  const read = (unpackedBytes: number) => {
    const reader = readTarParts(openBudget({ ...BOUNDS, unpackedBytes }, bytes.length), PASSING);
    reader.take(bytes);
    return reader.close().entries;
  };
  const [file, hard, soft] = read(10_000);
  assert.equal(hard!.large, file!.large);
  assert.equal(soft!.large, file!.large);
  assert.throws(() => read(9999), { problem: "too-large" });
});

test("members of one name that begin alike but are not alike are refused", () => {
  const [one, two] = [Buffer.alloc(5000), Buffer.alloc(5000)];
  two[4000] = 1;
  const both = (second: Buffer) =>
    inParts(
      tarOf([
        { path: "pkg/a.node", bytes: one },
        { path: "pkg/./a.node", bytes: second },
      ]),
      [700],
    );
  assert.equal(both(Buffer.from(one)).entries.length, 1);
  assert.throws(() => both(two), { problem: "ambiguous" });
});
