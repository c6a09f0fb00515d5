import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { sha256Hex } from "../../lib/digest.ts";
import type { ComparedExample, Comparison, Surrounded } from "../comparison.ts";
import type { Example } from "../detector.ts";
import { DETECTORS } from "../detectors/index.ts";
import { factsOf } from "../facts.ts";
import { PREFILTER } from "../searched.ts";
import { compareRelease } from "../surroundings.ts";
import { treeOfFiles } from "../unpack.ts";
import { COMPARISONS } from "./index.ts";

const FORMS = { pypi: "sdist", npm: "npm", nuget: "nupkg" } as const;

function facts(files: Example["files"], { ecosystem, form = FORMS[ecosystem] }: Pick<Example, "ecosystem" | "form">) {
  const top = form === "npm" ? "package/" : form === "sdist" ? "a-1/" : "";
  const entries = Object.entries(files).map(([path, text]) => [top + path, Buffer.from(text, "latin1")] as const);
  return factsOf(treeOfFiles(entries, { filename: "a", ecosystem, form }, PREFILTER));
}

function surrounded(example: ComparedExample): Surrounded {
  const { ecosystem, form, files, before, sdist, listed, listedBefore, project, twin } = example;
  const about = { ecosystem, ...(form && { form }) };
  const metadata = Object.entries(files).find(([path]) => path.endsWith("METADATA"))?.[1] ?? "";
  const digest = listed?.metadataDigest?.replace(
    "METADATA_DIGEST",
    sha256Hex(Buffer.from(metadata)),
  ) as `sha256:${string}`;
  return {
    facts: facts(files, about),
    ...(listed && { listed: { ...listed, ...(digest && { metadataDigest: digest }) } }),
    ...(before && { before: { facts: facts(before, about), ...(listedBefore && { listed: listedBefore }) } }),
    ...(sdist && { siblings: [facts(sdist, { ecosystem })] }),
    ...(project && { project }),
    ...(twin && { twin }),
  };
}

test("each file of the folder is one comparison, listed once, named by its id, which no detector has", () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /^[a-z].*(?<!\.test)\.ts$/.test(name));
  const ids = COMPARISONS.map(({ id }) => id);
  assert.deepEqual([...ids.map((id) => `${id}.ts`), "index.ts"].sort(), files.sort());
  for (const { id } of DETECTORS) assert.ok(!ids.includes(id), id);
});

for (const comparison of COMPARISONS) {
  describe(comparison.id, () => {
    test("is documented", () => {
      assert.ok(comparison.title.length > 10 && comparison.title.length <= 100);
      assert.match(comparison.why, /\n\n/, "two paragraphs: what it means, and when it is harmless");
      assert.ok(comparison.points > 0 && (comparison.alone || comparison.points <= 2));
    });

    for (const [index, example] of comparison.examples.matches.entries()) {
      test(`matches example ${index + 1}`, () => assert.notDeepEqual(seen(comparison, example), []));
    }
    for (const [index, example] of comparison.examples.passes.entries()) {
      test(`passes example ${index + 1}`, () => assert.deepEqual(seen(comparison, example), []));
    }
    test("says nothing where nothing is known round the release", () => {
      for (const { listed: _, before: __, sdist: ___, project: ____, twin: _____, ...alone } of comparison.examples
        .matches)
        assert.deepEqual(seen(comparison, alone), []);
    });
    test("says nothing of facts that an older engine recorded", () => {
      for (const example of comparison.examples.matches) {
        const release = surrounded(example);
        const old = ({ code: _, codeComplete: __, hosts: ___, metadataDigest: ____, ...rest }: Surrounded["facts"]) =>
          rest;
        if (release.before) compareRelease({ ...release, before: { facts: old(release.before.facts) } }, [comparison]);
        compareRelease({ ...release, facts: old(release.facts) }, [comparison]);
      }
    });
  });
}

function seen(comparison: Comparison, example: ComparedExample) {
  return compareRelease(surrounded(example), [comparison]);
}
