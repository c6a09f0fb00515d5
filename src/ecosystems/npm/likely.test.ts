import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedArtifact, ProjectListing } from "../../catalog/model.ts";
import { likely } from "./likely.ts";

function listing(latest: string, ...versions: string[]): ProjectListing {
  const artifacts = versions.map((version) => ({
    version,
    filename: `x-${version}.tgz`,
    url: "https://u.example.invalid/",
    digests: [],
  }));
  return { name: "x", latest, artifacts };
}

function chosen(from: ProjectListing, offered: (artifact: ListedArtifact) => boolean = () => true): string[] {
  return likely(from, offered).map((artifact) => artifact.version);
}

test("latest comes first, then the best of the last two majors, then a newer prerelease", () => {
  const all = listing("2.1.0", "1.0.0", "2.1.0", "2.2.0", "3.0.0-rc.1", "1.5.0", "0.9.0");
  assert.deepEqual(chosen(all), ["2.1.0", "2.2.0", "1.5.0", "3.0.0-rc.1"]);
});

test("what is not offered is replaced by what clients are given instead", () => {
  assert.deepEqual(
    chosen(listing("2.1.0", "1.0.0", "2.0.0", "2.1.0"), (one) => one.version !== "2.1.0"),
    ["2.0.0", "1.0.0"],
  );
  assert.deepEqual(
    chosen(listing("1.0.0", "1.0.0"), () => false),
    [],
  );
});

test("of builds for one platform only the latest for a common one is worth fetching ahead", () => {
  const builds = (platform: "common" | "rare"): ProjectListing => {
    const all = listing("2.0.0", "1.0.0", "2.0.0", "2.1.0-rc.1");
    return { ...all, artifacts: all.artifacts.map((artifact) => ({ ...artifact, platform })) };
  };
  assert.deepEqual(chosen(builds("common")), ["2.0.0"]);
  assert.deepEqual(chosen(builds("rare")), []);
});
