import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const LITERALS = [
  "currentversion\\run",
  "currentversion\\\\run",
  "start menu\\programs\\startup",
  "start menu\\\\programs\\\\startup",
  "programs/startup",
  "schtasks",
  "crontab",
  "launchagents",
  "launchdaemons",
  "systemctl",
  ".config/autostart",
  ".bashrc",
  ".zshrc",
  "/etc/systemd/system",
  "systemd/user",
  "authorized_keys",
  "/etc/rc.local",
  "/etc/cron.",
] as const;
/** Something that survives a restart is written or registered. */
const REGISTERS =
  /currentversion\\{1,2}run\b|start menu\\{1,2}programs\\{1,2}startup|programs\/startup|schtasks(?:\.exe)?["', \t]{1,6}\/create|crontab[ \t]{1,4}-(?![lre\w])|\|[ \t]{0,4}crontab\b|library\/launch(?:agents|daemons)\/|\.config\/autostart\/|\/etc\/cron\.[a-z]{1,8}\/|\/etc\/systemd\/system\/[\w.@-]|\.config\/systemd\/user\/[\w.@-]|\.ssh["', /\\)]{1,8}authorized_keys/i;
/** A line is added to a shell's start file. */
const SHELL_START =
  /(?:>>|["']a\+?["'])[^\n]{0,80}\.(?:bashrc|zshrc|profile|bash_profile)|\.(?:bashrc|zshrc|bash_profile)["')\]]{1,4}[, \t]{1,4}["']a/i;

export const persistsItself: Detector = {
  id: "persists-itself",
  title: "Registers something to run again after a restart",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 2.6,
  class: "threat",
  group: "persistence",
  why: `The code writes to a place from which systems start programs by themselves: Run keys, Startup folders, scheduled tasks, cron,
launch agents, systemd units, shell start files, authorised SSH keys. Malware does this so that removing the package changes nothing.

Honest service managers and desktop applications do it when the user asks; it counts fully only where it runs at install or import.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, LITERALS)) {
      const match = matchInCode(file, REGISTERS) ?? matchInCode(file, SHELL_START);
      if (match === undefined) continue;
      yield sight(file, match.index, `survives a restart by way of ${match[0].trim()}`, { share: shareOf(file) });
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "key = r'Software\\Microsoft\\Windows\\CurrentVersion\\Run'\n" } },
      { ecosystem: "npm", files: { "a.js": "const unit = home + '/.config/systemd/user/demo.service';\n" } },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "run(['crontab', '-l'])\nprint('edit your .bashrc')\n" } },
      { ecosystem: "npm", files: { "a.js": "// Library/LaunchAgents/demo.plist\n" } },
    ],
    evasions: [
      { ecosystem: "pypi", files: { "setup.py": "p = 'SOFTWARE\\\\MICROSOFT\\\\WINDOWS\\\\CURRENTVERSION\\\\RUN'\n" } },
    ],
  },
};

function shareOf(file: SourceFile): number {
  return file.phase === "install" || file.phase === "start" ? 1 : file.phase === "import" ? 0.7 : 0.5;
}
