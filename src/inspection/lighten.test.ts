import assert from "node:assert/strict";
import { test } from "node:test";
import type { Archive } from "../lib/archives/archive.ts";
import { sha256Hex } from "../lib/digest.ts";
import { lighten } from "./lighten.ts";
import { PREFILTER } from "./searched.ts";

const MIB = 1 << 20;

test("of a heavy tar, source maps and programs keep their first part, their digest and what a search to their end found", () => {
  const map = Buffer.alloc(50 * MIB, " ");
  map.write('{"version":3}');
  map.write("GetAsyncKeyState", map.length - 20);
  const code = Buffer.alloc(50 * MIB, "x;\n");
  const small = Buffer.from('{"version":3}');
  const archive = tarOf({ "a/x.js.map": map, "a/x.js": code, "a/y.js.map": small });
  const { archive: light, hits } = lighten(archive, PREFILTER);
  const [first, ...others] = light.entries;
  assert.equal(first!.bytes.length, 1 << 18);
  assert.deepEqual([first!.large!.size, first!.large!.sha256], [map.length, sha256Hex(map)]);
  assert.ok(hits.get(first!.large!)!.has("GetAsyncKeyState"));
  assert.deepEqual(
    others.map(({ path, bytes, large }) => [path, bytes.length, large]),
    [
      ["a/x.js", code.length, undefined],
      ["a/y.js.map", small.length, undefined],
    ],
  );
  for (const { bytes } of light.entries) assert.ok(bytes.buffer !== map.buffer && bytes.buffer !== code.buffer);
});

test("a tar of ordinary size, and any zip, comes back as it is", () => {
  const archive = tarOf({ "a/x.js.map": Buffer.alloc(MIB, " ") });
  assert.equal(lighten(archive, PREFILTER).archive, archive);
  const zip: Archive = { ...tarOf({ "x.map": Buffer.alloc(97 * MIB, " ") }), format: "zip" };
  assert.equal(lighten(zip, PREFILTER).archive, zip);
});

function tarOf(files: Readonly<Record<string, Buffer>>): Archive {
  return {
    format: "tar.gz",
    entries: Object.entries(files).map(([path, bytes]) => ({ path, bytes, mode: 0 })),
    links: [],
  };
}
