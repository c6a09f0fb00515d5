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

/** Asks which packages the account may publish, other than by their names. */
const ALL_PACKAGES =
  /npm[ \t]{1,3}access[ \t]{1,3}(?:ls-packages|list[ \t]{1,3}packages)|["'`]ls-packages["'`]|\/-\/v1\/search\?text=maintainer|\/-\/(?:org|user)\/[^\n"'`]{1,80}\/package/;
/** Takes packages apart to put something in. */
const REPACKS = /npm[ \t]{1,3}pack\b|\btar[ \t]{1,3}-?x|\.tgz\b|tar\.(?:x|extract)\(/;
/** Gives a manifest a script of installation. */
const CHANGES_MANIFEST = /\.scripts(?:\.|\[["'`]|[ \t]{0,3}=[ \t]{0,3}\{[^}\n]{0,80})(?:pre|post)?install/;

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
      const all = ALL_PACKAGES.test(file.text) ? matchInCode(file, COMMAND) : undefined;
      if (all !== undefined && REPACKS.test(file.text))
        yield sight(file, all.index, `lists whatever the user may publish, repacks it and runs ${all[0]}`);
      if (!file.hits.hasAny(TOKENS)) continue;
      const command = matchInCode(file, COMMAND);
      const token = matchInCode(file, READS_TOKEN);
      if (command === undefined || token === undefined) continue;
      const network = deedsOf(file, "http", "upload").length > 0;
      yield sight(file, command.index, `takes a publish token (${token[0].slice(0, 60)}) and runs ${command[0]}`, {
        share: network || CHANGES_MANIFEST.test(file.text) ? 1 : 0.7,
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
          "a.js":
            "const l = JSON.parse(execSync('npm access ls-packages ' + me));\nfor (const n of Object.keys(l)) {\n  execSync('npm pack ' + n);\n  execSync('tar xf *.tgz && cp a.js package/ && cd package && npm version patch && npm publish');\n}\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "const c = readFileSync(`${h}/.npmrc`);\nspawnSync('npm', ['publish']);\nconst m = /x/.exec(c);\n",
        },
      },
    ],
  },
};
