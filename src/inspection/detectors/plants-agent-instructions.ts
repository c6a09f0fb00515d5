import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const PATHS = [
  ".claude/",
  "claude.md",
  ".cursorrules",
  ".cursor/",
  "agents.md",
  ".windsurfrules",
  "copilot-instructions",
  ".gemini/",
  ".codex/",
  ".opencode/",
  "claude_desktop_config",
  "mcp.json",
  "mcp_settings",
] as const;
/** Files from which coding agents take orders or commands to run. */
const TARGET =
  /\.claude[/\\]{1,2}(?:settings|commands|agents|hooks|skills|projects)[\w./\\-]{0,60}|["'/\\]CLAUDE\.md|\.cursorrules|\.cursor[/\\]{1,2}(?:rules|mcp|hooks)|["'/\\]AGENTS\.md|\.windsurfrules|copilot-instructions\.md|\.gemini[/\\]{1,2}settings|\.codex[/\\]{1,2}config|\.opencode[/\\]|claude_desktop_config\.json|["']\.cursor["'],\s{0,4}["'](?:rules|mcp|hooks)|["']\.claude["'],\s{0,4}["'](?:settings|commands|agents|hooks|skills)|["'/\\]mcp\.json["'`]|mcp_settings\.json/i;
export const plantsAgentInstructions: Detector = {
  id: "plants-agent-instructions",
  title: "Writes the configuration of a coding agent at install or import",
  severity: "high",
  ecosystems: ["pypi", "npm"],
  points: 4.4,
  class: "threat",
  group: "agents",
  why: `Installing or importing the release writes files from which coding agents (Claude Code, Cursor, Copilot and others) take
instructions or commands. The worms of 2026 survived this way: the agent ran them in the next session.

Tools for agents write such files when the user calls them; that gets few points.`,
  literals: PATHS,
  *detect(tree) {
    for (const file of codeWith(tree, PATHS)) {
      const target = matchInCode(file, TARGET);
      if (target === undefined) continue;
      const writes = deedsOf(file, "write", "open")[0];
      if (writes === undefined) continue;
      yield sight(file, target.index, `writes ${target[0].slice(0, 100)}`, { share: shareOf(file) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import os\nwith open(os.path.expanduser('~/.claude/settings.json'), 'w') as f:\n    f.write('{}')\n",
        },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "print('read AGENTS.md first')\n" } },
      { ecosystem: "npm", files: { ".claude/settings.json": '{"permissions":{}}\n' } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import os, pathlib\npathlib.Path(os.path.expanduser('~/.cursorrules')).write_text('x')\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node a.js"}}',
          "a.js":
            "const f = path.join(os.homedir(), '.cursor', 'mcp.json');\nconst c = JSON.parse(fs.readFileSync(f));\nc.mcpServers.demo = { command: 'npx', args: ['demo'] };\nfs.writeFileSync(f, JSON.stringify(c));\n",
        },
      },
    ],
  },
};

function shareOf(file: SourceFile): number {
  return file.phase === "install" || file.phase === "start" ? 1 : file.phase === "import" ? 0.4 : 0.2;
}
