import { deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { isSetup } from "./_setup.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

const WORDS = [
  "start_new_session",
  "creationflags",
  "setsid",
  "detached_process",
  "startupinfo",
  "nohup",
  "start /b",
  "hidden",
] as const;
/** The process gets a session, a window or a console of its own, or none. */
const DETACHES =
  /start_new_session\s{0,4}=\s{0,4}True|creationflags\s{0,4}=|preexec_fn\s{0,4}=\s{0,4}os\.set(?:sid|pgrp)|startupinfo\s{0,4}=|\bnohup\b|\bstart \/b\b|-w(?:indowstyle)? hidden/i;

export const detachesUnasked: Detector = {
  id: "detaches-unasked",
  title: "Installing or importing the package starts a hidden or detached process",
  severity: "high",
  ecosystems: ["pypi"],
  points: 3.2,
  class: "threat",
  group: "detached-process",
  why: `A process is started at install or import that has no window or outlives its parent: a new session, \`CREATE_NO_WINDOW\`, \`nohup\`,
\`start /b\`. That is what a payload needs so that nobody sees it, and what building does not.

Programs ask for versions at import without a window, too, so that none flashes up; those commands are recognised and pass.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python" || (!isSetup(file) && !mayActAtLoad(file, "start"))) continue;
      for (const deed of deedsOf(file, "start")) {
        if (isLate(deed) || deed.command?.builds === true) continue;
        if (!DETACHES.test(deed.words)) continue;
        const share = file.phase === "call" ? 0.4 : 1;
        yield sight(file, deed.offset, `${deed.what} detaches or hides ${deed.text.slice(0, 120) || "a process"}`, {
          phase: deed.phase,
          share,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import subprocess, sys\nsubprocess.Popen([sys.executable, path, '-b'], start_new_session=True)\n",
        },
      },
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('nohup ./agent &')\n" } },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import subprocess\nv = subprocess.check_output(['git', 'describe'], creationflags=0x08000000)\ndef go():\n    subprocess.Popen(['a'], start_new_session=True)\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "from subprocess import Popen as P\ndef f():\n    P(['x'], creationflags=8 | 512)\nf()\n",
        },
      },
    ],
  },
};
