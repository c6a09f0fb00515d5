import { isProgram } from "../behaviour/commands.ts";
import { marks } from "../behaviour/marks.ts";
import { deedsOf, type Flow, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { asksOwnVersion, certainty, isGiven } from "./_flow.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

export const startsDroppedFile: Detector = {
  id: "starts-dropped-file",
  title: "Starts a program that it has decoded and written first",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 6,
  class: "threat",
  group: "download-and-run",
  why: `Decoded or decrypted data is written to a file which is then started. The release carries a program that neither a reader nor
an antivirus engine sees as one.

Self-extracting installers do the same; libraries have no reason to.`,
  literals: marks("decode"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("decode"))) {
      for (const flow of flowsBetween(file, ["decode"], ["start"])) {
        const { source, sink } = flow;
        if (!isProgram(sink)) continue;
        const late = isLate(sink);
        yield sight(
          file,
          sink.offset,
          `what ${source.what} decodes is started by ${sink.what} ${sink.text.slice(0, 100)}`.trimEnd(),
          {
            phase: sink.phase,
            share:
              (late ? 0.7 : 1) *
              (isGiven(file, source) ? 0.3 : 1) *
              certainty(file, flow) *
              (asksOwnVersion(file, sink, tree) ? 0.25 : isDropped(file, flow) ? 1 : 0.5),
          },
        );
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import base64, os, subprocess\ndata = base64.b64decode('AAAA')\npath = os.path.join(tmp, 'x')\nwith open(path, 'wb') as f:\n    f.write(data)\nsubprocess.call(path)\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import base64, subprocess\ndata = base64.b64decode(x)\nsubprocess.call(['ls'])\nshow(data)\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "from base64 import b64decode as b\nopen('a1.exe', 'wb').write(b('AAAA'))\n__import__('os').startfile('a1.exe')\n",
        },
      },
    ],
  },
};

/** Whether what was decoded can be what is started: it is written, or stands in the command itself. */
function isDropped(file: SourceFile, { source, sink }: Flow): boolean {
  const line = file.text.slice(file.text.lastIndexOf("\n", source.offset) + 1, source.offset);
  const name = /^\s{0,200}([A-Za-z_]\w{0,100})\s{0,10}=[^=]/.exec(line)?.[1];
  if (name === undefined || /^(?!subprocess\.|os\.(?!system|popen))/.test(sink.what)) return true;
  const word = new RegExp(`\\b${name}\\b`);
  return word.test(sink.words) || deedsOf(file, "write").some(({ words }) => word.test(words));
}
