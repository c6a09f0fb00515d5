import { isUnknown } from "../behaviour/commands.ts";
import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, sight } from "./_sight.ts";

const REQUESTS = [
  "request.args",
  "request.form",
  "request.values",
  "request.json",
  "request.get_json",
  "request.data",
  "request.get_data",
  "request.query",
  "request.headers",
  "request.cookies",
  "self.rfile",
] as const;
/** What somebody who asks a web server has said. */
const SAID =
  /\b(?:request\.(?:args|form|values|json|get_json|data|get_data|query\w{0,10}|headers|cookies|match_info)|self\.rfile)\b/;
/** Characters before a command in which its variable is looked for. */
const BEFORE = 800;

export const servesShell: Detector = {
  id: "serves-shell",
  title: "A web server runs the commands it is asked for",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 6.4,
  class: "threat",
  group: "remote-control",
  why: `A part of a request, its parameters or its body, is started as a command or executed as code, as it is and as a whole: whoever reaches
the port controls the machine. That is a web shell, however it is called.

Servers that start one program of their own with arguments from the request are not meant; neither are those that look up what they were
asked for in a list.`,
  literals: REQUESTS,
  *detect(tree) {
    for (const file of codeWith(tree, REQUESTS)) {
      if (file.kind !== "python") continue;
      for (const deed of deedsOf(file, "start", "run-code")) {
        if (!isUnknown(deed.text) || !comesFromRequest(file, deed)) continue;
        yield sight(file, deed.offset, `${deed.what} runs what a request says`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import subprocess\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.route('/x')\ndef x():\n    return subprocess.getoutput(request.args.get('q'))\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import subprocess\nfrom flask import request\ndef x():\n    return subprocess.check_output(['convert', request.args.get('q')])\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import subprocess\nfrom flask import request\ndef x():\n    log(request.args)\n    return subprocess.check_output(commands[0])\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os\nfrom flask import request as r, request\ndef x():\n    c = request.form['c']\n    return os.popen(c).read()\n",
        },
      },
    ],
  },
};

/** Whether the command is a part of the request, or a variable that was last set to one. */
function comesFromRequest({ text }: SourceFile, { words, offset }: Deed): boolean {
  const first = words.split(",", 1)[0]!;
  if (SAID.test(first)) return true;
  const name = /^[\s(]{0,4}([A-Za-z_]\w{0,60})\s{0,4}(?:\)|$)/.exec(first)?.[1];
  if (name === undefined) return false;
  const set = new RegExp(`(?:^|\\n)[ \\t]{0,60}${name}[ \\t]{0,4}=(?!=)([^\\n]{0,300})`, "g");
  const last = [...text.slice(Math.max(0, offset - BEFORE), offset).matchAll(set)].at(-1);
  return last !== undefined && SAID.test(last[1]!);
}
