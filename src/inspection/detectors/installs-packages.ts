import { marks } from "../behaviour/marks.ts";
import { deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

export const installsPackages: Detector = {
  id: "installs-packages",
  title: "Installs other packages while it is installed or imported",
  severity: "medium",
  ecosystems: ["pypi", "npm"],
  points: 2.4,
  class: "threat",
  group: "runtime-install",
  why: `The code runs the package manager itself instead of declaring a dependency. What it installs appears in no manifest and in no lock
file; stealers fetch their libraries this way, and trojans their second stage.

Notebooks and plugin systems install things in a function, when the user asks; setup scripts of old projects install build tools.`,
  literals: marks("install-package"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("install-package"))) {
      if (!mayActAtLoad(file, "start")) continue;
      for (const deed of deedsOf(file, "install-package")) {
        if (isLate(deed)) continue;
        yield sight(file, deed.offset, `runs ${deed.text || deed.what}`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('pip install demo')\n" } },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'demo'])\n",
        },
      },
    ],
    passes: [{ ecosystem: "pypi", files: { "demo/a.py": "print('run: pip install demo')\n" } }],
    evasions: [
      { ecosystem: "pypi", files: { "setup.py": "from pip._internal import main as m\nm(['install', 'demo'])\n" } },
    ],
  },
};
