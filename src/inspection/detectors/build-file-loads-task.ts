import type { Detector } from "../detector.ts";
import { attribute, buildFiles, elements, expand, sightElement } from "./_msbuild.ts";

export const buildFileLoadsTask: Detector = {
  id: "build-file-loads-task",
  title: "A build file of the package loads an assembly into the build",
  severity: "info",
  ecosystems: ["nuget"],
  points: 0.8,
  class: "capability",
  group: "build-runs",
  why: `\`UsingTask\` with \`AssemblyFile\` loads an assembly of the package into MSBuild, where it runs with the rights of whoever builds.

This is the ordinary way to extend a build (source links, code coverage, weavers, generators).`,
  literals: ["<usingtask"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      for (const node of elements(build.root, "usingtask")) {
        const file = expand(build, attribute(node, "assemblyfile"));
        if (file !== "") yield sightElement(build, node, `building loads ${file.slice(0, 160)}`);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets": '<Project><UsingTask TaskName="T" AssemblyFile="..\\tools\\a.dll" /></Project>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><UsingTask TaskName="T" AssemblyName="Microsoft.Build.Tasks.Core" /></Project>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "buildTransitive/net6.0/any.props":
            '<Project>\n<usingTASK TaskName="T" TaskFactory="TaskHostFactory" assemblyfile="$(MSBuildThisFileDirectory)a.dll" />\n</Project>',
        },
      },
    ],
  },
};
