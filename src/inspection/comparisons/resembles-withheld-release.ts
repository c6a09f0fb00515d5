import { purlOf } from "../../policy/rules.ts";
import type { Comparison } from "../comparison.ts";

/** Likeness from which it is the same program to all appearance, and what less is worth. */
const NEARLY_THE_SAME = 0.9;
const SHARE_OF_ALIKE = 0.7;

export const resemblesWithheldRelease: Comparison = {
  id: "resembles-withheld-release",
  title: "Code that runs by itself is that of a release withheld as malicious, renamed",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 6.4,
  alone: true,
  why: `Attackers publish one program under hundreds of names, with other variables, other texts and other comments each time. The shape of code
stays: which members are called in which order. Where most of the shape of a file that runs by itself is the shape of a file in which
something malicious was found in another release, of any ecosystem, this one is withheld too; the finding names the other.

Templates and copied libraries are no resemblance: what occurs in several clean projects does not count. The release that repairs an attacked
project does not resemble it by what it kept. If the other release was withheld by mistake, an exception for it keeps it from
being held against releases that are assessed from then on.`,
  *compare({ twin }) {
    if (twin === undefined) return;
    const { ecosystem, name, version, likeness, itsPath } = twin;
    const says = `${Math.round(likeness * 100)} % of its shape is that of ${itsPath} in ${purlOf(ecosystem, name, version)}, which is withheld as malicious`;
    yield { path: twin.path, says, phase: "install", share: likeness >= NEARLY_THE_SAME ? 1 : SHARE_OF_ALIKE };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        twin: {
          ecosystem: "pypi",
          name: "b",
          version: "1.0",
          filename: "b-1.0.tar.gz",
          sha256: "00",
          path: "setup.py",
          itsPath: "setup.py",
          likeness: 0.95,
        },
      },
    ],
    passes: [{ ecosystem: "npm", files: { "package.json": '{"name":"a","version":"1.0.0"}' } }],
  },
};
