import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";
import { isCode, isMember } from "./_sight.ts";

/** Bytes of programs up to which the release counts as tiny, and from which it says nothing any more. */
const TINY = 12_000;
const SMALL = 48_000;
/** What may hold a program that is not read as text. */
const PROGRAMS = new Set(["executable", "dotnet", "pyc", "archive", "binary"]);

export const littleElseInside: Detector = {
  id: "little-else-inside",
  title: "Hardly anything else is in the release",
  severity: "low",
  ecosystems: ["pypi", "npm"],
  points: 2.6,
  class: "circumstance",
  group: "size",
  why: `What was found is nearly all that the release does: its programs together are a few pages. The more code a release has, the more chances it
has to look bad once without being so; what looks bad in a few lines is what they are there for.

Most small releases are harmless. This counts only where what they do is enough to hold them without it, by one strong finding or by several,
and is not shown otherwise. A
release that is padded to escape it is held all the same.`,
  *detect(tree) {
    const size = programBytes(tree);
    const share = size <= TINY ? 1 : (SMALL - size) / (SMALL - TINY);
    const [file] = tree.files;
    if (share <= 0 || file === undefined) return;
    const says = `all programs of the release together are ${size} bytes`;
    yield { path: tree.manifest?.path ?? file.path, line: null, says, phase: "install", share };
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "from setuptools import setup\nsetup(name='demo')\n" } },
      { ecosystem: "npm", files: { "package.json": `{"name":"demo","version":"1.0.0"}`, "index.js": "run();\n" } },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/tables.py": `WORDS = "${"some words ".repeat(6_000)}"\n` } },
      { ecosystem: "npm", files: { "index.js": `module.exports = [${"1,".repeat(30_000)}];\n` } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "README.md": "much to read ".repeat(9_000), "demo/__init__.py": "import demo.core\n" },
      },
    ],
  },
};

/** Code and what may be compiled from it; texts, pictures and settings can be had by the megabyte without doing anything. */
function programBytes({ files }: ReleaseTree): number {
  let sum = 0;
  for (const file of files) if (isMember(file) && (isCode(file) || PROGRAMS.has(file.kind))) sum += file.size;
  return sum;
}
