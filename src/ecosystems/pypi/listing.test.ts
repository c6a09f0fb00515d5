import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ListedArtifact } from "../../catalog/model.ts";
import { latestOf, likely, readListing } from "./listing.ts";

const stored = { body: readFileSync(new URL("testdata/stored.json", import.meta.url)), validators: {} };
const artifact = (filename: string, version: string, more: Partial<ListedArtifact> = {}): ListedArtifact => ({
  filename,
  version,
  url: `https://packages.example.invalid/${filename}`,
  digests: [],
  ...more,
});
const chosen = (...artifacts: readonly ListedArtifact[]): readonly string[] =>
  likely({ name: "spam", artifacts }, () => true).map(({ filename }) => filename);

test("a stored document is read into our nouns", () => {
  const listing = readListing(stored);
  assert.equal(listing.name, "spam-eggs");
  assert.equal(listing.latest, "2.0");
  assert.equal(listing.status, undefined);
  assert.deepEqual(listing.artifacts[0], {
    filename: "spam_eggs-1.0-py3-none-any.whl",
    version: "1.0",
    url: "https://upstream.example.invalid/packages/aa/spam_eggs-1.0-py3-none-any.whl",
    digests: [`sha256:${"1".repeat(64)}`],
    size: 1000,
    publishedAt: Date.UTC(2024, 0, 2, 3, 4, 5, 678),
    metadataDigest: `sha256:${"a".repeat(64)}`,
    attested: true,
    sideFiles: {
      ".metadata": "https://upstream.example.invalid/packages/aa/spam_eggs-1.0-py3-none-any.whl.metadata",
      ".provenance":
        "https://packages.example.invalid/integrity/spam-eggs/1.0/spam_eggs-1.0-py3-none-any.whl/provenance",
    },
  });
  assert.equal(listing.artifacts[2]?.yanked, 'broken "metadata" & <wrong>');
});

test("a damaged stored document is an error and not an empty project", () => {
  for (const body of ["", "{}", '{"name":"spam"}', '{"name":"../x","files":[]}']) {
    assert.throws(() => readListing({ body: Buffer.from(body), validators: {} }));
  }
});

test("the latest version is the newest that is neither a pre-release nor withdrawn", () => {
  const of = (...versions: readonly string[]): string | undefined =>
    latestOf(versions.map((version) => artifact("x", version)));
  assert.equal(of("1.0", "1.10", "1.9", "2.0rc1"), "1.10");
  assert.equal(of("1.0rc1", "1.0rc2", "1.0.dev3"), "1.0rc2");
  assert.equal(of("2004d", "1.0"), "1.0");
  assert.equal(latestOf([artifact("a", "1.0"), artifact("b", "2.0", { yanked: true })]), "1.0");
  assert.equal(latestOf([artifact("b", "2.0", { yanked: "no" })]), undefined);
});

test("a pure wheel is the one file that a resolver is likely to want", () => {
  assert.deepEqual(
    chosen(
      artifact("spam-1.0.tar.gz", "1.0"),
      artifact("spam-1.0-py2.py3-none-any.whl", "1.0"),
      artifact("spam-0.9-py3-none-any.whl", "0.9"),
    ),
    ["spam-1.0-py2.py3-none-any.whl"],
  );
});

test("of built wheels those for the most common platform and the newest interpreters are likely, at most four", () => {
  const wheels = ["cp39", "cp310", "cp311", "cp312", "cp313"].flatMap((tag) => [
    artifact(`spam-1.0-${tag}-${tag}-manylinux_2_17_x86_64.whl`, "1.0"),
    artifact(`spam-1.0-${tag}-${tag}-win_amd64.whl`, "1.0"),
  ]);
  const free = artifact("spam-1.0-cp313-cp313t-manylinux_2_17_x86_64.whl", "1.0");
  assert.deepEqual(
    chosen(...wheels, free, artifact("spam-1.0.tar.gz", "1.0")),
    ["cp313", "cp312", "cp311", "cp310"].map((tag) => `spam-1.0-${tag}-${tag}-manylinux_2_17_x86_64.whl`),
  );
});

test("the source archive is likely when no wheel is usable, and legacy formats never are", () => {
  assert.deepEqual(
    chosen(
      artifact("spam-1.0.tar.gz", "1.0"),
      artifact("spam-1.0-py2-none-any.whl", "1.0"),
      artifact("spam-1.0.win32.exe", "1.0"),
    ),
    ["spam-1.0.tar.gz"],
  );
});

test("what is not offered is not likely: the version before it is", () => {
  const listing = { name: "spam", artifacts: [artifact("spam-2.0.tar.gz", "2.0"), artifact("spam-1.0.tar.gz", "1.0")] };
  assert.deepEqual(
    likely(listing, ({ version }) => version !== "2.0").map(({ filename }) => filename),
    ["spam-1.0.tar.gz"],
  );
  assert.deepEqual(
    likely(listing, () => false),
    [],
  );
});
