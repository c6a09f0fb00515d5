import type { Comparison } from "../comparison.ts";
import { changedFiles } from "./_facts.ts";

export const addsInstallCode: Comparison = {
  id: "adds-install-code",
  title: "Code that runs at installation or start is new or other than before",
  severity: "low",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 1.5,
  why: `A file that an installer, an interpreter or a tool runs by itself is new or has other content than in the release before. Whoever
takes over a project has to put the code somewhere, and where it runs without being asked is the best place.

Build scripts of honest projects change all the time; a new file counts more than a changed one, and neither suffices alone.`,
  *compare({ facts, before }) {
    const changed = changedFiles(facts, before?.facts, ({ phase }) => phase === "install" || phase === "start");
    for (const { file, replaces } of changed) {
      const when = file.phase === "install" ? "runs at installation" : "runs when an interpreter or tool starts";
      const says = replaces ? `${when} and is other than in the release before` : `${when} and is new in this release`;
      yield { path: file.place, says, phase: file.phase, share: replaces ? 0.3 : 1 };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Name: a\nVersion: 2\n", "setup.py": "x = 2\n" },
        before: { "PKG-INFO": "Name: a\nVersion: 1\n", "setup.py": "x = 1\n" },
      },
      {
        ecosystem: "nuget",
        files: { "a.nuspec": "<package><metadata><id>a</id></metadata></package>", "build/a.targets": "<Project/>" },
        before: { "a.nuspec": "<package><metadata><id>a</id></metadata></package>" },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "a.pth": "import a\n", "a-2.dist-info/METADATA": "Name: a\n" },
        before: { "a-1.dist-info/METADATA": "Name: a\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Name: a\nVersion: 2\n", "setup.py": "x = 1\n", "a/__init__.py": "new = 1\n" },
        before: { "PKG-INFO": "Name: a\nVersion: 1\n", "setup.py": "x = 1\n" },
      },
    ],
  },
};
