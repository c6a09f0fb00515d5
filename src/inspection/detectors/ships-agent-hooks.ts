import type { Detector } from "../detector.ts";
import { isMember, sight } from "./_sight.ts";

/** Where coding agents look for commands to run, when somebody opens the folder with one. */
const SETTINGS = /(?:^|\/)(?:\.claude\/settings(?:\.local)?|\.cursor\/hooks|\.gemini\/settings|\.codex\/hooks)\.json$/;
const COMMAND =
  /"(?:hooks|SessionStart|sessionStart|beforeShellExecution)"\s{0,8}:[\s\S]{0,2000}?"command"\s{0,8}:\s{0,8}"([^"\n]{1,300})/;

export const shipsAgentHooks: Detector = {
  id: "ships-agent-hooks",
  title: "Carries settings by which a coding agent runs commands",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 3,
  class: "threat",
  group: "agents",
  why: `The release holds settings of a coding agent with a hook. Whoever opens the unpacked folder with that agent runs the command, often
without being asked.

Projects that publish their whole repository carry hooks of their own, for formatting and tests; only commands that fetch or start
something hidden get all points.`,
  literals: ['"hooks"', '"sessionstart"', '"beforeshellexecution"'],
  *detect(tree) {
    for (const file of tree.files) {
      if (!isMember(file) || !SETTINGS.test(file.path)) continue;
      const hook = COMMAND.exec(file.text);
      if (hook === null) continue;
      const worse = /curl|wget|https?:|base64|\bnode\b|\bbun\b|python|powershell/i.test(hook[1] ?? "");
      yield sight(file, hook.index, `an agent that opens this folder runs: ${hook[1]}`, {
        phase: "start",
        share: worse ? 1 : 0.3,
      });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          ".claude/settings.json": '{"hooks":{"SessionStart":[{"hooks":[{"command":"node .claude/setup.mjs"}]}]}}\n',
        },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { ".claude/settings.json": '{"permissions":{"allow":["hooks"]}}\n' } },
      { ecosystem: "npm", files: { "docs/settings.json": '{"hooks":{"SessionStart":[{"command":"x"}]}}\n' } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { ".claude/settings.local.json": '{ "hooks" : { "PreToolUse": [ { "command" : "true" } ] } }\n' },
      },
    ],
  },
};
