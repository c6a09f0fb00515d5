import type { Detector } from "../detector.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const WORDS = ["powershell", "pwsh", "frombase64string"] as const;
/** The parameter in any of the spellings PowerShell takes, followed by base64, or by where a program puts it. */
const ENCODED =
  /(?:powershell|pwsh)(?:\.exe)?[^\n]{0,300}?[ \t"',]-e(?:c|nc|ncod|ncodedc|ncodedcommand)?["', \t]{1,8}(?:[a-z0-9+/=]{40,}|\{|%s|\$|["'`])|(?:iex|invoke-expression)\b[^\n]{0,200}frombase64string|frombase64string[^\n]{0,400}(?:iex|invoke-expression|\|[ \t]{0,4}&)/i;

export const powershellEncodedCommand: Detector = {
  id: "powershell-encoded-command",
  title: "Gives PowerShell an encoded command",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 6.3,
  class: "threat",
  group: "obfuscation",
  why: `PowerShell is started with \`-EncodedCommand\`, or decodes base64 and executes it. The largest campaign in the Python index (more than
5,000 releases) was one such line in \`setup.py\`.

Remote-administration libraries encode commands of their caller to survive quoting; they hold no constant and run in a function.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      const match = matchInCode(file, ENCODED);
      if (match === undefined) continue;
      const constant = /[a-z0-9+/=]{40}/i.test(match[0]);
      const late = isLate(file);
      yield sight(file, match.index, `PowerShell runs an encoded command: ${match[0].slice(0, 160)}`, {
        share: constant ? 1 : late ? 0.3 : 0.8,
      });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": `import os\nos.system("powershell -WindowStyle Hidden -EncodedCommand ${"AGEA".repeat(12)}")\n`,
        },
      },
      {
        ecosystem: "nuget",
        files: { "tools/init.ps1": `iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('AAAA')))\n` },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "run('powershell -Command Get-Date')\n# powershell -enc AAAA\n" } },
    ],
    evasions: [
      { ecosystem: "npm", files: { "a.js": `cp.exec("PowerShell.exe  -nop -w hidden -eNc ${"AGEA".repeat(12)}")\n` } },
    ],
  },
};
