import { marks } from "../behaviour/marks.ts";
import type { Detector } from "../detector.ts";
import { sight } from "./_sight.ts";

/** What a program does that is worth hiding. */
const ACTS =
  /\b(?:import|require|__import__|subprocess|urlopen|requests|socket|popen|system|environ|exec|eval|startfile|ctypes|child_process|fetch|open)\b/;

/** Without a decoder in sight, shorter texts are templates with a word filled in. */
const SHORTEST_PLAIN = 100;

export const runsHiddenProgram: Detector = {
  id: "runs-hidden-program",
  title: "A program is kept encoded in the code and executed",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 6.6,
  class: "threat",
  group: "obfuscation",
  why: `Program text that stands nowhere in the release in readable form was decoded from constants, whatever the decoder (base64, an XOR
loop, a cipher with its key in the file, codes, text read backwards), and the same code executes it. Nobody who reads the release
sees what runs.

Templates that are filled in and executed, and text that is merely quoted, are not meant: some line of them stands in the source.`,
  literals: marks("run-code"),
  *detect(tree) {
    for (const file of tree.files) {
      const executedAfter = file.origin?.executedAfter;
      if (executedAfter === undefined) continue;
      if (executedAfter.startsWith("text given to") && file.text.length < SHORTEST_PLAIN) continue;
      const isReadable = file.kind === "python" || file.kind === "javascript" || file.kind === "text";
      if (isReadable && !ACTS.test(file.text.slice(0, 100_000))) continue;
      const head = isReadable ? `: ${file.text.slice(0, 80).trim()}` : "";
      const how = executedAfter.slice(0, 60);
      yield sight(file, 0, `${file.text.length} characters of ${file.kind} are executed after ${how}${head}`);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import base64\nexec(base64.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgndHJ1ZScpCg=='))\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js": "eval(Buffer.from('cmVxdWlyZSgnZnMnKS5yZWFkZGlyU3luYygnLicpOw==', 'base64').toString());\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import textwrap\nexec(textwrap.dedent('''\n    import os.path\n    x = os.path.join('a')\n'''))\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import base64\nx = base64.b64decode('aW1wb3J0IG9zCm9zLnN5c3RlbSgndHJ1ZScpCg==')\nexec('import json as j')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": `t = ''\nfor c in '${"hlqnsu!nr:nr/rxrudl)#usud#(:".repeat(4)}':\n    t += chr(ord(c) ^ 1)\neval(compile(t, '<string>', 'exec'))\n`,
        },
      },
    ],
  },
};
