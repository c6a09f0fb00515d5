import assert from "node:assert/strict";
import type { ComparedExample } from "../../src/inspection/comparison.ts";
import { COMPARISONS } from "../../src/inspection/comparisons/index.ts";
import { factsOf } from "../../src/inspection/facts.ts";
import { PREFILTER } from "../../src/inspection/searched.ts";
import { compareRelease } from "../../src/inspection/surroundings.ts";
import { treeOfFiles } from "../../src/inspection/unpack.ts";
import { ArchiveRefused } from "../../src/lib/archives/archive.ts";
import type { Target } from "./targets.ts";

const FORMS = { pypi: "sdist", npm: "npm", nuget: "nupkg" } as const;
const EXAMPLES: readonly ComparedExample[] = COMPARISONS.flatMap(({ examples }) => [
  ...examples.matches,
  ...examples.passes,
]).filter(({ files }) => Object.keys(files).length > 0);

/** Releases among their surroundings, one file of which is damaged; the first three bytes say which. */
export const COMPARED: Target = {
  seeds: EXAMPLES.flatMap(({ files }, example) =>
    Object.values(files).map((text, file) =>
      Buffer.concat([Buffer.from([example >> 8, example, file]), Buffer.from(text, "latin1")]),
    ),
  ),
  read(bytes) {
    const example = EXAMPLES[((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % EXAMPLES.length]!;
    const paths = Object.keys(example.files);
    const damaged = { ...example.files, [paths[(bytes[2] ?? 0) % paths.length]!]: bytes.toString("latin1", 3) };
    try {
      const after = facts(example, damaged);
      const before = facts(example, example.before ?? example.files);
      const listed = example.listed && { listed: example.listed };
      const project = example.project && { project: example.project };
      // Damaged against whole and whole against damaged: either may be the one that an attacker wrote.
      const found = [
        ...compareRelease({ facts: after, before: { facts: before }, siblings: [before], ...listed, ...project }),
        ...compareRelease({ facts: before, before: { facts: after }, siblings: [after], ...listed, ...project }),
      ];
      for (const { says } of found) assert.doesNotMatch(says, /[\p{Cc}\p{Cf}]/u);
      return found.map(({ detector, path, says }) => [detector, path, says]);
    } catch (error) {
      if (!(error instanceof ArchiveRefused)) throw error;
      return error.problem;
    }
  },
};

function facts({ ecosystem, form = FORMS[ecosystem] }: ComparedExample, files: ComparedExample["files"]) {
  const top = form === "npm" ? "package/" : form === "sdist" ? "a-1/" : "";
  const entries = Object.entries(files).map(([path, text]) => [top + path, Buffer.from(text, "latin1")] as const);
  return factsOf(treeOfFiles(entries, { filename: "a", ecosystem, form }, PREFILTER));
}
