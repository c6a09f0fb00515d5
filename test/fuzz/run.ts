import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

// npm run fuzz -- [--seconds N] [--seed N] [--keep FOLDER] [TARGET …]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    keep: { type: "string" },
  },
});
const names = positionals.length === 0 ? Object.keys(TARGETS) : positionals;
let failed = 0;
for (const name of names) {
  const target = TARGETS[name];
  if (target === undefined) throw new Error(`no target ${name}; there are ${Object.keys(TARGETS).join(", ")}`);
  const seconds = Number(values.seconds) / names.length;
  const { inputs, slowestMs, failures } = fuzz(target, {
    seed: Number(values.seed),
    seconds,
    inputs: Number.POSITIVE_INFINITY,
  });
  failed += failures.length;
  console.log(
    `${name.padEnd(12)} ${inputs} inputs, ${Math.round(inputs / seconds)} a second, slowest ${Math.round(slowestMs)} ms, ${failures.length} failures`,
  );
  for (const [at, { bytes, says }] of failures.entries()) {
    console.log(`  ${says.slice(0, 400)}\n  ${bytes.length} bytes: ${bytes.toString("base64").slice(0, 200)}`);
    if (values.keep === undefined) continue;
    mkdirSync(values.keep, { recursive: true });
    writeFileSync(join(values.keep, `${name}-${at}.bin`), bytes);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
