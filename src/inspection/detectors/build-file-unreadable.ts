import type { Detector } from "../detector.ts";
import { readBuildFile } from "./_msbuild.ts";
import { isMember, sight } from "./_sight.ts";

const ACTS = /<[ \t]{0,4}(?:exec|usingtask|downloadfile|import|code)\b|\$\([ \t]{0,4}\[/i;

export const buildFileUnreadable: Detector = {
  id: "build-file-unreadable",
  title: "A build file of the package acts but cannot be read",
  severity: "medium",
  ecosystems: ["nuget"],
  points: 3,
  class: "threat",
  group: "container",
  why: `The file has commands, tasks or imports, but its XML is malformed, far larger or far deeper than build files are. What MSBuild makes of it
is not known here, so nothing in it was inspected.

Templates that a tool completes before use can be malformed; they lie outside the folders that builds import.`,
  literals: ["<exec", "tasks.exec", "<usingtask", "downloadfile", "<import", "$(["],
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "msbuild" || !isMember(file)) continue;
      const read = readBuildFile(file);
      if ("root" in read) continue;
      const match = ACTS.exec(file.text.slice(0, 4 << 20));
      if (match) yield sight(file, match.index, `cannot be read (${read.why}) and holds ${match[0]}`);
    }
  },
  examples: {
    matches: [
      { ecosystem: "nuget", files: { "build/Demo.targets": '<Project><Target><Exec Command="a"></Target></Project>' } },
    ],
    passes: [
      { ecosystem: "nuget", files: { "build/Demo.targets": "<Project><Target></Project>" } },
      { ecosystem: "nuget", files: { "build/Demo.targets": '<Project><Import Project="a.props" /></Project>' } },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: { "buildTransitive/Demo.props": '<Project><Target><exec command="a"></Target></Project>' },
      },
    ],
  },
};
