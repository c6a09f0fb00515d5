import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { Phase } from "../model.ts";
import { codeWith, isMember, matchInCode, sight } from "./_sight.ts";

const WORDS = [".github/workflows", "github.event.", "tojson(secrets", "self-hosted"] as const;
const WORKFLOW = /(?:^|\/)\.github\/workflows\/[^/]{1,100}\.ya?ml$/;
const PLACE = /\.github[/\\]{1,2}workflows/;
/** What a stranger wrote becomes a part of a command. */
const OUTSIDERS_TEXT = /\$\{\{\s{0,4}github\.event\.(?:discussion|comment|issue|review)\.(?:body|title)\s{0,4}\}\}/;
const SELF_HOSTED = /runs-on:[^\n]{0,40}self-hosted/;
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

A workflow that hands what outsiders write to a shell on a machine of the repository's own is a back door that ships in the release.

Project generators write workflows as well, with single named secrets, when somebody calls them, and pass.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of tree.files) {
      if (!isMember(file) || file.kind !== "yaml" || !WORKFLOW.test(file.path) || !SELF_HOSTED.test(file.text))
        continue;
      const match = OUTSIDERS_TEXT.exec(file.text);
      if (match === null) continue;
      const says = "is a workflow that runs what outsiders write in discussions, on a machine of the repository's own";
      yield sight(file, match.index, says, { phase: "call" });
    }
    for (const file of codeWith(tree, [".github/workflows"])) {
      const early = deedsOf(file, "write").find(({ phase, text }) => isEarly(phase) && PLACE.test(text));
      if (early !== undefined && file.kind !== "python")
        yield sight(file, early.offset, `${early.what} writes a workflow without being asked`, {
          phase: early.phase,
          share: 0.8,
        });
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
        files: {
          "a.js":
            "const fs = require('fs');\nexports.generate = function generate() {\n  fs.writeFileSync('.github/workflows/x.yml', 'token: ${{ secrets.TOKEN }}');\n};\n",
          ".github/workflows/ci.yml": "on: issues\njobs:\n  a:\n    runs-on: ubuntu-latest\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node a.js"}}`,
          "a.js": "const fs = require('fs');\nfs.copyFileSync(__dirname + '/ci.txt', '.github/workflows/ci.yml');\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          ".github/workflows/d.yml":
            "on: discussion\njobs:\n  a:\n    runs-on: self-hosted\n    steps:\n    - run: echo ${{ github.event.discussion.body }}\n",
        },
      },
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

function isEarly(phase: Phase): boolean {
  return phase !== "call" && phase !== "none";
}
