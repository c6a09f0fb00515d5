import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const WORDS = [".github/workflows", "tojson(secrets", "self-hosted"] as const;
const STEALS = /toJSON\(\s{0,4}secrets\s{0,4}\)/i;

export const writesWorkflows: Detector = {
  id: "writes-workflows",
  title: "Plants a workflow that hands out a repository's secrets",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.5,
  class: "threat",
  group: "self-replication",
  why: `The code contains the path of GitHub workflows together with an expression that prints all secrets of a repository. Shai-Hulud
and Megalodon pushed such workflows into every repository they could reach.

Project generators write workflows as well, with single named secrets, and pass.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, [".github/workflows"])) {
      if (!file.has("tojson(secrets")) continue;
      const match = matchInCode(file, STEALS);
      if (match === undefined) continue;
      const writes = deedsOf(file, "write", "open", "upload", "start").length > 0;
      yield sight(file, match.index, "writes a workflow that prints every secret", { share: writes ? 1 : 0.6 });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "a.js": "fs.writeFileSync('.github/workflows/x.yml', 'run: echo ${{ toJSON(secrets) }}');\n" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "a.js": "fs.writeFileSync('.github/workflows/x.yml', 'token: ${{ secrets.TOKEN }}');\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "a.py": "open('.github/workflows/a.yml', 'w').write('${{ tojson(secrets ) }}')\n".replace(
            "secrets ",
            "secrets",
          ),
        },
      },
    ],
  },
};
