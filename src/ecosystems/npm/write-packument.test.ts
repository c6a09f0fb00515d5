import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BLOCKED, VISIBLE } from "../../../test/support/fake-gate.ts";
import type { IndexView, StoredDocument } from "../ecosystem.ts";
import { ABBREVIATED_TYPE, tagsOf, writeIndex } from "./write-packument.ts";

const signed: StoredDocument = { body: readFileSync(new URL("testdata/signed.json", import.meta.url)), validators: {} };

interface Written {
  readonly "dist-tags": Record<string, string>;
  readonly versions: Record<string, { deprecated?: string; dist: Record<string, unknown>; [field: string]: unknown }>;
  readonly time: Record<string, string>;
  readonly modified?: string;
  readonly policyRestrictions?: { message: string; versions: Record<string, unknown> };
  readonly stagedVersions?: unknown;
}

function viewOf(withheld: readonly string[] = [], more: Partial<IndexView> = {}): IndexView {
  return {
    base: "http://127.0.0.1:8321/npm",
    name: "@corp/tool",
    showWithheld: false,
    decide: (artifact) => (withheld.includes(artifact.version) ? BLOCKED : VISIBLE),
    whyUrl: (artifact) => `http://127.0.0.1:8321/why/${artifact.version}`,
    ...more,
  };
}

function write(form: string, view: IndexView, document = signed): Written {
  return JSON.parse(writeIndex(document, form, view).body.toString()) as Written;
}

test("the full form keeps what upstream says and moves only tarballs, tags and times", () => {
  const upstream = JSON.parse(signed.body.toString());
  const full = write("full", viewOf());
  assert.equal(writeIndex(signed, "full", viewOf()).contentType, "application/json");
  assert.deepEqual(Object.keys(full.versions), Object.keys(upstream.versions));
  for (const [version, manifest] of Object.entries(full.versions)) {
    const { tarball, ...dist } = manifest.dist;
    const { tarball: _, ...expected } = upstream.versions[version].dist;
    assert.equal(tarball, `http://127.0.0.1:8321/npm/@corp/tool/-/tool-${version}.tgz`);
    assert.deepEqual(dist, expected);
    assert.deepEqual({ ...manifest, dist: 0 }, { ...upstream.versions[version], dist: 0 });
  }
  assert.deepEqual(full["dist-tags"], upstream["dist-tags"]);
});

test("what upstream says of versions that bypass the gate is taken out", () => {
  assert.equal(write("full", viewOf()).stagedVersions, undefined);
  assert.equal(write("full", viewOf()).policyRestrictions, undefined);
});

test("the abbreviated form has its own content type, its fields and time", () => {
  assert.equal(writeIndex(signed, "abbreviated", viewOf()).contentType, ABBREVIATED_TYPE);
  const short = write("abbreviated", viewOf());
  assert.deepEqual(Object.keys(short), ["name", "modified", "dist-tags", "versions", "time"]);
  const two = short.versions["2.0.0"];
  const fields =
    "name version dependencies peerDependencies peerDependenciesMeta bin dist engines cpu os libc _hasShrinkwrap hasInstallScript";
  assert.deepEqual(Object.keys(two ?? {}), fields.split(" "));
  assert.ok(two?.dist["signatures"] !== undefined && two.dist["attestations"] !== undefined);
  assert.deepEqual(short.versions["1.0.0"]?.["bundleDependencies"], ["inner"]);
  assert.equal(short.versions["1.1.0"]?.["hasInstallScript"], true);
  assert.equal(short.versions["1.0.0"]?.["hasInstallScript"], undefined);
});

test("times are canonical, complete, and modified is the newest of any version", () => {
  for (const form of ["full", "abbreviated"]) {
    const { time } = write(form, viewOf());
    assert.equal(time["created"], "2020-01-01T00:00:00.000Z");
    assert.equal(time["1.1.0"], "2021-01-01T00:00:00.000Z");
    assert.equal(time["modified"], "2023-01-01T00:00:00.000Z");
    assert.equal(Object.keys(time).length, 8);
  }
  const { time, modified } = write("abbreviated", viewOf(["2.0.1"]));
  assert.equal(modified, "2023-01-01T00:00:00.000Z");
  assert.equal(time["2.0.1"], undefined);
});

test("an upstream without times is given those of our own first sight, and none are made up", () => {
  const bare = JSON.parse(signed.body.toString());
  delete bare.time;
  const document: StoredDocument = { body: Buffer.from(JSON.stringify(bare)), validators: {} };
  const seen = write("full", viewOf([], { firstSeen: () => Date.UTC(2026, 0, 2) }), document);
  assert.equal(seen.time["2.0.0"], "2026-01-02T00:00:00.000Z");
  assert.deepEqual(write("full", viewOf(), document).time, {});
});

test("a withheld version leaves the ranges, and npm is told why in its own words", () => {
  const full = write("full", viewOf(["2.0.1"]));
  assert.equal(full.versions["2.0.1"], undefined);
  assert.equal(full["dist-tags"]["latest"], "2.0.0");
  assert.equal(full.policyRestrictions?.message, `${BLOCKED.sentence} http://127.0.0.1:8321/why/2.0.1`);
  const restricted = { name: "@corp/tool", version: "2.0.1", deprecated: BLOCKED.sentence, engines: { node: "0.0.0" } };
  assert.deepEqual(full.policyRestrictions?.versions, { "2.0.1": restricted });
});

test("a client that can say why sees a withheld version deprecated, at an address that says so", () => {
  const shown = write("abbreviated", viewOf(["2.0.1"], { showWithheld: true }));
  const hidden = shown.versions["2.0.1"];
  assert.equal(hidden?.deprecated, `${BLOCKED.sentence} http://127.0.0.1:8321/why/2.0.1`);
  assert.equal(
    hidden?.dist["tarball"],
    "http://127.0.0.1:8321/npm/@corp/tool/-/BLOCKED-BY-PORTCULLIS/malicious/tool-2.0.1.tgz",
  );
  assert.equal(shown["dist-tags"]["latest"], "2.0.0");
  assert.equal(shown.time["2.0.1"], "2023-01-01T00:00:00.000Z");
  assert.equal(shown.policyRestrictions, undefined);
});

test("a withheld version is hidden where being deprecated would not make clients avoid it", () => {
  const shown = write("full", viewOf(["1.0.0"], { showWithheld: true }));
  assert.equal(shown.versions["1.0.0"], undefined);
});

test("when every version is withheld the packument is refused with the reason for latest", () => {
  for (const form of ["full", "abbreviated", "version:latest"]) {
    const view = viewOf([], { decide: () => BLOCKED });
    assert.throws(() => writeIndex(signed, form, view), {
      code: "WITHHELD",
      status: 403,
      hint: "http://127.0.0.1:8321/why/2.0.1",
    });
  }
});

test("a package without versions is served as it is", () => {
  const time = {
    created: "2020-01-01T00:00:00.000Z",
    modified: "2021-01-01T00:00:00.000Z",
    unpublished: { versions: ["1.0.0"] },
  };
  const document: StoredDocument = { body: Buffer.from(JSON.stringify({ name: "@corp/tool", time })), validators: {} };
  const gone = write("full", viewOf(), document);
  assert.deepEqual(gone.versions, {});
  assert.deepEqual(gone.time, time);
});

test("one version is served by number and by tag, with its signatures", () => {
  const byTag = write("version:old", viewOf()) as unknown as Written["versions"][string];
  assert.equal(byTag["version"], "1.1.0");
  const byNumber = write("version:2.0.0", viewOf()) as unknown as Written["versions"][string];
  assert.ok(byNumber.dist["signatures"] !== undefined);
  assert.throws(() => writeIndex(signed, "version:2.0.1", viewOf(["2.0.1"])), { code: "WITHHELD" });
  assert.throws(() => writeIndex(signed, "version:9.9.9", viewOf()), { code: "NOT_FOUND" });
  assert.throws(() => writeIndex(signed, "version:toString", viewOf()), { code: "NOT_FOUND" });
});

test("latest falls to the highest stable version below it, then to any stable one, then to any", () => {
  assert.equal(tagsOf(signed, viewOf(["2.0.1"]))["latest"], "2.0.0");
  assert.equal(tagsOf(signed, viewOf(["2.0.1", "2.0.0"]))["latest"], "1.1.0");
  assert.equal(tagsOf(signed, viewOf(["2.0.1", "2.0.0", "1.1.0", "1.0.0"]))["latest"], "3.0.0-beta.2");
});

test("other tags move down within their major and kind, or go", () => {
  assert.equal(tagsOf(signed, viewOf(["3.0.0-beta.2"]))["next"], "3.0.0-beta.1");
  assert.equal(tagsOf(signed, viewOf(["3.0.0-beta.2", "3.0.0-beta.1"]))["next"], undefined);
  assert.equal(tagsOf(signed, viewOf(["1.1.0"]))["old"], "1.0.0");
});

test("a version that upstream calls differently inside is served under the name it is listed with", () => {
  const dist = { tarball: "https://u.example.invalid/x-1.0.0.tgz" };
  const lie = { name: "x", versions: { "1.0.0": { name: "lodash", version: "9.0.0", dist } } };
  const document: StoredDocument = { body: Buffer.from(JSON.stringify(lie)), validators: {} };
  const written = write("full", viewOf([], { name: "x" }), document).versions["1.0.0"];
  assert.equal(written?.["name"], "x");
  assert.equal(written?.["version"], "1.0.0");
});

test("a packument of thirty megabytes is read and written in seconds", { timeout: 60_000 }, () => {
  const versions: Record<string, unknown> = {};
  const dependencies = Object.fromEntries(
    Array.from({ length: 150 }, (_, at) => [`dependency-number-${at}`, "^1.0.0"]),
  );
  const time: Record<string, string> = {};
  for (let at = 0; at < 6000; at++) {
    const version = `${Math.floor(at / 100)}.${at % 100}.0`;
    versions[version] = { dependencies, dist: { tarball: `https://u.example.invalid/x/-/x-${version}.tgz` } };
    time[version] = new Date(at * 1e9).toISOString();
  }
  const body = Buffer.from(JSON.stringify({ name: "x", "dist-tags": { latest: "59.99.0" }, versions, time }));
  assert.ok(body.length > 25e6);
  const started = performance.now();
  const view = viewOf(["59.99.0"], { name: "x" });
  const full = write("full", view, { body, validators: {} });
  assert.equal(full["dist-tags"]["latest"], "59.98.0");
  assert.equal(Object.keys(full.versions).length, 5999);
  assert.ok(performance.now() - started < 30_000);
});
