import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const WORDS = ["startup"] as const;
/** The folder whose contents Windows starts at each login, also when its path is given in parts. */
const FOLDER = /start menu["'\\/,\s]{1,12}programs["'\\/,\s]{1,12}startup|shell:startup/i;
/** What is put there is a program or a script. */
const PROGRAM = /\.(?:exe|bat|cmd|vbs|pyw|py|ps1|js|hta|scr|lnk)["'`]/i;

export const dropsIntoStartup: Detector = {
  id: "drops-into-startup",
  title: "Writes a program into the folder that Windows starts at login",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5.6,
  class: "threat",
  group: "persistence",
  why: `The code names the Startup folder and writes, copies or downloads a file. What lies there runs at each login, long after the
package is gone; droppers need nothing else.

Desktop programs offer to start with the system; they do so in a function that the user calls, and with a link to themselves.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python") continue;
      const match = matchInCode(file, FOLDER);
      if (match === undefined) continue;
      const share = shareOf(file);
      if (share > 0) yield sight(file, match.index, `writes into ${match[0]}`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os, requests\nd = os.path.join(os.getenv('APPDATA'), 'Microsoft', 'Windows', 'Start Menu', 'Programs', 'Startup')\ndef get(u, n):\n    r = requests.get(u)\n    with open(os.path.join(d, n), 'wb') as f:\n        f.write(r.content)\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "P = r'Microsoft\\Windows\\Start Menu\\Programs\\Startup'\nprint(P)\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import shutil, os\nshutil.copy('x', os.environ['APPDATA'] + '/Microsoft/Windows/Start Menu/Programs/Startup/a.pyw')\n",
        },
      },
    ],
  },
};

function shareOf(file: SourceFile): number {
  const writes = deedsOf(file, "write");
  const fetches = deedsOf(file, "http");
  if (writes.length === 0 && fetches.length === 0) return 0;
  if (fetches.length > 0) return 1;
  return PROGRAM.test(file.text) ? 0.98 : 0.5;
}
