import type { Detector } from "../detector.ts";
import { installHooks, lineOf } from "./_npm.ts";

/** The command goes on after the install has ended, or shows nothing. */
const HIDES =
  /\bnohup\b|\bsetsid\b|\bdisown\b|\bstart[ \t]{1,4}\/(?:b|min)\b|windowstyle[ \t]{1,4}hidden|-w[ \t]{1,4}hidden|(?:^|[^&>0-9])&[ \t]{0,4}$|[^&>]&[ \t]{0,4}(?:exit|true|disown)\b|>[ \t]{0,4}(?:\/dev\/null|nul)\b[^|;]{0,60}[^&|>]&[ \t]{0,4}$/i;
/** Where an install script has nothing to look for. */
const TEMPORARY = /(?:^|[\s;&|"'=])(?:\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|%temp%|\$env:temp|%appdata%)/i;

export const installHookHides: Detector = {
  id: "install-hook-hides",
  title: "An install script goes on in the background or from a temporary folder",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.2,
  class: "threat",
  group: "install-hook",
  why: `The command in package.json detaches itself, opens no window, or runs something from a temporary folder. Whoever installs the
package sees it finish while the program goes on.

Build steps have no reason to outlive the install. Throwing the output away (\`> /dev/null || true\`) is common and passes.`,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree)) {
      if (!HIDES.test(command.trim()) && !TEMPORARY.test(command)) continue;
      const says = `${name} runs \`${command.slice(0, 200)}\` out of sight`;
      yield { path, line: lineOf(tree, path, command), says, phase: "install" };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"postinstall":"nohup node bundle.js > /dev/null 2>&1 &"}}` },
      },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"install":"start /b node a.js"}}` } },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"postinstall":"node a.js > /dev/null 2>&1 || true"}}` },
      },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"install":"node-gyp rebuild && node start.js"}}` } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"preinstall":"(node a.js >/dev/null 2>&1)& exit 0"}}` },
      },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"preinstall":"cp a /tmp/.a && /tmp/.a"}}` } },
    ],
  },
};
