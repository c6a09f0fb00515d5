import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { paxRecords, type TarMember, tarGz, tarOf, zip } from "../../../test/support/archives.ts";
import type { ArchiveProblem } from "./archive.ts";
import { openBudget } from "./budget.ts";
import { readArchive } from "./read.ts";

const BOUNDS = { entries: 1000, unpackedBytes: 1 << 22, ratio: 100, ratioFrom: 1 << 20, pathLength: 300 };
const FILE: TarMember = { path: "pkg/a.js", bytes: "let a = 1;" };

function read(bytes: Buffer) {
  return readArchive(bytes, openBudget(BOUNDS, bytes.length));
}

function names(...members: readonly TarMember[]): string[] {
  return read(gzipSync(tarOf(members))).entries.map(({ path }) => path);
}

function refused(problem: ArchiveProblem, says: RegExp, bytes: Buffer): void {
  assert.throws(() => read(bytes), { name: "ArchiveRefused", problem, message: says });
}

function refuses(what: string, problem: ArchiveProblem, says: RegExp, ...members: readonly TarMember[]): void {
  test(`a tar ${what} is refused`, () => refused(problem, says, gzipSync(tarOf(members))));
}

test("a tar.gz gives each member's path, bytes and permissions, without copying", () => {
  const { format, entries } = read(gzipSync(tarOf([FILE, { ...FILE, path: "pkg/b.sh", mode: 0o755 }])));
  assert.equal(format, "tar.gz");
  assert.deepEqual(
    entries.map(({ path, bytes, mode }) => [path, bytes.toString(), mode]),
    [
      ["pkg/a.js", "let a = 1;", 0o644],
      ["pkg/b.sh", "let a = 1;", 0o755],
    ],
  );
  assert.equal(entries[0]!.bytes.buffer, entries[1]!.bytes.buffer);
});

// What npm's reader passes over, it takes the data of for headers.
const HIDDEN: TarMember = { path: "pkg/b.js", bytes: tarOf([FILE], Buffer.alloc(0)) };
refuses("whose file has a link's target", "ambiguous", /no link/, { ...HIDDEN, linkName: "a" });
refuses("whose file gets a link's target from pax", "ambiguous", /no link/, { ...HIDDEN, pax: { linkpath: "a" } });
refuses("whose folder has a link's target", "ambiguous", /no link/, { path: "pkg/", type: "5", linkName: "a" });
refuses("whose long name has a link's target", "ambiguous", /no link/, { ...HIDDEN, type: "L", linkName: "a" });
refuses("whose link has no target", "ambiguous", /no target/, { path: "pkg/l", type: "2" });
refuses("whose pax header says another type", "ambiguous", /type/, { ...HIDDEN, pax: { type: "Directory" } });

test("a tar header that npm's reader would pass over is refused", () => {
  for (const [place, field, problem] of [
    [329, "\x81", "corrupt"],
    [337, "\xf0", "corrupt"],
    [476, "\x81", "corrupt"],
    [488, "\x90", "corrupt"],
  ] as const)
    refused(
      problem,
      /malformed number/,
      changed(place, () => field),
    );
  refused(
    "ambiguous",
    /checksum/,
    changed(
      100,
      (mode) => mode,
      (sum) => sum.toString(8).padStart(8, "0"),
    ),
  );
  refused(
    "ambiguous",
    /checksum/,
    changed(
      100,
      (mode) => mode,
      (sum) => `\x80${"\0".repeat(5)}${String.fromCharCode(sum >> 8, sum & 255)}`,
    ),
  );
});

/** A tar with another text at `place` of its second header, the checksum as `write` writes it. */
function changed(
  place: number,
  text: (before: string) => string,
  write = (sum: number) => `${sum.toString(8).padStart(6, "0")}\0 `,
): Buffer {
  const bytes = tarOf([HIDDEN]);
  bytes.write(text(bytes.toString("latin1", place, place + 1)), place, "latin1");
  bytes.fill(" ", 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(write(sum), 148, "latin1");
  return Buffer.concat([tarOf([FILE], Buffer.alloc(0)), bytes]);
}

test("an uncompressed tar is known by its bytes", () => assert.equal(read(tarOf([FILE])).format, "tar"));
test("a gzip stream without a tar is one file", () => {
  const { format, entries } = read(gzipSync("col1,col2\n"));
  assert.deepEqual([format, entries[0]!.path, entries[0]!.bytes.toString()], ["gz", "content", "col1,col2\n"]);
});
test("a tar without its closing blocks is read", () =>
  assert.equal(read(gzipSync(tarOf([FILE], Buffer.alloc(0)))).entries.length, 1));
test("folders, doubled slashes and ./ are understood as every tar reader does", () =>
  assert.deepEqual(names({ path: "./", type: "5" }, { path: "pkg//", type: "5" }, { path: "./pkg/./x.js" }), [
    "pkg/x.js",
  ]));
test("an old tar's folder is a file whose name ends with a slash", () =>
  assert.deepEqual(names({ path: "pkg/", type: "\0" }, FILE), ["pkg/a.js"]));
test("a ustar prefix is part of the name", () =>
  assert.deepEqual(names({ ...FILE, prefix: "deep" }), ["deep/pkg/a.js"]));
test("a pax path, and harmless pax records, are read", () =>
  assert.deepEqual(names({ ...FILE, pax: { path: "pkg/naïve.js", mtime: "1.5", "SCHILY.xattr.user.x": "a b" } }), [
    "pkg/naïve.js",
  ]));
test("a GNU long name is read", () => {
  for (const path of [`pkg/${"d/".repeat(60)}x.js`, `pkg/${"dir/".repeat(60)}x.js`])
    assert.deepEqual(names({ path }), [path]);
});
test("a global header with a comment, as git writes it, is read", () =>
  assert.deepEqual(names({ path: "pax_global_header", type: "g", bytes: paxRecords({ comment: "0123" }) }, FILE), [
    "pkg/a.js",
  ]));
test("a member that is there twice with the same bytes is one, as npm packs `main: ./x.js`", () =>
  assert.deepEqual(names(FILE, { ...FILE, path: "pkg/./a.js" }), ["pkg/a.js"]));
test("names that differ in case only are two members when their bytes are the same", () =>
  assert.deepEqual(names(FILE, { ...FILE, path: "pkg/A.js" }), ["pkg/a.js", "pkg/A.js"]));

test("a link to a file of the archive is that file's bytes under another name, and is listed", () => {
  const { entries, links } = read(
    gzipSync(
      tarOf([
        { path: "pkg/soft.js", type: "2", linkName: "lib/../a.js" },
        FILE,
        { path: "pkg/hard.js", type: "1", linkName: "pkg/a.js" },
        { path: "pkg/again.js", type: "2", linkName: "soft.js" },
        { path: "pkg/folder", type: "2", linkName: "." },
      ]),
    ),
  );
  const files = Object.fromEntries(entries.map(({ path, bytes }) => [path, bytes.toString()]));
  assert.deepEqual(Object.keys(files).sort(), ["pkg/a.js", "pkg/again.js", "pkg/hard.js", "pkg/soft.js"]);
  assert.equal(files["pkg/again.js"], "let a = 1;");
  assert.deepEqual(links.map(({ path, kind }) => `${kind} ${path}`).sort(), [
    "hard pkg/hard.js",
    "symbolic pkg/again.js",
    "symbolic pkg/folder",
    "symbolic pkg/soft.js",
  ]);
});

test("links to one large file are refused when together they would be a bomb", () => {
  const large: TarMember = { path: "pkg/large", bytes: Buffer.alloc(500_000, "x") };
  const links = Array.from({ length: 20 }, (_, i) => ({ path: `pkg/${i}`, type: "2", linkName: "large" }));
  refused("bomb", /bomb/, gzipSync(tarOf([large, ...links])));
});

refuses("with a link out of its folder", "link", /leaves/, FILE, {
  path: "pkg/x",
  type: "2",
  linkName: "../../etc/passwd",
});
refuses("with a link out of the folder that installers drop", "link", /leaves/, FILE, {
  path: "pkg/x",
  type: "2",
  linkName: "../other",
});
refuses("with an absolute link", "link", /leaves/, FILE, { path: "pkg/x", type: "2", linkName: "/etc/passwd" });
refuses("with a hard link to nothing", "link", /no target/, FILE, { path: "pkg/x", type: "1", linkName: "pkg/y" });
refuses(
  "with links in a circle",
  "link",
  /without end/,
  FILE,
  { path: "pkg/x", type: "2", linkName: "y" },
  { path: "pkg/y", type: "2", linkName: "x" },
);
refuses(
  "with a link through a link",
  "link",
  /another link/,
  FILE,
  { path: "pkg/d", type: "2", linkName: "." },
  { path: "pkg/x", type: "2", linkName: "d/a.js" },
);
refuses(
  "with a member below a link",
  "ambiguous",
  /both a file and a folder/,
  { path: "pkg/d", type: "2", linkName: "e" },
  { path: "pkg/d/x" },
);
for (const [type, what] of [
  ["3", "character device"],
  ["4", "block device"],
  ["6", "pipe"],
  ["S", "sparse file"],
  ["M", "volume part"],
]) {
  refuses(`with a ${what}`, "unsupported", /special member/, { path: "pkg/x", type: type! });
}
refuses("with two members of one name and different bytes", "ambiguous", /one name/, FILE, { ...FILE, bytes: "evil" });
refuses("with names that differ in case only and different bytes", "ambiguous", /some file systems/, FILE, {
  path: "PKG/A.js",
  bytes: "evil",
});
refuses("with an ignored prefix", "ambiguous", /prefix/, { ...FILE, prefix: "evil", magic: "ustar  \0" });
refuses("with a wrong checksum", "corrupt", /checksum/, FILE, { ...FILE, path: "pkg/b", checksum: 1 });
refuses("with a size in the pax header that is not the header's", "ambiguous", /contradict/, {
  ...FILE,
  pax: { size: "1" },
});
refuses("with two pax paths", "ambiguous", /twice/, {
  ...FILE,
  rawPax: Buffer.concat([paxRecords({ path: "a" }), paxRecords({ path: "b" })]),
});
refuses("with an empty pax path", "ambiguous", /empty path/, { ...FILE, pax: { path: "" } });
refuses(
  "with something behind a long name",
  "ambiguous",
  /follows an extended/,
  { path: "long", type: "L", bytes: "pkg/long/name", size: 5 },
  FILE,
);
refuses(
  "with something behind a pax header",
  "ambiguous",
  /follows an extended/,
  { path: "x", type: "x", bytes: "9 size=3\n12 path=ab\n\n", size: 9 },
  FILE,
);
refuses(
  "with an extended header that has no name",
  "ambiguous",
  /no name/,
  FILE,
  { path: "", type: "x", bytes: paxRecords({ path: "pkg/b.js" }) },
  FILE,
);
refuses("with a prefix and no name", "ambiguous", /no name/, FILE, { path: "", prefix: "pkg", type: "\0" });
refuses("with a NUL in a pax path", "ambiguous", /NUL/, { ...FILE, pax: { path: "pkg/a\0b" } });
refuses("with a NUL in a pax link", "ambiguous", /NUL/, { path: "pkg/l", type: "2", pax: { linkpath: "a\0b" } });
refuses("with a pax record inside another one's value", "ambiguous", /hides a record/, {
  ...FILE,
  pax: { comment: "x\n15 path=evil.js" },
});
refuses("with a pax record of wrong length", "corrupt", /wrong length/, {
  ...FILE,
  rawPax: Buffer.from("99 path=a\n"),
});
refuses("with a malformed pax record", "corrupt", /malformed/, { ...FILE, rawPax: Buffer.from("path=a\n") });
refuses("with a sparse file in pax", "ambiguous", /GNU\.sparse/, { ...FILE, pax: { "GNU.sparse.size": "1" } });
refuses("with a character set in pax", "ambiguous", /hdrcharset/, { ...FILE, pax: { hdrcharset: "BINARY" } });
refuses(
  "with a pax path and a GNU long name",
  "ambiguous",
  /contradict/,
  { path: "x", type: "L", bytes: "long\0" },
  { ...FILE, pax: { path: "b" } },
);
refuses(
  "with two extended headers for one member",
  "ambiguous",
  /Two extended/,
  { path: "x", type: "x", bytes: paxRecords({ path: "a" }) },
  { ...FILE, pax: { path: "b" } },
);
refuses(
  "with a global header that renames",
  "ambiguous",
  /global/,
  { path: "g", type: "g", bytes: paxRecords({ path: "a" }) },
  FILE,
);
refuses(
  "with a long name that has something behind its end",
  "ambiguous",
  /follows a long name/,
  { path: "x", type: "L", bytes: "long\0hidden" },
  FILE,
);
refuses("that ends after an extended header", "truncated", /extended header/, FILE, {
  path: "x",
  type: "L",
  bytes: "long\0",
});
refuses("with a folder that has a size", "ambiguous", /has a size/, { path: "pkg/", type: "5", bytes: "x" });
refuses("with a file whose name ends with a slash", "ambiguous", /slash/, { path: "pkg/x/", bytes: "x" });
refuses("with a member larger than the file", "truncated", /within a member/, { ...FILE, size: 1 << 20 });
for (const path of ["/etc/passwd", "../x", "pkg/../../x", "C:/x", "a\\b", "a\nb", `${"x/".repeat(200)}y`]) {
  refuses(`with the path ${JSON.stringify(path.slice(0, 20))}`, "unsafe-path", /path/, { path });
}

test("a tar with members behind an empty block is refused", () =>
  refused("ambiguous", /follows the end/, gzipSync(Buffer.concat([tarOf([FILE], Buffer.alloc(512)), tarOf([FILE])]))));

test("a tar header with a malformed owner is refused, because Python takes it for the end", () => {
  const bytes = tarOf([FILE]);
  bytes.write("zz", 108);
  bytes.write("        ", 148);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  refused("corrupt", /malformed number/, gzipSync(bytes));
});

test("a tar that is cut off within a member is refused", () => {
  const bytes = tarOf([FILE, { ...FILE, path: "pkg/b.js", bytes: "x".repeat(600) }], Buffer.alloc(0));
  for (const length of [600, 1000, 1024 + 100, 1024 + 512 + 10, bytes.length - 1]) {
    assert.throws(() => read(gzipSync(bytes.subarray(0, length))), { name: "ArchiveRefused" }, `cut at ${length}`);
  }
});

test("a gzip stream that is cut off anywhere is refused", () => {
  const bytes = tarGz({ "pkg/a.js": "let a = 1;" });
  for (let length = 4; length < bytes.length; length++) {
    assert.throws(() => read(bytes.subarray(0, length)), { name: "ArchiveRefused" }, `cut at ${length}`);
  }
});

test("zeros behind the gzip stream are skipped, as every tool does", () =>
  assert.equal(read(Buffer.concat([tarGz({ "pkg/a.js": "let a = 1;" }), Buffer.alloc(512)])).entries.length, 1));

test("a second gzip member behind the first is refused", () => {
  const bytes = tarGz({ "pkg/a.js": "let a = 1;" });
  const other = tarGz({ "pkg/b.js": "let a = 1;" });
  for (const suffix of [other, Buffer.concat([bytes, bytes]), Buffer.from([0x1f, 0x8b])]) {
    refused("ambiguous", /follows/, Buffer.concat([bytes, suffix]));
  }
});

test("the same gzip member twice is read once where the tar says that it ends, else refused", () => {
  const packed = gzipSync(tarOf([FILE]));
  assert.equal(read(Buffer.concat([packed, packed])).entries.length, 1);
  const unmarked = gzipSync(tarOf([FILE], Buffer.alloc(512)));
  refused("ambiguous", /follows/, Buffer.concat([unmarked, unmarked]));
});

test("bytes behind the gzip stream that are none are counted where the tar says that it ends, else refused", () => {
  const packed = gzipSync(tarOf([FILE]));
  const unmarked = gzipSync(tarOf([FILE], Buffer.alloc(512)));
  for (const junk of [Buffer.from("x"), Buffer.from("\0\0rest of an older file"), Buffer.from([0x1f, 0x20])]) {
    assert.equal(read(Buffer.concat([packed, junk])).ignored, junk.toString("latin1").replace(/^\0+/, "").length);
    refused("ambiguous", /follows/, Buffer.concat([unmarked, junk]));
  }
  assert.equal("ignored" in read(packed), false);
});

test("a wrong gzip checksum or length is refused", () => {
  const bytes = tarGz({ "pkg/a.js": "let a = 1;" });
  for (const from of [8, 4]) {
    const lie = Buffer.from(bytes);
    lie.writeUInt32LE(7, bytes.length - from);
    refused("corrupt", /Wrong gzip/, lie);
  }
});

test("a tar.gz that is a zip as well is refused, because pip looks for the zip first", () => {
  const inner = zip({ "setup.py": "evil" });
  const bytes = tarGz({ "pkg/a.js": "let a = 1;" });
  const extra = Buffer.concat([Buffer.from([inner.length & 0xff, inner.length >> 8]), inner]);
  const header = Buffer.from(bytes.subarray(0, 10));
  header[3] = 4;
  refused("ambiguous", /zip as well/, Buffer.concat([header, extra, bytes.subarray(10)]));
});

test("a tar.gz that unpacks to far more than its size is refused as a bomb", () =>
  refused("bomb", /bomb/, tarGz({ zeros: Buffer.alloc(3 << 20) })));

test("a tar with a million members is refused", () => {
  const members = Array.from({ length: 1001 }, (_, i) => ({ path: `pkg/${i}`, type: "5" }));
  refused("too-many", /more members/, gzipSync(tarOf(members)));
});

test("something that is no archive is refused", () =>
  refused("unsupported", /neither/, Buffer.from("print('hello')\n")));
