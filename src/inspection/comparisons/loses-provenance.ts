import type { Comparison } from "../comparison.ts";

export const losesProvenance: Comparison = {
  id: "loses-provenance",
  title: "The release before said where it was built, this one does not",
  severity: "low",
  ecosystems: ["pypi", "npm"],
  points: 1.2,
  why: `The index has an attestation of the build for the release before and none for this one. Who publishes with a stolen token from
elsewhere cannot make one.

Maintainers publish by hand when their build service is down. The reverse is no comfort: the worst attacks of 2026 carried valid
attestations, so that having one never counts in favour.`,
  *compare({ listed, before }) {
    if (listed !== undefined && listed.attested !== true && before?.listed?.attested === true)
      yield { path: "", says: "the release before has an attestation of its build, this one has none" };
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Name: a\n", "setup.py": "" },
        before: { "PKG-INFO": "Name: a\n", "setup.py": "" },
        listed: {},
        listedBefore: { attested: true },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Name: a\n", "setup.py": "" },
        before: { "PKG-INFO": "Name: a\n", "setup.py": "" },
        listed: { attested: true },
        listedBefore: { attested: true },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}' },
        before: { "package.json": '{"name":"a"}' },
        listedBefore: { attested: true },
      },
    ],
  },
};
