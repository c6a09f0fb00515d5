import { urlVersion } from "../../ecosystems/nuget/versions.ts";
import type { Detector } from "../detector.ts";
import type { Manifest } from "../model.ts";

export const packageNameDiffers: Detector = {
  id: "package-name-differs",
  title: "The package calls itself something other than its file name",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.2,
  class: "threat",
  group: "name",
  why: `The manifest inside the package names another id or version than the file it came as, or the package holds several manifests. What a client
asked for, what it unpacks and what a lock file records are then three things, and a verdict on one of them says nothing about the others.

A package file that somebody renamed by hand shows the same; feeds name files by id and version.`,
  *detect(tree) {
    if (tree.form !== "nupkg") return;
    const [manifest, second] = tree.manifests;
    if (manifest === undefined) return;
    if (second !== undefined)
      yield { path: second.path, line: null, phase: "install", says: "is a second manifest", share: 0.8 };
    const filename = tree.filename.split("/").at(-1)!;
    if (looksLikeFeedName(filename) && !matches(filename, manifest)) {
      const says = `says ${manifest.name.slice(0, 100)} ${manifest.version.slice(0, 60)}, the file is ${filename.slice(0, 120)}`;
      yield { path: manifest.path, line: null, phase: "install", says };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "a.nuspec": "<package><metadata><id>A</id><version>1.0.0</version></metadata></package>",
          "b.nuspec": "<package><metadata><id>B</id><version>1.0.0</version></metadata></package>",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: { "a.nuspec": "<package><metadata><id>A</id><version>1.0.0</version></metadata></package>" },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "a.nuspec": "<package><metadata><id>A</id><version>1.0.0</version></metadata></package>",
          "A.NUSPEC": "<package><metadata><id>a</id><version>2.0.0</version></metadata></package>",
        },
      },
    ],
  },
};

/** `id.1.2.3.nupkg`: anything else was named by a person. */
function looksLikeFeedName(filename: string): boolean {
  return /^.{1,200}?\.\d{1,10}(?:\.\d{1,10}){1,3}(?:-[0-9a-z.-]{1,100})?\.nupkg$/i.test(filename);
}

function matches(filename: string, manifest: Manifest): boolean {
  const name = manifest.name.toLowerCase();
  const asked = filename.toLowerCase().slice(0, -".nupkg".length);
  // Feeds name files in lower case; where a person kept capitals, they may also have put something before the id.
  const start = filename === filename.toLowerCase() ? 0 : asked.lastIndexOf(`_${name}.`) + 1;
  if (!asked.startsWith(`${name}.`, start)) return false;
  return urlVersion(asked.slice(start + name.length + 1)) === urlVersion(manifest.version.trim());
}
