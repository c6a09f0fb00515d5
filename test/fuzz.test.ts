import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, problemWith } from "./fuzz/fuzz.ts";
import { TARGETS } from "./fuzz/targets.ts";

// For longer: npm run fuzz -- --seconds 600
for (const [name, target] of Object.entries(TARGETS)) {
  test(`damaged input of ${name} is read or refused, twice alike and soon`, () => {
    const { failures, inputs } = fuzz(target, { seed: 7, seconds: 1.2, inputs: 150 });
    assert.ok(inputs > 0);
    assert.deepEqual(failures, []);
  });
}

/** Inputs that went wrong once, by target and what they are. */
const REGRESSIONS: readonly (readonly [string, string, string])[] = [
  [
    "python",
    "a run of nine million encoded characters",
    `import base64\nexec(base64.b64decode('${"QUFB".repeat(2_300_000)}'))\n`,
  ],
  ["javascript", "the same in a script", `eval(atob('${"QUFB".repeat(2_300_000)}'))\n`],
  ["javascript", "two hundred thousand brackets", "[".repeat(200_000)],
  ["python", "two hundred thousand brackets", "(".repeat(200_000)],
  ["powershell", "two hundred thousand brackets", "@(".repeat(200_000)],
  ["javascript", "two hundred thousand templates in each other", "`${".repeat(200_000)],
  ["python", "ten thousand formats in each other", "f'{".repeat(10_000)],
  ["xml", "two hundred thousand elements in each other", "<a>".repeat(200_000)],
];

for (const [target, what, text] of REGRESSIONS) {
  test(`${target} reads ${what}`, () => {
    assert.equal(problemWith(TARGETS[target]!, Buffer.from(text), false), undefined);
  });
}
