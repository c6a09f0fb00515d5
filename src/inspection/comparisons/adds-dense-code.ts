import type { Comparison } from "../comparison.ts";
import type { FileFact } from "../model.ts";
import { changedFiles } from "./_facts.ts";

export const addsDenseCode: Comparison = {
  id: "adds-dense-code",
  title: "Code that nobody can read is new in it",
  severity: "low",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 1.2,
  why: `A code file with lines of thousands of characters, minified, packed or encoded, where the release before had readable code or
nothing. The payloads of taken-over packages come like this, since a short one would be seen in the diff.

Bundlers write such files too: where the release before had some already, a new one counts little, and the rebuilt bundle in its old place not at all.`,
  *compare({ facts, before }) {
    const had = before?.facts.code?.filter(isDense) ?? [];
    const places = new Set(had.map(({ place }) => place));
    for (const { file, replaces } of changedFiles(facts, before?.facts, isDense)) {
      if (places.has(file.place)) continue;
      const was = replaces ? "was readable in the release before" : "is new in this release";
      const says = `it has lines of more than 2,000 bytes and ${was}`;
      yield { path: file.place, says, phase: file.phase, share: had.length > 0 && !replaces ? 0.2 : 1 };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "index.js": `a=[${"1,".repeat(2_000)}];\n` },
        before: { "package.json": '{"name":"a"}', "index.js": "a=1;\n" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "index.js": `a=[${"1,".repeat(2_000)}];\n` },
        before: { "package.json": '{"name":"a"}', "index.js": `a=[${"2,".repeat(2_000)}];\n` },
      },
    ],
  },
};

function isDense({ dense, phase }: FileFact): boolean {
  return dense === true && phase !== "none";
}
