import assert from "node:assert/strict";
import { test } from "node:test";
import { inRange, parseRange } from "./ranges.ts";
import { compareVersions, formatVersion, isSemVer2, parseVersion, urlVersion } from "./versions.ts";

/** [lower, higher], from the NuGet documentation, NuGet.Versioning's tests and deps.dev's table. */
const ASCENDING: readonly (readonly [string, string])[] = [
  ["1.0.1-aaa", "1.0.1-alpha10"],
  ["1.0.1-alpha10", "1.0.1-alpha2"],
  ["1.0.1-alpha2", "1.0.1-beta"],
  ["1.0.1-beta", "1.0.1-open"],
  ["1.0.1-open", "1.0.1-rc.2"],
  ["1.0.1-rc.2", "1.0.1-rc.10"],
  ["1.0.1-rc.10", "1.0.1-zzz"],
  ["1.0.1-zzz", "1.0.1"],
  ["1.0.1-111", "1.0.1-aaa"],
  ["4.2.0-nightly.2024-02-01-0102", "4.2.0-nightly.202401090430"],
  ["1.0.0-alpha", "1.0.0-alpha.1"],
  ["1.0.0-alpha.1", "1.0.0-alpha.beta"],
  ["1.0.0-alpha", "1.0.0-ALPHA.1"],
  ["1.0.0-I", "1.0.0-iI"],
  ["1.0.0-rc.12", "1.0.0-rc.011"],
  ["0.0.1-alpha.6", "0.0.1-alpha.006"],
  ["1.0.0-alpha", "1.0.0-alpha-1"],
  ["1.0.0-alpha.1", "1.0.0-alpha-1"],
  ["1.0.0-alpha-1", "1.0.0-alpha-1.1"],
  ["1.0.0-1", "1.0.0-alpha"],
  ["6.0.0-zzz", "6.0.0+build2"],
  ["0.0.0", "1.0.0"],
  ["1.999.9999", "2.1.1"],
  ["1.0.0-BETA", "1.0.0-beta2"],
  ["1.0.0-beta+AA", "1.0.0+aa"],
  ["1.0.0-BETA.X.y.5.77.0+AA", "1.0.0-beta.x.y.5.79.0+aa"],
  ["1.0.0-BETA.X.y.5.79.0+AA", "1.0.0-beta.x.y.5.790.0+abc"],
  ["1.0", "1.0.0.1"],
  ["1.4.5.6", "1.4.5.60"],
  ["1.4.5.6", "1.45.6"],
  ["1.01", "1.10"],
  ["1.01.0-RC-1", "1.10.0-rc-2"],
  ["1.01-RC-1", "1.01"],
  ["not a version", "0.0.0-0"],
];

const EQUAL: readonly (readonly [string, string])[] = [
  ["1", "1.0.0.0"],
  ["1.0", "1.0.0"],
  ["1.0+test", "1.0.0.0"],
  ["1.0.01", "1.0.1.0"],
  ["1.0.0-BETA.X.y.5.77.0+AA", "1.0.0-beta.x.y.5.77.0+aa"],
  ["1.0.0.1-1.2.A", "1.0.0.1-1.2.a+A"],
  ["6.0.0+build1", "6.0.0+build2"],
];

/** [as written, normalised]. */
const NORMALISED: readonly (readonly [string, string])[] = [
  ["1", "1.0.0"],
  ["1.00", "1.0.0"],
  ["1.01.1", "1.1.1"],
  ["1.00.0.1", "1.0.0.1"],
  ["1.0.01.0", "1.0.1"],
  ["1.0.7+r3456", "1.0.7"],
  ["1.0.0-alpha.1+beta.2", "1.0.0-alpha.1"],
  ["1.2.3.4-RC+99", "1.2.3.4-RC"],
  ["1.2-Pre", "1.2.0-Pre"],
  ["  23.2.3-Alpha ", "23.2.3-Alpha"],
  ["1.2.3--+-", "1.2.3--"],
];

const NOT_VERSIONS =
  "|         |1beta|1.2Av^c|1.2..|1.2.3.4.5|1.2.3.Beta|So.is.this|1.34.2Alpha|1.4.7-|1.4.7-*|1.4.7+*|1.4.7-AA.01^|1.2147483648|2147483648.2.3.4|10000000000000000000|1..2|....|..1|-1.1.1.1|1.-1.1.1|1.|1.1.1.1.|1     1.1|1. .1.1|v1.2.3|1.0.0-.|1.0.0+";

/** [range, versions inside, versions outside]. */
const RANGES: readonly (readonly [string, string, string])[] = [
  ["1.0", "1.0.0 1.0.0.1 2.0.0 2.0.0-pre 99", "0.9 1.0.0-rc"],
  ["[1.0,)", "1.0 2.0", "0.9"],
  ["(1.0,)", "1.0.0.1 2.0", "1.0 1.0.0+build"],
  ["[1.0]", "1 1.0 1.0.0.0 1.0.0+build", "1.0.0.1 1.0.0-rc 1.0.1"],
  ["(,1.0]", "0 1.0 1.0.0-rc", "1.0.1"],
  ["(,1.0)", "0 0.9 1.0.0-rc", "1.0 1.1"],
  ["[1.0,2.0]", "1.0 1.5.0-beta 2.0", "0.9 2.0.1 2.0.0.1"],
  ["(1.0,2.0)", "1.0.1 1.99 2.0.0-beta", "1.0 2.0"],
  ["[1.0, 2.0)", "1.0 1.99", "2.0 2.0.0.0"],
  ["[1.0.0-beta+meta, 2.0.0-beta+meta]", "1.0.0-beta 1.0.0 2.0.0-beta", "1.0.0-alpha 2.0.0-rc 2.0.0"],
  ["(, 2.0.0-beta+meta)", "2.0.0-alpha", "2.0.0-beta"],
  ["[02,2021)", "2.0 2020.9", "2021"],
  ["(,)", "0 1-a", ""],
  ["*", "1.0 1.0.0-alpha what-ever", ""],
  ["*-*", "1.0 1.0.0-alpha", "what-ever"],
  ["6.*", "6.0 6.9.9.9", "5.9 7.0 6.1.0-beta"],
  ["1.1.*", "1.1 1.1.9", "1.2 1.0.9"],
  ["1.2.3.*", "1.2.3 1.2.3.9", "1.2.4"],
  ["2.0.0-*", "2.0.0-alpha 2.0.0", "2.0.1 2.0.1-alpha 1.9"],
  ["1.0.0-beta.*", "1.0.0-beta.1 1.0.0-BETA.9 1.0.0", "1.0.0-beta 1.0.0-rc.1 1.0.0-beta-1"],
  ["1.*-rc*", "1.2.0-rc1 1.2.0-rc.1 1.1.0", "1.2.0-beta 2.0.0"],
  ["1.*-*", "1.2.0-a 1.0.0", "2.0.0-a"],
  ["*-rc.*", "1.2.0-rc.1 2.0.0", "3.0.0-beta.1"],
  ["[1.0.0-beta.*, 2.0.0)", "1.0.0-beta.1", "1.1.0 2.0.0"],
  ["[1.0] || [2.0,3.0)", "1.0 2.5", "1.1 3.0"],
];

const NOT_RANGES =
  "| |[|[]|()|)|(1.0)|[1.0|1.0]|,1|1,|[1.0,2.0],[3.0,4.0]|1.0.0 , 2.0.0|1.0.0  2.0.0|[2.0,1.0]|(1.0,1.0]|[1.0,1.0)|[*]|[1.0.0, 1.1.*)|(, 2.*.*)|<1.0.*|<=1.0|1.0.0<|~1.*|~|^1|>=1|1.*.0|1.*.0-beta-*|1.0.0.0.*|=1.0.*|1.0.0+*|1.0.**|1.0.*-*bla|**|1.0.0-preview.*+x|1.0.*--|1.0.*-|a";

test("versions are ordered as NuGet orders them", () => {
  for (const [lower, higher] of ASCENDING) {
    assert.ok(compareVersions(lower, higher) < 0, `${lower} < ${higher}`);
    assert.ok(compareVersions(higher, lower) > 0, `${higher} > ${lower}`);
  }
});

test("versions that differ in case, zeros or build metadata are equal", () => {
  for (const [a, b] of EQUAL) assert.equal(compareVersions(a, b), 0, `${a} = ${b}`);
});

test("versions are normalised and lower-cased for URLs", () => {
  for (const [text, normal] of NORMALISED) {
    assert.equal(formatVersion(parseVersion(text)!), normal);
    assert.equal(urlVersion(text), normal.toLowerCase());
  }
});

test("what is no version for NuGet is refused", () => {
  for (const text of NOT_VERSIONS.split("|")) assert.equal(parseVersion(text), undefined, JSON.stringify(text));
  assert.equal(parseVersion(`1.0.0-${"a".repeat(300)}`), undefined);
});

test("dotted labels and build metadata make a version SemVer 2", () => {
  const semVer2 = (text: string) => isSemVer2(parseVersion(text)!);
  assert.deepEqual(["1.0.0-a.1", "1.0.0+x"].map(semVer2), [true, true]);
  assert.deepEqual(["1.0.0", "1.0.0.4", "1.0.0-a-1"].map(semVer2), [false, false, false]);
});

test("ranges contain what the notation says", () => {
  for (const [range, inside, outside] of RANGES) {
    for (const version of inside.split(" ")) assert.ok(inRange(version, range), `${version} in ${range}`);
    for (const version of outside.split(" ").filter(Boolean))
      assert.ok(!inRange(version, range), `${version} not in ${range}`);
  }
});

test("what is no range contains nothing", () => {
  for (const text of NOT_RANGES.split("|")) {
    assert.equal(parseRange(text), undefined, JSON.stringify(text));
    assert.equal(inRange("1.0.0", text), false, JSON.stringify(text));
  }
});

test("hostile versions and ranges are read in linear time", () => {
  const long = "1.".repeat(100_000);
  const started = performance.now();
  for (const text of [long, `${long}*`, `[${long},${long}]`, `1.0.0-${"-".repeat(100_000)}*`]) {
    assert.equal(parseVersion(text), undefined);
    assert.equal(parseRange(text), undefined);
  }
  assert.ok(performance.now() - started < 500);
});
