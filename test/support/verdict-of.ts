import type { EcosystemId } from "../../src/catalog/model.ts";
import { inspectTree } from "../../src/inspection/inspect.ts";
import { withLayers } from "../../src/inspection/layers.ts";
import { PREFILTER } from "../../src/inspection/searched.ts";
import { treeOfFiles } from "../../src/inspection/unpack.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";

const FORMS = { npm: "npm", nuget: "nupkg", pypi: "sdist" } as const;
const TOPS = { npm: "package/", nuget: "", pypi: "demo-1.0/" } as const;

/** The word of the verdict on a release of these files, which are laid under the top folder of the ecosystem's archives. */
export function verdictOf(ecosystem: EcosystemId, files: Readonly<Record<string, string>>): string {
  const entries = Object.entries(files).map(
    ([path, text]) => [`${TOPS[ecosystem]}${path}`, Buffer.from(text)] as const,
  );
  const tree = treeOfFiles(entries, { filename: "demo", ecosystem, form: FORMS[ecosystem] }, PREFILTER);
  return inspectTree(withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes), DEFAULT_LIMITS).verdict.word;
}
