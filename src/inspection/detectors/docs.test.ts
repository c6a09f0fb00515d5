import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { COMPARISONS } from "../comparisons/index.ts";
import { DETECTORS } from "./index.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "attacks.md");
const rows = readFileSync(PAGE, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---") && !line.startsWith("| behaviour"));

test("every attack of docs/attacks.md names detectors that exist, or says why there is none", () => {
  const ids = new Set([...DETECTORS, ...COMPARISONS].map(({ id }) => id));
  assert.ok(rows.length > 40);
  for (const row of rows) {
    const [, behaviour = "", seen = ""] = row.split("|");
    const named = [...seen.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id!);
    for (const id of named) if (id !== "start") assert.ok(ids.has(id), `${behaviour.trim()}: ${id} is no detector`);
    assert.ok(named.length > 0 || /^ (?:not seen|only|not decompiled)/.test(seen), behaviour);
  }
});
