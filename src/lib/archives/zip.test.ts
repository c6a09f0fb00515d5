import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type ZipMember, type ZipOptions, zip, zipOf } from "../../../test/support/archives.ts";
import type { ArchiveProblem } from "./archive.ts";
import { openBudget } from "./budget.ts";
import { readArchive } from "./read.ts";

const BOUNDS = { entries: 1000, unpackedBytes: 1 << 20, ratio: 100, ratioFrom: 1 << 19, pathLength: 200 };
const HONEST: readonly ZipMember[] = [
  { path: "a/one.txt", bytes: "one ".repeat(50) },
  { path: "a/two.txt", bytes: "two", store: true },
];

function read(bytes: Buffer) {
  return readArchive(bytes, openBudget(BOUNDS, bytes.length));
}

function names(bytes: Buffer): string[] {
  return read(bytes).entries.map(({ path }) => path);
}

function refused(problem: ArchiveProblem, says: RegExp, bytes: Buffer): void {
  assert.throws(() => read(bytes), { name: "ArchiveRefused", problem, message: says });
}

/** Each test: what the archive does, the problem it is refused for, words of the sentence, members, container. */
function refuses(
  what: string,
  problem: ArchiveProblem,
  says: RegExp,
  members: readonly ZipMember[],
  options?: ZipOptions,
): void {
  test(`a zip ${what} is refused`, () => refused(problem, says, zipOf(members, options)));
}

test("a zip gives each member's path, bytes and permissions", () => {
  const { format, entries } = read(zipOf([...HONEST, { path: "run.sh", bytes: "#!/bin/sh", mode: 0o100755 }]));
  assert.equal(format, "zip");
  assert.deepEqual(
    entries.map(({ path, bytes, mode }) => [path, bytes.toString(), mode]),
    [
      ["a/one.txt", "one ".repeat(50), 0],
      ["a/two.txt", "two", 0],
      ["run.sh", "#!/bin/sh", 0o755],
    ],
  );
});

test("contents that together are more than is held are the same whenever they are asked for", () => {
  const members = Array.from({ length: 9 }, (_, at) => ({ path: `${at}.txt`, bytes: Buffer.alloc(8 << 20, `${at} `) }));
  const bytes = zipOf(members);
  const { entries } = readArchive(
    bytes,
    openBudget({ ...BOUNDS, unpackedBytes: 1 << 30, ratioFrom: 1 << 30 }, bytes.length),
  );
  for (const from of [entries, entries.toReversed()])
    for (const { path, bytes: content } of from) assert.equal(content.toString("latin1", 0, 2), `${path[0]} `);
  assert.ok(entries.every(({ bytes: content }, at) => content.equals(members[at]!.bytes)));
});

test("a content that is more than may be held as a whole is refused", () => {
  const bytes = zip({ "a.txt": "a".repeat(2000) });
  const bounds = { ...BOUNDS, heldBytes: 1999 };
  assert.throws(() => readArchive(bytes, openBudget(bounds, bytes.length)), { problem: "too-large", message: /held/ });
  const packed = gzipSync(Buffer.alloc(2000));
  assert.throws(() => readArchive(packed, openBudget(bounds, packed.length)), {
    problem: "too-large",
    message: /held/,
  });
});

test("a zip without members is read as empty", () => assert.deepEqual(names(zip({})), []));
test("a zip with 64-bit end records is read", () => assert.equal(names(zipOf(HONEST, { zip64: true })).length, 2));
test("a zip's folders are checked and dropped", () =>
  assert.deepEqual(names(zipOf([{ path: "a/", bytes: "", store: true }, ...HONEST])).length, 2));
test("names beyond ASCII are read when they are marked as UTF-8", () =>
  assert.deepEqual(names(zip({ "straße/naïve.py": "" })), ["straße/naïve.py"]));
test("a comment without an end record in it is accepted", () =>
  assert.equal(names(zipOf(HONEST, { comment: Buffer.from("made by hand") })).length, 2));
for (const descriptor of ["signed", "bare", "wide"] as const) {
  test(`sizes behind the data (${descriptor}) are accepted when they agree with the directory`, () =>
    assert.equal(names(zipOf(HONEST.map((member) => ({ ...member, store: false, descriptor })))).length, 2));
}
test("members may lie in another order than the directory's", () => {
  const bytes = zipOf(HONEST);
  const at = bytes.indexOf("PK\x01\x02", 0, "latin1");
  const end = bytes.lastIndexOf("PK\x05\x06", bytes.length, "latin1");
  const second = bytes.indexOf("PK\x01\x02", at + 4, "latin1");
  const parts = [bytes.subarray(0, at), bytes.subarray(second, end), bytes.subarray(at, second), bytes.subarray(end)];
  assert.deepEqual(names(Buffer.concat(parts)).sort(), ["a/one.txt", "a/two.txt"]);
});
test("zip64 numbers that repeat the header's are accepted, as Bazel writes them", () => {
  const localExtra = zip64Extra(3, 3);
  assert.equal(names(zipOf([{ path: "a", bytes: "two", store: true, localExtra }])).length, 1);
});

const two: ZipMember = { path: "a/two.txt", bytes: "two", store: true };
refuses("with two members of one name", "ambiguous", /two members of one name/, [two, { ...two, bytes: "three" }]);
refuses("with identical members of one name", "ambiguous", /two members of one name/, [two, two]);
refuses("with names that differ in case only", "ambiguous", /some file systems/, [
  two,
  { path: "A/TWO.txt", bytes: "x" },
]);
refuses("with names that differ in Unicode form only", "ambiguous", /some file systems/, [
  { path: "\u00e9.py", bytes: "1" },
  { path: "e\u0301.py", bytes: "2" },
]);
refuses("with names that differ in trailing dots only", "ambiguous", /some file systems/, [
  { path: "a/setup.py", bytes: "1" },
  { path: "a/setup.py. ", bytes: "2" },
]);
refuses("with a file where another member has a folder", "ambiguous", /both a file and a folder/, [
  { path: "a", bytes: "1" },
  { path: "a/b", bytes: "2" },
]);
refuses("with another name in the local header", "ambiguous", /contradicts/, [{ ...two, localPath: "a/six.txt" }]);
refuses("with another size in the local header", "ambiguous", /contradicts/, [{ ...two, localSize: 2 }]);
refuses("with another method in the local header", "ambiguous", /contradicts/, [{ ...two, localMethod: 8 }]);
refuses("with a member that the directory does not list", "ambiguous", /precedes|gaps/, [
  { ...two, hidden: true },
  HONEST[0]!,
]);
refuses("with an unlisted last member", "ambiguous", /gaps/, [HONEST[0]!, { ...two, hidden: true }]);
refuses("with bytes between members", "ambiguous", /gaps/, [{ ...two, gap: Buffer.from("x") }, HONEST[0]!]);
refuses("with overlapping members", "ambiguous", /overlap/, [HONEST[0]!, { ...two, offset: 0 }]);
refuses("with a script before it", "unsupported", /neither/, HONEST, { prefix: Buffer.from("#!/bin/sh\n") });
refuses("with another member before it", "ambiguous", /not where/, HONEST, { prefix: Buffer.from("PK\x03\x04hidden") });
refuses("with something behind it", "ambiguous", /follows/, HONEST, { suffix: Buffer.from("x") });
refuses("with a second zip behind it", "ambiguous", /not where|precedes/, HONEST, { suffix: zipOf([two]) });
refuses("with an end record in its comment", "ambiguous", /not where|follows/, HONEST, { comment: zipOf([two]) });
refuses("with an empty directory before unlisted members", "ambiguous", /not where/, HONEST, {
  count: 0,
  directorySize: 0,
});
refuses("whose end record counts fewer members", "ambiguous", /more members/, HONEST, { count: 1 });
refuses("whose end record counts more members", "corrupt", /fewer members/, HONEST, { count: 3 });
refuses("whose end records contradict one another", "corrupt", /fewer/, HONEST, { zip64: true, zip64Count: 9 });
refuses("with a wrong checksum", "corrupt", /checksum/, [{ ...two, crc: 1 }]);
refuses("that unpacks to more than declared", "corrupt", /another size/, [{ path: "a", bytes: "abcdef", size: 3 }]);
refuses("that unpacks to less than declared", "corrupt", /another size/, [{ path: "a", bytes: "abcdef", size: 9 }]);
refuses("with bytes behind a member's compressed data", "ambiguous", /end before/, [
  { path: "a", bytes: "", packed: Buffer.from([3, 0, 65, 65]), flags: 0 },
]);
refuses("with damaged compressed data", "corrupt", /damaged/, [
  { path: "a", bytes: "abc", packed: Buffer.from([7, 7, 7]) },
]);
refuses("with compressed data that end early", "truncated", /too early/, [
  { path: "a", bytes: "abc", packed: Buffer.from([0x4b, 0x4c]) },
]);
refuses("with the size of a stored member behind its data", "ambiguous", /stored member/, [
  { ...two, descriptor: "signed" },
]);
refuses("that is encrypted", "encrypted", /encrypted/, [{ ...two, flags: 1 }]);
refuses("with an unusual compression", "unsupported", /compression/, [{ ...two, method: 14 }]);
refuses("with a symbolic link", "link", /symbolic link/, [{ ...two, mode: 0o120777 }]);
refuses("with a device", "unsupported", /device/, [{ ...two, mode: 0o020666 }]);
refuses("with a folder that has content", "ambiguous", /folder has content/, [{ path: "a/", bytes: "x" }]);
refuses("with a name in no declared encoding", "ambiguous", /encoding/, [{ path: "é", bytes: "", flags: 0 }]);
refuses("with a name that is not UTF-8", "unsafe-path", /UTF-8/, [{ path: Buffer.from([0xff, 0xfe]), bytes: "" }]);
refuses("with a second, Unicode name", "ambiguous", /two names/, [{ ...two, extra: unicodePath("evil.py") }]);
refuses("with two sets of zip64 numbers", "ambiguous", /two zip64/, [
  { ...two, extra: Buffer.concat([zip64Extra(3, 3), zip64Extra(4, 4)]) },
]);
refuses("with zip64 numbers that contradict the header", "ambiguous", /zip64 numbers/, [
  { ...two, extra: zip64Extra(4, 4) },
]);
for (const path of [
  "/etc/passwd",
  "../x",
  "a/../../x",
  "a//b",
  "./a",
  "C:/x",
  "a\\b",
  "a\0b",
  "a\nb",
  "",
  "x".repeat(201),
]) {
  refuses(`with the path ${JSON.stringify(path.slice(0, 20))}`, "unsafe-path", /path/, [{ path, bytes: "x" }]);
}

test("a zip whose directory names places behind its end is refused, however long its local headers are", () => {
  const bytes = zipOf(HONEST);
  const second = bytes.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  bytes.writeUInt32LE(0x7fffffff, second + 42);
  bytes.writeUInt16LE(0xffff, 28);
  refused("corrupt", /behind its end/, bytes);
});

test("a zip that is cut off anywhere is refused", () => {
  const bytes = zipOf(HONEST, { comment: Buffer.from("comment") });
  for (let length = 4; length < bytes.length; length++) {
    assert.throws(() => read(bytes.subarray(0, length)), { name: "ArchiveRefused" }, `cut at ${length}`);
  }
});

test("a zip that unpacks to far more than its size is refused as a bomb before it is inflated", () => {
  const bytes = zip({ zeros: Buffer.alloc(900_000) });
  refused("bomb", /bomb/, bytes);
});

test("a zip that unpacks to more than the bound is refused", () => {
  const bytes = zip({ noise: Buffer.alloc((1 << 20) + 1, "x") }, { store: true });
  refused("too-large", /limit/, bytes);
});

test("a zip that claims a million members, or has them, is refused without reading them", () => {
  refused("too-many", /more members/, zipOf(HONEST, { zip64: true, zip64Count: 1_000_000 }));
  const million = zipOf(Array.from({ length: 1001 }, (_, i) => ({ path: `${i}/`, bytes: "", store: true })));
  refused("too-many", /more members/, million);
});

function zip64Extra(...numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * numbers.length, 2);
  numbers.forEach((number, i) => {
    extra.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
  });
  return extra;
}

function unicodePath(name: string): Buffer {
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x7075, 0);
  extra.writeUInt16LE(5 + name.length, 2);
  extra[4] = 1;
  return Buffer.concat([extra, Buffer.from(name)]);
}
