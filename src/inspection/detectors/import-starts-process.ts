import { marks } from "../behaviour/marks.ts";
import { type Deed, deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";
import { codeWith, sight } from "./_sight.ts";
import { oddity } from "./_started.ts";

export const importStartsProcess: Detector = {
  id: "import-starts-process",
  title: "Importing the module starts a program",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.2,
  class: "threat",
  group: "import-acts",
  why: `A program is started as soon as the module is loaded, before anybody calls a function. Programs that fetch something, hide or ask
who the user is count fully.

Modules ask for versions, terminals and compilers at import; such commands are recognised and pass.`,
  literals: marks("start"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("start"))) {
      if (file.kind !== "python" || !mayActAtLoad(file, "start")) continue;
      const apart = file.phase === "import" || file.phase === "start" ? 1 : 0.6;
      for (const deed of deedsOf(file, "start")) {
        if (deed.phase !== "import" && deed.phase !== "start") continue;
        const says = `${deed.what} starts ${deed.text || "a program"} at import`;
        const share = shareOf(deed, tree) * apart;
        if (share > 0) yield sight(file, deed.offset, says, { phase: deed.phase, share });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import subprocess\nsubprocess.Popen('curl http://example.invalid')\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import subprocess\ndef run():\n    subprocess.call('x')\n" },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import subprocess\nv = subprocess.check_output(['git', 'rev-parse', 'HEAD'])\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import os\nclass A:\n    def __init__(self):\n        self.go()\n    def go(self):\n        os.system('start x.exe')\nA()\n",
        },
      },
    ],
  },
};

function shareOf(deed: Deed, tree: ReleaseTree): number {
  if (/^\s*(?:cls|clear|color|title|mode|stty|tput)\b/.test(deed.text)) return 0;
  if (deed.what === "os.startfile") return 1;
  if (deed.command?.installs === true) return 0.4;
  const odd = oddity(deed, tree);
  return odd === 0.9 ? 0.75 : odd;
}
