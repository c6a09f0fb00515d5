import assert from "node:assert/strict";
import { test } from "node:test";
import { resemblance } from "../../lib/resemblance.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { withLayers } from "../layers.ts";
import { PREFILTER } from "../searched.ts";
import { treeOfFiles } from "../unpack.ts";
import { fingerprintOf, readFingerprint } from "./fingerprint.ts";
import { MOST_TOKENS, shapeOf } from "./shape.ts";
import { sketchOf } from "./sketch.ts";

const ORIGINAL = `import os, base64
from setuptools import setup

def gather(path):
    for root, dirs, files in os.walk(path):
        for name in files:
            with open(os.path.join(root, name), "rb") as handle:
                data = handle.read()
                if data.startswith(b"key"):
                    yield name, base64.b64encode(data).decode()

setup(name="one", version="1.0", packages=["one"])
for name, text in gather(os.path.expanduser("~")):
    print(name, text[0:100], [1, 2, 3])
`;

/** Renamed, reformatted, with other literals and comments. */
const VARIANT = `# a comment
import os, base64
from setuptools import setup
def _0x1(q):  # another
  for r1, r2, r3 in os.walk(q):
    for zz in r3:
      with open(os.path.join(r1,
                             zz), 'r' "b") as fh:
        """ a
        b """
        buf = fh.read()
        if buf.startswith(b'other'):
          yield zz, base64.b64encode(buf).decode()
setup(name = "t" + "wo", version = '''9.9''', packages = ["two", "three", "four"])
for n2, t2 in _0x1(os.path.expanduser('/root')):
  print(n2, t2[1:99], [4, 5, 6, 7, 8])
`;

const OTHER = `import json
import sys

class Reader:
    def __init__(self, path):
        self.path = path

    def rows(self):
        return [json.loads(line) for line in open(self.path) if line.strip()]

def main():
    reader = Reader(sys.argv[1])
    print(len(reader.rows()))
    return 0

if __name__ == "__main__":
    sys.exit(main())
`;

const shape = (text: string) => shapeOf(Buffer.from(text), "hash");
const likeness = (a: string, b: string) =>
  resemblance(sketchOf(shape(a), 48).shingles, sketchOf(shape(b), 48).shingles).likeness;

test("code that was renamed, reformatted and given other literals keeps its shape", () => {
  assert.ok(likeness(ORIGINAL, VARIANT) > 0.75, String(likeness(ORIGINAL, VARIANT)));
  assert.ok(likeness(ORIGINAL, OTHER) < 0.1, String(likeness(ORIGINAL, OTHER)));
  const withoutDocstring = VARIANT.replace(/"""[\s\S]*?"""/, "");
  assert.equal(sketchOf(shape(ORIGINAL), 48).digest, sketchOf(shape(withoutDocstring), 48).digest);
});

test("lines added to code change its shape by their share", () => {
  const longer = `${ORIGINAL}\nif os.environ.get("CI"):\n    print(os.environ)\n`;
  assert.ok(likeness(ORIGINAL, longer) > 0.7);
});

test("text that never ends a string, a comment or a word is read to its end", () => {
  for (const text of [
    "'".repeat(50_000),
    '"""',
    "/* ",
    "a".repeat(100_000),
    "\\".repeat(10_000),
    "é".repeat(50_000),
    "`",
  ]) {
    for (const comments of ["hash", "slash"] as const)
      assert.ok(shapeOf(Buffer.from(text), comments).length <= MOST_TOKENS);
  }
  assert.equal(shapeOf(Buffer.from("a(b);".repeat(10_000)), "slash").length, MOST_TOKENS);
});

test("code that runs by itself is printed, decoded layers included; of a release with few files also what is only called", () => {
  const hidden = `exec(__import__("base64").b64decode("${Buffer.from(OTHER).toString("base64")}"))\n`;
  const places = (files: Readonly<Record<string, string>>) =>
    [...new Set(printOf({ "PKG-INFO": PKG_INFO, ...files }).files.map(({ path }) => path.split("/").at(-1)))].sort();
  const own = { "setup.py": ORIGINAL + hidden, "tools/extra.py": VARIANT };
  const { files } = printOf({ "PKG-INFO": PKG_INFO, ...own });
  assert.ok(files.some(({ digest }) => digest === sketchOf(shape(OTHER), 48).digest));
  assert.deepEqual(places(own), ["extra.py", "setup.py"]);
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`tools/more${at}.py`, `print(${at})\n`]));
  assert.deepEqual(places({ ...own, ...many }), ["setup.py"]);
});

test("what releases share beside code is told by kind", () => {
  const urls = [
    "https://discord.com/api/webhooks/123/abc?wait=1",
    "https://discord.com/",
    "http://evil.example.invalid:81/a/b",
    "http://c2.demo.invalid/x",
    "http://127.0.0.1/x",
  ];
  const program = "wallet = '0x52908400098527886E0F7030069857D2E4169EE7'\nmail = 'someone@demo.invalid'\n";
  const { indicators } = printOf({ "setup.py": program, "PKG-INFO": PKG_INFO }, urls);
  assert.deepEqual(indicators, [
    "wallet:0x52908400098527886e0f7030069857d2e4169ee7",
    "mail:someone@demo.invalid",
    "url:discord.com/api/webhooks/123/abc",
    "host:c2.demo.invalid",
  ]);
});

test("a fingerprint comes back through JSON, and a damaged one is refused", () => {
  const print = printOf({ "setup.py": ORIGINAL, "PKG-INFO": PKG_INFO });
  assert.deepEqual(readFingerprint(JSON.parse(JSON.stringify(print))), print);
  for (const wrong of [
    null,
    {},
    { files: [], indicators: [1] },
    { files: [{ ...print.files[0], digest: 0.5 }], indicators: [] },
  ])
    assert.throws(() => readFingerprint(wrong), TypeError);
});

const PKG_INFO = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";

function printOf(files: Readonly<Record<string, string>>, urls: readonly string[] = []) {
  const entries = Object.entries(files).map(([path, text]) => [`demo-1.0/${path}`, Buffer.from(text)] as const);
  const about = { ecosystem: "pypi", form: "sdist", filename: "demo-1.0.tar.gz" } as const;
  const tree = treeOfFiles(new Map(entries), about, PREFILTER);
  return fingerprintOf(withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes), urls);
}
