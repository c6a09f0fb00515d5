import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeOf, isMember, sight } from "./_sight.ts";

/** A line that nobody wrote or reads, and how much of the whole such lines hold. */
const LONG = 2_000;
const MOST_OF_IT = 0.7;
/** The runtime of a packer, or a decoder, is what makes something of it. */
const UNPACKS =
  /__pyarmor__|pyarmor_runtime|\bexec\s{0,4}\(|\beval\s{0,4}\(|\bmarshal\b|\b(?:zlib|lzma|bz2)\b|b64decode|b85decode|fernet|\bcompile\s{0,4}\(/i;

export const installsUnreadableSetup: Detector = {
  id: "installs-unreadable-setup",
  title: "The setup script itself cannot be read",
  severity: "high",
  ecosystems: ["pypi"],
  points: 2.4,
  class: "threat",
  group: "unreadable-setup",
  why: `\`setup.py\` of a source release consists of packed or encoded text that it unpacks and runs. What runs on every machine that installs
the release is what nobody can look at; a project that wants to protect its code has no reason to hide how it is built.

Some setup scripts carry a picture or a table in one long line; those do not unpack and run it.`,
  *detect(tree) {
    for (const file of codeOf(tree)) {
      if (
        !isMember(file) ||
        file.kind !== "python" ||
        file.phase !== "install" ||
        !/(?:^|\/)setup\.py$/.test(file.path)
      )
        continue;
      if (isUnreadable(file)) yield sight(file, 0, "most of the setup script is packed text that it runs");
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": `from pytransform import pyarmor_runtime\npyarmor_runtime()\n__pyarmor__(__name__, __file__, b'${"\\x50\\x59".repeat(400)}')\n`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "setup.py": `from setuptools import setup\nLOGO = '${"Ab3+".repeat(600)}'\nsetup(name='demo')\n` },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": `_ = lambda __ : __import__('zlib').decompress(__)\nexec((_)(b'${"Ab3+".repeat(900)}'))\n`,
        },
      },
    ],
  },
};

function isUnreadable({ text }: SourceFile): boolean {
  if (text.length < LONG || !UNPACKS.test(text)) return false;
  let long = 0;
  for (const line of text.split("\n", 20_000)) if (line.length >= LONG) long += line.length;
  return long >= text.length * MOST_OF_IT;
}
