import { marks } from "../behaviour/marks.ts";
import { deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

/** Python is given its program on the command line, and that program loads something. */
const INLINE =
  /^[\s"'(]{0,4}(?:\S{0,200}[\\/])?python[\d.w]{0,5}(?:\.exe)?["']?[ \t]{1,4}(?:-[bBEsSuIW]\w{0,20}[ \t]{1,4}){0,4}-c[ \t]{1,4}[\s\S]{0,2000}\bimport\b/i;
/** Somebody reads what it prints, or how it ended. */
const READS = /\bPIPE\b|capture_output|check\s{0,4}=\s{0,4}True|stdout\s{0,4}=/;
const ANSWERS = /(?:check_output|check_call|getoutput|getstatusoutput|popen)$/;

export const runsCodeAside: Detector = {
  id: "runs-code-aside",
  title: "Installing or importing the package runs Python code in a process of its own",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 1.4,
  class: "threat",
  group: "aside",
  why: `As soon as the package is installed or imported it starts a second interpreter with code on its command line, and nothing reads what
that prints or how it ends. Code that the first process could run itself is put there so that it goes on unseen, and so that its errors and its
time are not noticed.

Honest packages ask a second interpreter what they cannot know themselves, and read the answer; those pass.`,
  literals: marks("start"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("start"))) {
      if (file.kind !== "python" || !mayActAtLoad(file, "start")) continue;
      for (const deed of deedsOf(file, "start")) {
        if (isLate(deed) || !INLINE.test(deed.text)) continue;
        if (ANSWERS.test(deed.what) || READS.test(deed.words)) continue;
        yield sight(file, deed.offset, `${deed.what} runs ${deed.text.slice(0, 160)}`, { phase: deed.phase });
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
            "import subprocess\np = subprocess.Popen(['python3', '-c', 'from other import agent'], close_fds=True)\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import subprocess, sys\nv = subprocess.check_output([sys.executable, '-c', 'import numpy; print(numpy.get_include())'])\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import subprocess as s, sys\ndef go():\n    run = s.call\n    run([sys.executable, '-u', '-c', 'import a; a.b()'])\ngo()\n",
        },
      },
    ],
  },
};
