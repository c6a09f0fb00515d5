import assert from "node:assert/strict";
import { test } from "node:test";
import { zip } from "../../test/support/archives.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { canonicalIndicator } from "./indicators.ts";
import { type Advisory, affects } from "./match.ts";
import { readOsv } from "./osv.ts";
import { readOsvList } from "./read-list.ts";
import { readUrlList } from "./url-list.ts";

const record = (changes: object = {}) => ({
  id: "MAL-2026-7",
  modified: "2026-01-10T00:00:00Z",
  published: "2026-01-10T00:00:00Z",
  summary: "Malicious code in thing",
  affected: [{ package: { ecosystem: "PyPI", name: "Thing" }, versions: ["1.0", "1.1"] }],
  ...changes,
});

test("an OSV record gives one advisory a project, malicious by its id or an alias", () => {
  const [one] = readOsv(record())!;
  assert.deepEqual(
    [one!.ecosystem, one!.name, one!.kind, one!.versions],
    ["pypi", "Thing", "malicious", ["1.0", "1.1"]],
  );
  assert.equal(readOsv(record({ id: "GHSA-1", aliases: ["MAL-2026-7"] }))![0]!.kind, "malicious");
  assert.equal(readOsv(record({ id: "GHSA-1" }))![0]!.kind, "vulnerable");
  assert.deepEqual(readOsv(record({ affected: [{ package: { ecosystem: "Maven", name: "a:b" } }] })), []);
});

test("what is no OSV record is not read", () => {
  for (const bad of [null, 7, "x", {}, { id: "MAL-1" }, record({ modified: "yesterday" }), record({ affected: "all" })])
    assert.equal(readOsv(bad), undefined);
});

test("OSV events become half-open intervals; without versions and ranges every version is meant", () => {
  const ranges = (events: object[]) =>
    readOsv(
      record({ affected: [{ package: { ecosystem: "npm", name: "x" }, ranges: [{ type: "SEMVER", events }] }] }),
    )![0]!.ranges;
  assert.deepEqual(
    ranges([{ introduced: "0" }, { fixed: "1.2.0" }, { introduced: "2.0.0" }, { last_affected: "2.1.0" }]),
    [
      { introduced: "0", fixed: "1.2.0" },
      { introduced: "2.0.0", lastAffected: "2.1.0" },
    ],
  );
  assert.deepEqual(readOsv(record({ affected: [{ package: { ecosystem: "npm", name: "x" } }] }))![0]!.ranges, [
    { introduced: "0" },
  ]);
});

test("lists are read as a document, an array, lines or an archive, and what cannot be read is counted", () => {
  const count = (bytes: Buffer) => {
    const { advisories, records, unread } = readOsvList(bytes, DEFAULT_LIMITS);
    return [advisories.length, records, unread];
  };
  const text = JSON.stringify(record());
  assert.deepEqual(count(Buffer.from(text)), [1, 1, 0]);
  assert.deepEqual(count(Buffer.from(`[${text},${text},{}]`)), [2, 3, 1]);
  assert.deepEqual(count(Buffer.from(`${text}\n\n${text}\nnot json\n`)), [2, 3, 1]);
  assert.deepEqual(count(zip({ "a/MAL-1.json": text, "README.md": "hello" })), [1, 1, 0]);
  assert.throws(() => readOsvList(zip({ "a.json": text }).subarray(0, 60), DEFAULT_LIMITS));
});

const advisory = (changes: Partial<Advisory>): Advisory => ({
  id: "MAL-1",
  source: "list",
  kind: "malicious",
  severity: "critical",
  title: "",
  url: "",
  versions: [],
  ranges: [],
  publishedAt: Date.UTC(2026, 0, 10),
  modifiedAt: Date.UTC(2026, 0, 10),
  ...changes,
});

test("'all versions' of an established project counts for its last fourteen days only", () => {
  const everything = advisory({ ranges: [{ introduced: "0" }] });
  const [old, recent] = [Date.UTC(2020, 0, 1), Date.UTC(2026, 0, 5)];
  assert.equal(affects(everything, "npm", { version: "1.0.0", bornAt: old }, old), false);
  assert.equal(affects(everything, "npm", { version: "9.0.0", bornAt: recent }, old), true);
  assert.equal(
    affects(everything, "npm", { version: "1.0.0", bornAt: recent }, recent),
    true,
    "a new project is meant whole",
  );
  assert.equal(affects(advisory({ versions: ["1.0.0"] }), "npm", { version: "1.0.0", bornAt: old }, old), true);
});

test("'all versions' of a project that was at most ninety days old means all of them", () => {
  const everything = advisory({ ranges: [{ introduced: "0" }] });
  const day = 86_400_000;
  const hit = (days: number) => {
    const bornAt = everything.publishedAt - days * day;
    return affects(everything, "npm", { version: "1.0.0", bornAt }, bornAt);
  };
  assert.deepEqual([15, 90, 91].map(hit), [true, true, false]);
});

test("a version that an advisory spells out is meant in every spelling", () => {
  const hit = (ecosystem: "pypi" | "npm" | "nuget", versions: string[], version: string) =>
    affects(advisory({ versions }), ecosystem, { version }, undefined);
  assert.ok(hit("nuget", ["9.9.9", "1.0.0-beta"], "1.0.0-Beta"));
  assert.ok(hit("nuget", ["1.0"], "1.0.0"));
  assert.ok(hit("nuget", ["1.0.0+build"], "1.0.0"));
  assert.ok(hit("pypi", ["1.0"], "1.0.0"));
  assert.ok(hit("pypi", ["1.0.0-RC1"], "1.0rc1"));
  for (const other of ["1.0.1", "1.1.0", "0.1.0", "10.0.0", "1.0.0-beta"])
    for (const ecosystem of ["pypi", "npm", "nuget"] as const) assert.ok(!hit(ecosystem, ["1.0.0"], other), other);
});

test("ranges are compared in the ecosystem's own order", () => {
  const range = advisory({ kind: "vulnerable", ranges: [{ introduced: "1.0rc1", fixed: "1.10" }] });
  const hit = (version: string) => affects(range, "pypi", { version }, undefined);
  assert.deepEqual(["1.0b2", "1.0rc1", "1.9", "1.10"].map(hit), [false, true, true, false]);
});

test("URL lists are read as URLhaus CSV and as plain text; addresses have one spelling", () => {
  const csv =
    '# comment\n"1","2026-01-01 00:00:00","http://EXAMPLE.invalid:80/a?b=1#c","online","2026-01-02","malware_download","exe","link","x"\n';
  assert.deepEqual(readUrlList(csv).indicators, [
    { indicator: "http://example.invalid/a?b=1", threat: "malware_download" },
  ]);
  const text = readUrlList("http://example.invalid/x\r\nbad.example.invalid\n\nnot an address at all\n");
  assert.deepEqual(
    text.indicators.map(({ indicator }) => indicator),
    ["http://example.invalid/x", "bad.example.invalid"],
  );
  assert.equal(text.unread, 1);
  assert.equal(canonicalIndicator("javascript:alert(1)"), undefined);
});
