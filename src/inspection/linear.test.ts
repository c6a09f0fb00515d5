import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { adversarialTexts, regexesMadeBy, regexesOf } from "../../test/support/regexes.ts";

/** Folders whose expressions meet what packages, lock files and registries contain. */
const FOLDERS = [import.meta.dirname, join(import.meta.dirname, "../lib"), join(import.meta.dirname, "../report")];
/** Without one of these an expression looks at few characters from each place. */
const REPEATS = /[*+]|\{\d{0,6},\}|\{\d{0,6},?\d{3,}\}/;
const LENGTH = 20_000;
/** Longer ones are lists of words. */
const LONGEST = 4_000;

for (const folder of FOLDERS) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = files.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  test(`every regular expression of ${folder.split(/[/\\]/).at(-1)} is linear on texts made to slow it down`, () => {
    const regexes = new Map(sources.flatMap((name) => regexesOf(join(folder, name)).map((one) => [`${one}`, one])));
    for (const regex of regexes.values()) if (REPEATS.test(regex.source)) assertLinear(regex);
  });
  test(`so is every one that ${folder.split(/[/\\]/).at(-1)} puts together`, async () => {
    for (const name of sources)
      for (const regex of await regexesMadeBy(join(folder, name)))
        if (REPEATS.test(regex.source) && regex.source.length < LONGEST) assertLinear(regex);
  });
}

/** Twice the text may take about twice the time, not four times; small times are noise. */
function assertLinear(regex: RegExp): void {
  const all = new RegExp(regex.source, regex.flags.includes("g") ? regex.flags : `${regex.flags}g`);
  for (const text of adversarialTexts(regex, LENGTH)) {
    const took = timeOn(all, text);
    assert.ok(took < 200, `${regex} took ${took.toFixed()} ms on ${JSON.stringify(text.slice(0, 60))}…`);
  }
}

/** Milliseconds of processor time. */
function timeOn(regex: RegExp, text: string): number {
  const started = process.cpuUsage();
  let matches = 0;
  for (const _ of text.matchAll(regex)) if (++matches > LENGTH) break;
  return process.cpuUsage(started).user / 1_000;
}

test("expressions that files put together are found, when they are loaded and in functions", async () => {
  const loaded = await regexesMadeBy(join(import.meta.dirname, "decode/plain-calls.ts"));
  assert.ok(loaded.some(({ source }) => source.includes("getattr")));
  const later = await regexesMadeBy(join(import.meta.dirname, "detectors/serves-shell.ts"));
  assert.ok(later.some(({ source }) => source.includes("name[ \\t]{0,4}=")));
});
