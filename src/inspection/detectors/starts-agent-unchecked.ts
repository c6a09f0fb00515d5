import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { installHooks, lineOf, scriptsWith } from "./_npm.ts";
import { isLate, matchInCode, sight } from "./_sight.ts";

const SWITCHES = [
  "--dangerously-skip-permissions",
  "--dangerously-bypass-approvals",
  "--trust-all-tools",
  "--allow-all-tools",
  "--yolo",
] as const;
/** Tells an agent to ask nobody before it runs commands and writes files. */
const UNCHECKED =
  /--dangerously-(?:skip-permissions|bypass-approvals[\w-]{0,20})|--trust-all-tools|--allow-all-tools|--yolo\b/i;
/** What an agent is sent to look for. */
const LOOKS_FOR = /wallet|credential|keystore|private[ _]?key|\.env\b|seed phrase|mnemonic|password|id_rsa|tokens?\b/i;

export const startsAgentUnchecked: Detector = {
  id: "starts-agent-unchecked",
  title: "Starts a coding agent that asks nobody, when it is installed or loaded",
  severity: "high",
  ecosystems: ["npm"],
  points: 5,
  class: "threat",
  group: "agents",
  why: `The code starts the command line of a coding agent (claude, gemini, codex, q) with the switch that turns its questions off. The
attack on Nx in August 2025 let the agents that it found on a machine search the disk for wallets and keys, and sent away what they listed.

Tools that drive agents do so when somebody calls them; at install, or in the moment a module is loaded, nobody has.`,
  literals: SWITCHES,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree)) {
      if (!UNCHECKED.test(command)) continue;
      const says = `${name} runs \`${command.slice(0, 200)}\``;
      yield { path, line: lineOf(tree, path, command), says, phase: "install" };
    }
    for (const file of scriptsWith(tree, SWITCHES)) {
      const match = matchInCode(file, UNCHECKED);
      const start = match && startOf(file);
      if (match === undefined || start === undefined) continue;
      const says = `${start.what} starts an agent with ${match[0]}`;
      yield sight(file, match.index, says, { phase: start.phase, share: shareOf(file, start) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node a.js"}}`,
          "a.js":
            "const { execSync } = require('child_process');\nexecSync('claude --dangerously-skip-permissions -p \"list wallet files\"');\n",
        },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { "a.js": "// claude --yolo\nrequire('child_process').execSync('ls');\n" } },
      { ecosystem: "npm", files: { "a.js": "exports.flags = { gemini: '--yolo' };\n" } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node a.js"}}`,
          "a.js":
            "const { spawnSync } = require('child_process');\nconst agents = { gemini: ['--yolo', '-p', 'find wallet files'], q: ['chat', '--trust-all-tools', 'find keys'] };\nfor (const [name, args] of Object.entries(agents)) spawnSync(name, args);\n",
        },
      },
    ],
  },
};

/** The start that has the switch, or else the first that runs early in a file a person wrote. */
function startOf(file: SourceFile): Deed | undefined {
  const starts = deedsOf(file, "start");
  const direct = starts.find(({ text }) => UNCHECKED.test(text));
  if (direct !== undefined || isBundle(file)) return direct;
  return starts.find((deed) => !isLate(deed)) ?? starts[0];
}

function shareOf(file: SourceFile, start: Deed): number {
  const isTold = UNCHECKED.test(start.text);
  const isSearch = LOOKS_FOR.test(isTold ? start.text : file.text);
  if (isLate(start)) return isTold && isSearch ? 0.6 : 0.25;
  return isTold || isSearch ? 1 : 0.6;
}
