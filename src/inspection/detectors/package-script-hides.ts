import type { Detector } from "../detector.ts";
import { disguisedCommand } from "./_powershell.ts";
import { isMember, matchInCode, sight } from "./_sight.ts";

/** What each mark is called, how much it is worth, and how it is written. */
const MARKS: readonly (readonly [string, number, RegExp])[] = [
  [
    "starts a program without a window",
    0.8,
    /-windowstyle[ \t"']{1,4}hidden|-w[ \t]{1,4}hidden|windowstyle[ \t]{0,4}=[ \t]{0,4}[^\n]{0,40}hidden|createnowindow[ \t]{0,4}=[ \t]{0,4}\$true/i,
  ],
  [
    "executes text",
    0.5,
    /\b(?:invoke-expression|iex)\b|\[scriptblock\][ \t]{0,4}::[ \t]{0,4}create|&[ \t]{0,4}\([ \t]{0,4}\[scriptblock\]/i,
  ],
  [
    "puts together the text that it executes",
    0.4,
    /\b(?:invoke-expression|iex)\b[^\n]{0,400}(?:-[ci]?replace\b|\.replace\(|-1\.\.-|\[char\]|\[byte\[\]\]|\.split\(|-[ci]?split\b|-join\b)/i,
  ],
  ["starts what it loaded", 0.4, /\.entrypoint\.invoke\(|\.entrypoint[ \t]{0,4}\|/i],
  ["decodes base 64", 0.5, /frombase64string/i],
  ["unpacks what it decoded", 0.3, /(?:gzip|deflate)stream/i],
  ["loads bytes as code", 0.6, /reflection\.assembly\][ \t]{0,4}::[ \t]{0,4}load[ \t]{0,4}\(|virtualalloc/i],
  ["decrypts", 0.5, /-bxor\b/i],
];

export const packageScriptHides: Detector = {
  id: "package-script-hides",
  title: "A script of the package's tools folder hides what it does",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5,
  class: "threat",
  group: "obfuscation",
  why: `A PowerShell script under \`tools\` starts a program without a window, executes text, decodes and unpacks a payload, or loads bytes as
code. Together they are how droppers for Visual Studio are written; each alone counts in part.

Old build helpers use \`Invoke-Expression\` to run a command line, and some hide the window of a tool they start.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (!/^tools\/.{1,200}\.psm?1$/i.test(file.path) || file.kind !== "powershell") continue;
      const seen = MARKS.flatMap(([what, share, pattern]) => {
        const match = matchInCode(file, pattern);
        return match ? [{ what, share, offset: match.index }] : [];
      });
      const disguise = disguisedCommand(file);
      if (disguise !== undefined)
        seen.push({ what: `calls ${disguise.what} by another name`, share: 0.9, offset: disguise.offset });
      if (seen.length === 0) continue;
      const share = Math.min(
        1,
        seen.reduce((sum, mark) => sum + mark.share, 0),
      );
      const runs = /(?:^|\/)(?:init|install|uninstall)\.ps1$/i.test(file.path) || !isMember(file);
      const says = `a script ${seen.map(({ what }) => what).join(", ")}`;
      yield sight(file, seen[0]!.offset, says, { share: runs ? share : share * 0.6 });
    }
  },
  examples: {
    matches: [
      { ecosystem: "nuget", files: { "tools/init.ps1": "Start-Process a.exe -WindowStyle Hidden\n" } },
      {
        ecosystem: "nuget",
        files: { "tools/install.ps1": "[Reflection.Assembly]::Load([Convert]::FromBase64String($x))\n" },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "tools/init.ps1":
            "param($installPath, $toolsPath)\n# iex is not used here\nImport-Module (Join-Path $toolsPath Demo.psd1)\n$hidden = $false\n",
        },
      },
    ],
    evasions: [
      { ecosystem: "nuget", files: { "tools/net40/Install.ps1": "I`E`X $x; $y = 'iex'\nsaps a -W  Hidden\n" } },
    ],
  },
};
