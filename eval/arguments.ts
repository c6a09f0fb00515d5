import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { OBFUSCATIONS } from "./obfuscate/index.ts";

const HERE = import.meta.dirname;
const SHARED = resolve(HERE, "..", "..", "shared", "corpora");

const OPTIONS = {
  train: { type: "string", default: join(SHARED, "malregistry-train.tsv") },
  inert: { type: "string", default: join(SHARED, "malregistry-train-inert.txt") },
  corpus: { type: "string" },
  "per-campaign": { type: "string", default: "1000000" },
  cache: { type: "string", default: join(HERE, "cache") },
  set: { type: "string", multiple: true },
  jobs: { type: "string", default: String(availableParallelism()) },
  guarddog: { type: "string" },
  "install-guarddog": { type: "boolean", default: false },
  obfuscate: { type: "string", multiple: true },
  seed: { type: "string", default: "1" },
  details: { type: "string" },
  refit: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** What `npm run eval -- --help` prints. */
export const HELP = `npm run eval -- [OPTIONS] [FOLDER...]

Measures recall on malware and false positives on harmless archives in one run. Each FOLDER is one more harmless set.

  --corpus DIR         git directory of the malware corpus; without it recall is not measured
  --train FILE         list of the samples that may be opened (default: ../shared/corpora/malregistry-train.tsv)
  --inert FILE         list of samples that do nothing and do not count (default: beside the train list)
  --per-campaign N     at most N archives of each campaign (default: all)
  --set NAME           only this pinned set (pypi-sdists, pypi-hard, pypi-wheels, npm, nuget; "none" for none); may be repeated
  --cache DIR          where collect.ts put the pinned archives (default: eval/cache)
  --obfuscate [NAME]   recall before and after obfuscations of the samples, and nothing else; all, or one of
                       ${OBFUSCATIONS.map(({ name }) => name).join(", ")}; may be repeated
  --seed TEXT          fixes what is random in the obfuscations (default: 1)
  --guarddog N         the same on N archives of each set for GuardDog; --install-guarddog installs it first
  --details FILE       one JSON line per archive: verdict, score, contributions
  --refit DETAILS      fits the points of detectors on what a run with --details wrote, and measures nothing
  --jobs N             processes (default: one per core)
  --json               prints the figures as JSON
  --help               prints this
`;

/** The options and folders of a command line. Throws on unknown options and obfuscations. */
export function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: spelledOut(args), options: OPTIONS, allowPositionals: true });
  for (const name of values.obfuscate ?? []) {
    if (name !== "all" && !isObfuscation(name)) throw new Error(`There is no obfuscation ${name}; see --help`);
  }
  return { values, positionals };
}

/** `--obfuscate` alone means all. */
function spelledOut(args: readonly string[]): string[] {
  return args.map((one, at) => {
    const next = args[at + 1] ?? "";
    return one === "--obfuscate" && next !== "all" && !isObfuscation(next) ? "--obfuscate=all" : one;
  });
}

function isObfuscation(name: string): boolean {
  return OBFUSCATIONS.some((one) => one.name === name);
}
