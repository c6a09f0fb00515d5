import { isUnknown } from "../behaviour/commands.ts";
import { marks } from "../behaviour/marks.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { isSetup, runsAtInstall } from "./_setup.ts";
import { codeWith, sight } from "./_sight.ts";
import { oddity } from "./_started.ts";

export const setupStartsProcess: Detector = {
  id: "setup-starts-process",
  title: "setup.py starts a program that has nothing to do with building",
  severity: "high",
  ecosystems: ["pypi"],
  points: 4.6,
  class: "threat",
  group: "setup-acts",
  why: `\`setup.py\` runs when pip installs or only looks at a source release. Here it starts a program that is neither a compiler nor a
version-control or packaging tool; commands that fetch something, hide their window, run in the background or ask who the user is count fully.

Honest setup scripts start unusual tools too, with arguments that only the running script knows; those get few points.`,
  literals: marks("start"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("start"))) {
      if (!isSetup(file)) continue;
      for (const deed of deedsOf(file, "start")) {
        const share = runsAtInstall(deed) ? oddity(deed, tree) : 0;
        if (share === 0) continue;
        const command = isUnknown(deed.text) ? "a program that only the running script knows" : deed.text;
        yield sight(file, deed.offset, `${deed.what} starts ${command}`, { phase: "install", share });
      }
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('start /b notepad')\n" } },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "from setuptools.command.install import install\nimport subprocess\nclass I(install):\n    def run(self):\n        install.run(self)\n        subprocess.Popen(['python', '-m', 'demo.agent'])\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import subprocess\nv = subprocess.check_output(['git', 'describe', '--tags'])\n" },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py": "import os, sys\nif sys.argv[-1] == 'publish':\n    os.system('python setup.py sdist upload')\n",
        },
      },
    ],
    evasions: [
      { ecosystem: "pypi", files: { "setup.py": "import subprocess as s\nrun = s.Popen\nrun('calc.exe')\n" } },
    ],
  },
};
