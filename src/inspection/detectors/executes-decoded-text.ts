import { marks } from "../behaviour/marks.ts";
import { flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { certainty, isGiven } from "./_flow.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

/** What is decoded stands in the file that executes it. */
const PAYLOAD = /["'][A-Za-z0-9+/=_-]{240}/;

export const executesDecodedText: Detector = {
  id: "executes-decoded-text",
  title: "Executes text that it has decoded first",
  severity: "high",
  ecosystems: ["pypi", "npm"],
  points: 5.6,
  class: "threat",
  group: "obfuscation",
  why: `Base64, hex, compressed, encrypted or marshalled data is decoded and then executed as code. Whoever reads the release sees no
code at all; this is the plainest sign of a hidden payload, and what was decoded is inspected as well where that is possible.

Single-file installers and loaders of compiled modules do the same; they execute files of their own, not literals, and seldom at import.`,
  literals: marks("decode"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("decode"))) {
      for (const flow of flowsBetween(file, ["decode"], ["run-code"])) {
        const { source, sink } = flow;
        const late = isLate(sink);
        const sure = certainty(file, flow);
        yield sight(file, sink.offset, `what ${source.what} decodes is executed by ${sink.what}`, {
          phase: sink.phase,
          share:
            (isGiven(file, source) ? 0.3 : 1) *
            (late ? 0.98 : 1) *
            (sure < 0.98 && sure > 0.7 && PAYLOAD.test(file.text) ? 0.98 : sure),
        });
      }
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "import base64\nexec(base64.b64decode('cGFzcw=='))\n" } },
      { ecosystem: "npm", files: { "index.js": "const t = Buffer.from('MA==', 'base64').toString();\neval(t);\n" } },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "import base64\nx = base64.b64decode('cGFzcw==')\neval('1 + 1')\n" } },
      {
        ecosystem: "npm",
        files: { "index.js": "const t = Buffer.from(s, 'base64');\nsend(t);\nfunction evaluate() {}\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "demo/__init__.py": "from zlib import decompress as d\n_ = lambda x: d(x)\ne = exec\ne(_(b'x'))\n" },
      },
      { ecosystem: "pypi", files: { "setup.py": "exec(__import__('base64').b64decode('cGFzcw=='))\n" } },
    ],
  },
};
