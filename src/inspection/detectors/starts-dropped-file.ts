import { isProgram } from "../behaviour/commands.ts";
import { marks } from "../behaviour/marks.ts";
import { deedsOf, type Flow, flowsBetween, scopeOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { certainty } from "./_flow.ts";
import { codeWith, sight } from "./_sight.ts";

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
        const late = sink.phase === "call" || sink.phase === "none";
        yield sight(
          file,
          sink.offset,
          `what ${source.what} decodes is started by ${sink.what} ${sink.text.slice(0, 100)}`.trimEnd(),
          {
            phase: sink.phase,
            share: (late ? 0.7 : 1) * certainty(file, flow) * (isDropped(file, flow) ? 1 : 0.5),
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

/** Whether what was decoded can be what is started: it is written where it is decoded, or a shell is given it as its command. */
function isDropped(file: SourceFile, { source, sink }: Flow): boolean {
  if (source.statement === sink.statement || /^os\.(?:system|popen)$|^(?!subprocess\.|os\.)/.test(sink.what))
    return true;
  if (/shell\s{0,4}[=:]/.test(sink.words)) return true;
  const scope = scopeOf(file, source);
  return deedsOf(file, "write", "open").some((deed) => scopeOf(file, deed) === scope);
}
