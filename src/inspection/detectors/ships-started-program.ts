import { marks } from "../behaviour/marks.ts";
import { type Deed, deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, isLate, isMember, sight } from "./_sight.ts";

const SCRIPT = /\.(?:exe|bat|cmd|vbs|ps1|scr|com|msi|hta)$/i;

export const shipsStartedProgram: Detector = {
  id: "ships-started-program",
  title: "Carries a program and starts it at install or import",
  severity: "high",
  ecosystems: ["pypi", "npm"],
  points: 4.4,
  class: "threat",
  group: "download-and-run",
  why: `The release holds a native program, a batch or a PowerShell file, and starts it as soon as it is installed or imported. A program
cannot be reviewed like source.

Wrappers around a native tool carry it too and start it in a function, when somebody asks for it.`,
  literals: marks("start"),
  *detect(tree) {
    const programs = tree.files.filter((file) => isProgram(file)).slice(0, 200);
    if (programs.length === 0) return;
    for (const file of codeWith(tree, marks("start"))) {
      if (!mayActAtLoad(file, "start")) continue;
      for (const deed of deedsOf(file, "start")) {
        const program = isLate(deed) ? undefined : startedBy(deed, programs);
        if (program !== undefined)
          yield sight(file, deed.offset, `${deed.what} starts ${program.path}, which the release carries`, {
            phase: deed.phase,
          });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import os\nos.startfile('demo/run.bat')\n", "demo/run.bat": "@echo off\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "import os\ndef f():\n    os.startfile('demo/run.bat')\n",
          "demo/run.bat": "@echo off\n",
        },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import os\nos.system('true')\n", "demo/run.bat": "@echo off\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "import subprocess as s\ns.Popen(['demo/run.bat'])\n",
          "demo/run.bat": "@echo off\n",
        },
      },
    ],
  },
};

function isProgram(file: SourceFile): boolean {
  return isMember(file) && (file.kind === "executable" || file.kind === "dotnet" || SCRIPT.test(file.path));
}

function startedBy(deed: Deed, programs: readonly SourceFile[]): SourceFile | undefined {
  return programs.find(({ path }) => names(deed.text, path.slice(path.lastIndexOf("/") + 1)));
}

/** Whether the text names a file of this name, and not one whose name is longer. */
function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!/[\w-]/.test(text.charAt(at - 1)) && !/[\w-]/.test(text.charAt(at + name.length))) return true;
  }
  return false;
}
