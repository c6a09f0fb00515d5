// Runs every test beside the code and in test/, and closes with the plain line `N passed, N failed`.
import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const words = process.argv.slice(2);
const files = ["src/**/*.test.ts", "test/*.test.ts"]
  .flatMap((pattern) => globSync(pattern))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
let passed = 0;
let failed = 0;
let skipped = 0;
const stream = run({ files, concurrency: 2, timeout: 300_000 });
stream.on("test:pass", (test) => {
  if (test.details?.type === "suite") return;
  if (test.skip !== undefined) skipped++;
  else passed++;
});
stream.on("test:fail", (test) => {
  if (test.details?.type !== "suite") failed++;
});
stream.on("end", () => {
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  setImmediate(() => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`));
});
stream.compose(new spec()).pipe(process.stdout);
