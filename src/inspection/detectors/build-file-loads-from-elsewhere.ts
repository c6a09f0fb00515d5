import type { Detector } from "../detector.ts";
import { attribute, buildFiles, elements, expansions, sightElement } from "./_msbuild.ts";

const REMOTE = /^(?:\\\\[^\\/?.]|\/\/[^/]|https?:|ftp:|file:\/\/[^/])/i;
/** Folders that others fill: what is loaded from there did not come with the package. */
const DROPPED = /\$\((?:TEMP|TMP|APPDATA|LOCALAPPDATA|PUBLIC)\)|GetTempPath\(\)|^\/tmp\/|^\/var\/tmp\/|\\appdata\\/i;
const PLACES: readonly (readonly [string, string])[] = [
  ["import", "project"],
  ["usingtask", "assemblyfile"],
  ["msbuild", "projects"],
];

export const buildFileLoadsFromElsewhere: Detector = {
  id: "build-file-loads-from-elsewhere",
  title: "A build file of the package loads build logic from the network or a temporary folder",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5,
  class: "threat",
  group: "build-attacks",
  why: `The package's build file imports another one, or takes a task assembly, from a network share, an address or a folder for temporary
files. The package itself then holds nothing to find, and what runs can be exchanged at any time. Asking a share for a file also hands out
the user's credential hash on Windows.

Build files are imported from the package's own folder or from the SDK; nothing honest needs another machine.`,
  literals: ["<import", "<usingtask", "<msbuild"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      for (const [name, key] of PLACES) {
        for (const node of elements(build.root, name)) {
          for (const value of expansions(build, attribute(node, key))) {
            const from = value.trim();
            if (REMOTE.test(from)) yield sightElement(build, node, `building loads ${from.slice(0, 160)}`);
            else if (DROPPED.test(from)) yield sightElement(build, node, `building loads ${from.slice(0, 160)}`, 0.8);
          }
        }
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: { "build/Demo.targets": '<Project><Import Project="\\\\example.invalid\\a\\b.targets" /></Project>' },
      },
      {
        ecosystem: "nuget",
        files: { "build/Demo.props": '<Project><UsingTask TaskName="T" AssemblyFile="$(TEMP)\\a.dll" /></Project>' },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Import Project="$(MSBuildThisFileDirectory)..\\build\\Demo.Common.targets" /><UsingTask TaskName="T" AssemblyFile="..\\tools\\a.dll" /></Project>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><PropertyGroup><S>\\\\</S></PropertyGroup><import PROJECT="$(S)example.invalid@ssl\\a.targets" /></Project>',
        },
      },
    ],
  },
};
