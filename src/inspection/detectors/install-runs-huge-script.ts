import type { Detector } from "../detector.ts";
import { isMember } from "./_sight.ts";

/** Bytes from which nobody reads an install script any more. */
const HUGE = 1_000_000;

export const installRunsHugeScript: Detector = {
  id: "install-runs-huge-script",
  title: "An install script is larger than a megabyte",
  severity: "medium",
  ecosystems: ["npm"],
  points: 3,
  class: "threat",
  group: "install-hook",
  why: `The file that an install script starts has more than a million characters. Install scripts copy a file or fetch a program; the
worms of 2025 and 2026 brought everything they needed along in one file of several megabytes.

A few tools bundle their whole command line and start it at install; this alone does not withhold a release.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (!isMember(file) || file.phase !== "install" || file.bytes.length < HUGE) continue;
      if (file.kind !== "javascript" && file.kind !== "typescript") continue;
      yield {
        path: file.path,
        line: null,
        says: `runs at install and has ${file.size} bytes`,
        phase: "install",
      };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"preinstall":"node a.js"}}`, "a.js": `x="${"a".repeat(1_000_000)}"\n` },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { "package.json": `{"main":"a.js"}`, "a.js": `x="${"a".repeat(1_000_000)}"\n` } },
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"install":"node a.js"}}`, "a.js": "fetchProgram();\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node ./lib/b.cjs || true"}}`,
          "lib/b.cjs": `x="${"a".repeat(1_000_000)}"\n`,
        },
      },
    ],
  },
};
