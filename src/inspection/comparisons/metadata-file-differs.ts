import type { Comparison } from "../comparison.ts";

export const metadataFileDiffers: Comparison = {
  id: "metadata-file-differs",
  title: "The index serves other metadata for the wheel than it carries",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 2,
  why: `Installers resolve dependencies by a copy of METADATA that the index serves beside the wheel (PEP 658) and then install the wheel.
Where the two differ, what was resolved and checked is not what is installed.

An index that rewrites metadata would cause the same.`,
  *compare({ facts, listed }) {
    const [declared, own] = [listed?.metadataDigest, facts.metadataDigest];
    if (declared?.startsWith("sha256:") && own !== undefined && declared !== own)
      yield {
        path: "",
        says: `the index declares ${declared} for its metadata, the wheel holds ${own}`,
        phase: "install",
      };
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "a-1.dist-info/METADATA": "Name: a\n" },
        listed: { metadataDigest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" },
      },
    ],
    passes: [
      { ecosystem: "pypi", form: "wheel", files: { "a-1.dist-info/METADATA": "Name: a\n" } },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "a-1.dist-info/METADATA": "Name: a\n" },
        listed: { metadataDigest: "sha256:METADATA_DIGEST" },
      },
    ],
  },
};
