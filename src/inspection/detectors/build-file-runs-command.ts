import type { Detector } from "../detector.ts";
import { buildFiles, commands, sightElement } from "./_msbuild.ts";

export const buildFileRunsCommand: Detector = {
  id: "build-file-runs-command",
  title: "A build file of the package runs a command",
  severity: "info",
  ecosystems: ["nuget"],
  points: 1.2,
  class: "capability",
  group: "build-runs",
  why: `MSBuild imports \`build/ID.targets\` and \`.props\` of every referenced package, and an \`Exec\` task in them runs a command on the
developer's machine and in CI at each build. Nobody has to call the library for that.

Code generators, front-end bundlers and native tool chains are built this way; what the command does decides.`,
  literals: ["<exec", "tasks.exec"],
  *detect(tree) {
    for (const build of buildFiles(tree))
      for (const { node, command } of commands(build))
        yield sightElement(build, node, `building runs: ${command.slice(0, 160)}`);
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Target Name="A" BeforeTargets="Build"><Exec Command="demo.exe --generate" /></Target></Project>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><!-- <Exec Command="x" /> --><ItemGroup><None Include="a.dll" CopyToOutputDirectory="Always" /></ItemGroup></Project>',
        },
      },
      { ecosystem: "nuget", files: { "readme.md": '```xml\n<Exec Command="demo" />\n```\n' } },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: { "build/x/payload.txt": '<Project><Target Name="A"><EXEC command="demo" /></Target></Project>' },
      },
    ],
  },
};
