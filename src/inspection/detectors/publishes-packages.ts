import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const PUBLISHES = [
  "npm publish",
  "'publish'",
  '"publish"',
  "twine upload",
  "'twine'",
  '"twine"',
  "nuget push",
  "-/npm/v1/tokens",
  "-/user/token",
  "libnpmpublish",
] as const;
const TOKENS = [
  "_authtoken",
  ".npmrc",
  ".pypirc",
  "npm_token",
  "pypi_token",
  "twine_password",
  "nuget_api_key",
] as const;
const COMMAND =
  /npm[ \t]{1,4}publish|["']npm["']\s{0,4},\s{0,4}\[?\s{0,4}["']publish|twine[ \t]{1,4}upload|["']twine["']\s{0,4},\s{0,4}["']upload|nuget[ \t]{1,4}push|-\/npm\/v1\/tokens|libnpmpublish/i;
/** Where the token itself is read, not named for the user. */
const READS_TOKEN =
  /_authToken\s{0,4}=|_authtoken[^\n]{0,80}(?:match|split|replace|exec\(|test\()|(?:readfile(?:sync)?|open|read_text|existssync)\s{0,4}\([^\n]{0,120}\.(?:npmrc|pypirc)|(?:match|exec|split|findall|search)\([^\n]{0,120}_authToken/i;

export const publishesPackages: Detector = {
  id: "publishes-packages",
  title: "Reads a publish token and publishes packages with it",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.5,
  class: "threat",
  group: "self-replication",
  why: `The file takes a registry token from the user's configuration and publishes packages. The Shai-Hulud worms (2025, 2026) spread
this way: they added themselves to every package that the stolen token could publish.

Release tools publish too, but leave reading the token to the package manager.`,
  literals: [...PUBLISHES, ...TOKENS],
  *detect(tree) {
    for (const file of codeWith(tree, PUBLISHES)) {
      if (!file.hits.hasAny(TOKENS)) continue;
      const command = matchInCode(file, COMMAND);
      const token = matchInCode(file, READS_TOKEN);
      if (command === undefined || token === undefined) continue;
      const network = deedsOf(file, "http", "upload").length > 0;
      yield sight(file, command.index, `takes a publish token (${token[0].slice(0, 60)}) and runs ${command[0]}`, {
        share: network ? 1 : 0.7,
      });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const t = fs.readFileSync(home + '/.npmrc', 'utf8').match(/_authToken=(.+)/)[1];\nfetch('http://example.invalid/-/whoami');\nexec('npm publish --access public');\n",
        },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { "a.js": "exec('npm publish');\nconsole.log('set NPM_TOKEN first');\n" } },
      { ecosystem: "pypi", files: { "setup.py": "os.system('twine upload dist/*')  # uses ~/.pypirc\n" } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js": "const c = readFileSync(`${h}/.npmrc`);\nspawnSync('npm', ['publish']);\nconst m = /x/.exec(c);\n",
        },
      },
    ],
  },
};
