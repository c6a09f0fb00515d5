import type { Detector } from "../detector.ts";
import { isMember, sight } from "./_sight.ts";

const DOCTYPE = /<!(?:doctype|entity)\b[^\n]{0,160}/i;

export const xmlDocumentType: Detector = {
  id: "xml-document-type",
  title: "A manifest or build file declares a document type",
  severity: "medium",
  ecosystems: ["nuget"],
  points: 3.8,
  class: "threat",
  group: "container",
  why: `A document type in a \`.nuspec\` or MSBuild file can define entities that stand for other text, for local files or for addresses. Readers
differ in what they make of it: one sees an empty value, another a command, a third asks a server.

NuGet refuses it in manifests, and MSBuild has no use for it.`,
  literals: ["<!doctype", "<!entity"],
  *detect(tree) {
    for (const file of tree.files) {
      if ((file.kind !== "msbuild" && file.kind !== "nuspec") || !isMember(file)) continue;
      const match = DOCTYPE.exec(file.text.slice(0, 1 << 20));
      if (match)
        yield sight(file, match.index, `declares a document type: ${match[0].slice(0, 120)}`, { phase: "install" });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "Demo.nuspec":
            '<!DOCTYPE package SYSTEM "https://example.invalid/a.dtd"><package><metadata><id>Demo</id></metadata></package>',
        },
      },
    ],
    passes: [
      { ecosystem: "nuget", files: { "Demo.nuspec": "<package><metadata><id>Demo</id></metadata></package>" } },
      { ecosystem: "nuget", files: { "content/log.xml": '<!DOCTYPE log SYSTEM "log.dtd"><log />' } },
    ],
    evasions: [
      { ecosystem: "nuget", files: { "build/x.props": '<!doctype Project [<!ENTITY a "b">]><Project>&a;</Project>' } },
    ],
  },
};
