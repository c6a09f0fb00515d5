import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { tarOf } from "../../../test/support/archives.ts";
import { TARS, tarsOf, ZIPS } from "../../../test/support/odd-archives.ts";
import { type Archive, ArchiveRefused } from "./archive.ts";
import { openBudget } from "./budget.ts";
import { readArchive } from "./read.ts";

/** Reads length-prefixed archives from stdin; prints for each what the standard library reads, `null` when it fails. */
const PYTHON = `
import hashlib, io, json, struct, sys, tarfile, zipfile
def of_zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return [[i.filename, hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist() if not i.is_dir()]
def of_tar(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as t:
        return [found for m in t if (found := of_member(t, m))]
def of_member(t, m):
    if not (m.isreg() or m.issym() or m.islnk()): return None
    try: f = t.extractfile(m)
    except KeyError:
        if m.islnk(): raise
        return None  # a symbolic link to nothing or to a folder
    return f and [m.name, hashlib.sha256(f.read()).hexdigest()]
out = []
while head := sys.stdin.buffer.read(5):
    kind, size = struct.unpack(">BI", head)
    data = sys.stdin.buffer.read(size)
    try: out.append((of_zip if kind else of_tar)(data))
    except Exception: out.append(None)
print(json.dumps(out))
`;
const BOUNDS = { entries: 100, unpackedBytes: 1 << 20, ratio: 100, ratioFrom: 1 << 18, pathLength: 200 };
test("whatever is accepted, Python's zipfile and tarfile read identically", (context) => {
  if (spawnSync("python3", ["--version"]).status !== 0) return context.skip("python3 is not on this machine");
  const accepted = [...sample(ZIPS, 1), ...sample(TARS, 0)];
  const input = Buffer.concat(accepted.flatMap(({ kind, bytes }) => [frame(kind, bytes.length), bytes]));
  const { stdout, stderr } = spawnSync("python3", ["-I", "-c", PYTHON], { input, maxBuffer: 64 << 20 });
  assert.equal(stderr.toString(), "");
  const theirs = JSON.parse(stdout.toString()) as (string[][] | null)[];
  assert.ok(accepted.length > 100, `${accepted.length} accepted`);
  for (const [i, { archive, bytes }] of accepted.entries()) {
    const ours = archive.entries.map((entry) => [entry.path, sha256(entry.bytes)]);
    assert.deepEqual(
      plain(theirs[i] ?? []),
      plain(ours),
      `${archive.format} ${bytes.toString("base64").slice(0, 3000)}`,
    );
  }
});

/** Reads the same frames with the tar package that npm has in itself; prints what its parser hands to who unpacks. */
const NPM_TAR = `
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const tar = createRequire(process.argv[1] + "/")(process.argv[1]);
const { Parser = tar.Parse } = tar;
const input = readFileSync(0);
const out = [];
for (let at = 0; at < input.length; ) {
  const size = input.readUInt32BE(at + 1);
  const bytes = input.subarray(at + 5, (at += 5 + size));
  const found = [];
  let failed = false;
  await new Promise((done) => {
    const read = (entry) => {
      const parts = [];
      entry.on("data", (part) => parts.push(part));
      const isFile = /^(Old|Contiguous)?File$/.test(entry.type);
      const isFolder = entry.path.endsWith("/");
      entry.on("end", () => isFile && !isFolder && found.push([entry.path, createHash("sha256").update(Buffer.concat(parts)).digest("hex")]));
      entry.resume();
    };
    const parser = new Parser({ onReadEntry: read, onentry: read });
    parser.on("error", () => { failed = true; done(); });
    parser.on("end", done);
    parser.end(bytes);
  });
  out.push(failed ? null : found);
}
console.log(JSON.stringify(out));
`;

test("whatever is accepted, the tar package in npm reads identically", (context) => {
  const { stdout: root, status } = spawnSync("npm", ["root", "--global"], { encoding: "utf8" });
  const folder = join(root.trim(), "npm", "node_modules", "tar");
  if (status !== 0 || !existsSync(folder)) return context.skip("npm with its tar package is not on this machine");
  const accepted = sample(tarsOf("0", "0", "0", "\0", "5", "7"), 0);
  assert.ok(accepted.length > 50, `${accepted.length} accepted`);
  const input = Buffer.concat(accepted.flatMap(({ kind, bytes }) => [frame(kind, bytes.length), bytes]));
  const args = ["--input-type=module", "-e", NPM_TAR, folder];
  const { stdout, stderr } = spawnSync(process.execPath, args, { input, maxBuffer: 64 << 20, encoding: "utf8" });
  assert.equal(stderr, "");
  const theirs = JSON.parse(stdout) as (string[][] | null)[];
  for (const [i, { archive, bytes }] of accepted.entries()) {
    const ours = archive.entries.map((one) => [one.path, sha256(one.bytes)]);
    assert.deepEqual(plain(theirs[i] ?? []), plain(ours), bytes.toString("base64").slice(0, 3000));
  }
});

for (const [tool, archives, kind] of [
  ["tar", TARS, 0],
  ["unzip", ZIPS, 1],
] as const) {
  test(`whatever is accepted, ${tool} unpacks identically`, async (context) => {
    if (spawnSync(tool, ["--help"]).error) return context.skip(`${tool} is not on this machine`);
    const folder = await mkdtemp(join(tmpdir(), "portcullis-differential-"));
    context.after(() => rm(folder, { recursive: true }));
    const accepted = sample(archives, kind).filter(({ archive }) => archive.entries.length > 0);
    assert.ok(accepted.length > 100, `${accepted.length} accepted`);
    for (const [i, { archive, bytes }] of accepted.slice(0, 400).entries()) {
      const target = join(folder, String(i));
      await mkdir(target);
      const theirs = await unpackedBy(tool, bytes, target);
      const ours = archive.entries.map((one) => [one.path, sha256(one.bytes)]);
      if (theirs !== undefined) assert.deepEqual(plain(theirs), plain(ours), bytes.toString("base64").slice(0, 3000));
    }
  });
}

/** The files that `tool` makes of an archive; undefined when it fails. */
async function unpackedBy(tool: "tar" | "unzip", bytes: Buffer, folder: string): Promise<string[][] | undefined> {
  const archive = `${folder}.archive`;
  await writeFile(archive, bytes);
  const args = tool === "tar" ? ["-xf", archive, "-C", folder] : ["-qq", "-o", archive, "-d", folder];
  if (spawnSync(tool, args).status !== 0) return undefined;
  const found: string[][] = [];
  for (const path of await readdir(folder, { recursive: true })) {
    const content = await readFile(join(folder, path)).catch(() => undefined);
    if (content !== undefined) found.push([path, sha256(content)]);
  }
  return found;
}

/** What may stand behind a gzip stream: padding, what was there before, a second stream, the beginning of one. */
const TAILS = ["", "\0".repeat(700), "left over", "\0\0left over", "\x1f left over", "\x1f\x8b\x08left over", "second"];

test("whatever follows a gzip stream, Python and tar read the files that we read, unless we refuse", (context) => {
  if (spawnSync("python3", ["--version"]).status !== 0) return context.skip("python3 is not on this machine");
  if (spawnSync("tar", ["--version"]).status !== 0) return context.skip("tar is not on this machine");
  const second = gzipSync(tarOf([{ path: "b", bytes: "second" }]));
  for (const end of [0, 512, 1024, 9_000]) {
    const first = gzipSync(tarOf([{ path: "a", bytes: "first" }], Buffer.alloc(end)));
    for (const tail of TAILS) {
      const bytes = Buffer.concat([first, tail === "second" ? second : Buffer.from(tail, "latin1")]);
      const ours = namesIn(bytes);
      if (ours === undefined) continue;
      assert.deepEqual(pythonNames(bytes), ours, `${end} ${JSON.stringify(tail)}`);
      assert.deepEqual(tarNames(bytes), ours, `${end} ${JSON.stringify(tail)}`);
    }
  }
});

test("what follows a gzip stream is refused where Python reads more of it than we would", (context) => {
  if (spawnSync("python3", ["--version"]).status !== 0) return context.skip("python3 is not on this machine");
  const first = gzipSync(tarOf([{ path: "a", bytes: "first" }], Buffer.alloc(0)));
  const both = Buffer.concat([first, gzipSync(tarOf([{ path: "b", bytes: "second" }]))]);
  assert.deepEqual(pythonNames(both), ["a", "b"]);
  assert.equal(namesIn(both), undefined);
});

/** The paths that we read; undefined when we refuse. */
function namesIn(bytes: Buffer): string[] | undefined {
  try {
    return readArchive(bytes, openBudget(BOUNDS, bytes.length)).entries.map(({ path }) => path);
  } catch (error) {
    if (error instanceof ArchiveRefused) return undefined;
    throw error;
  }
}

function pythonNames(input: Buffer): string[] {
  const program =
    "import io, sys, tarfile; print('\\n'.join(tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read())).getnames()))";
  return spawnSync("python3", ["-I", "-c", program], { input, encoding: "utf8" }).stdout.trim().split("\n");
}

/** gzip warns of what follows and fails afterwards; what tar read until then counts. */
function tarNames(input: Buffer): string[] {
  return spawnSync("tar", ["-tzf", "-"], { input, encoding: "utf8" }).stdout.trim().split("\n");
}

function sample(archives: fc.Arbitrary<Buffer>, kind: number) {
  const accepted: { kind: number; bytes: Buffer; archive: Archive }[] = [];
  for (const bytes of fc.sample(archives, { numRuns: 6000, seed: 991 })) {
    try {
      accepted.push({ kind, bytes, archive: readArchive(bytes, openBudget(BOUNDS, bytes.length)) });
    } catch (error) {
      if (!(error instanceof ArchiveRefused)) throw error;
    }
  }
  return accepted;
}

function frame(kind: number, length: number): Buffer {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(length, 1);
  return head;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Without the `./` and `//` that every reader drops when it unpacks, repeats and order. */
function plain(files: readonly (readonly string[])[]): string[] {
  const lines = files.map(([path, hash]) => `${path!.replace(/(?<=^|\/)(?:\.?\/)+/g, "")} ${hash}`);
  return [...new Set(lines)].sort();
}
