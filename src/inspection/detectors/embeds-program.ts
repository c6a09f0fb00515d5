import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { sight } from "./_sight.ts";

const PROGRAMS = new Set(["executable", "dotnet"]);

export const embedsProgram: Detector = {
  id: "embeds-program",
  title: "A native program is encoded inside the source",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 5,
  class: "threat",
  group: "download-and-run",
  why: `A string in the source decodes to a native program. Source releases of honest projects carry programs as files, where virus
scanners and reviewers see them.

Installers made of a single file encode what they install; they write it to a folder of their own and are known as installers.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (file.layer === undefined || !PROGRAMS.has(file.kind)) continue;
      const member = tree.file(file.path);
      const acts = member !== undefined && deedsOf(member, "write", "start", "load-native").length > 0;
      yield sight(file, 0, `holds an encoded program of ${file.bytes.length} bytes`, { share: acts ? 1 : 0.7 });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": `import base64, os\np = base64.b64decode("${Buffer.concat([Buffer.from("7f454c46020101", "hex"), Buffer.alloc(120)]).toString("base64")}")\nopen("x", "wb").write(p)\nos.system("./x")\n`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": `import base64, os\np = base64.b64decode("${Buffer.from("only a text of some length that says nothing of interest").toString("base64")}")\nos.system("make")\n`,
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/_data.py": `import os\nfrom base64 import b64decode as d\np = d("${Buffer.concat([Buffer.from("7f454c46020101", "hex"), Buffer.alloc(120)]).toString("base64")}")\nopen("x", "wb").write(p)\nos.system("./x")\n`,
        },
      },
    ],
  },
};
