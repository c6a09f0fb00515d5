import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const LITERALS = [
  "set-mppreference",
  "add-mppreference",
  "disablerealtimemonitoring",
  "amsiscanbuffer",
  "amsiutils",
  "advfirewall set",
  "delete shadows",
  "disableantispyware",
  "disabletaskmgr",
  "enablelua",
  "csrutil disable",
  "spctl --master-disable",
  "setenforce 0",
] as const;
/** The word inside a command or registry path, not in a list of words that a scanner looks for. */
const COMMAND =
  /(?:set|add)-mppreference[ \t]{1,8}-(?:disable|exclusion|submit|mapsr|puaprot|enable)|amsiscanbuffer|amsiutils|advfirewall[ \t]{1,4}set[ \t]{1,4}\w{1,20}[ \t]{1,4}state[ \t]{1,4}off|vssadmin(?:\.exe)?[ \t]{1,4}delete[ \t]{1,4}shadows|disableantispyware|disabletaskmgr|csrutil[ \t]{1,4}disable|spctl[ \t]{1,4}--master-disable|setenforce[ \t]{1,4}0/i;

export const weakensDefences: Detector = {
  id: "weakens-defences",
  title: "Turns off virus protection, firewall or backups",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.3,
  class: "threat",
  group: "defences",
  why: `The code switches off real-time virus protection or excludes a folder from it, patches the script scanner (AMSI), opens the
firewall or deletes shadow copies. Droppers do this just before they start what they downloaded.

Administration tools for Windows fleets can do the same on request; in a library it has no place.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, LITERALS)) {
      const match = matchInCode(file, COMMAND);
      if (match === undefined) continue;
      const share = isScript(file) || isStarted(file, match[0]) ? 1 : 0.6;
      yield sight(file, match.index, `weakens the machine's protection: ${match[0]}`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "run('powershell Set-MpPreference -DisableRealtimeMonitoring $true')\n" },
      },
      { ecosystem: "nuget", files: { "tools/init.ps1": "Add-MpPreference -ExclusionPath 'C:\\demo'\n" } },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "# Set-MpPreference -DisableRealtimeMonitoring\nWORDS = ['set-mppreference']\n" },
      },
    ],
    evasions: [{ ecosystem: "npm", files: { "a.js": 'cp.exec("POWERSHELL  ADD-MPPREFERENCE  -ExclusionPath C:")\n' } }],
  },
};

function isScript({ kind, phase }: SourceFile): boolean {
  return phase === "install" || phase === "start" || kind === "powershell" || kind === "batch" || kind === "shell";
}

/** Whether the file starts what it says; tools for other machines, and those that look for such attacks, only write it down. */
function isStarted(file: SourceFile, said: string): boolean {
  return deedsOf(file, "start").some(({ text }) => text.includes(said));
}
