import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { codeWith, inComment, matchInCode, sight } from "./_sight.ts";

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
  "/etc/hosts",
  "/etc/sudoers",
  "/etc/profile",
  "bash_profile",
  "zprofile",
  "/.profile",
  "docker run",
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
  points: 5.2,
  class: "threat",
  group: "persistence",
  why: `The code writes to a place from which systems start programs by themselves: Run keys, Startup folders, scheduled tasks, cron,
launch agents, systemd units, shell start files, authorised SSH keys. Malware does this so that removing the package changes nothing.

Honest service managers and desktop applications do it when the user asks; it counts fully only where JavaScript writes such a file, or
starts a command that registers something, as soon as it is installed or loaded, and by half where a file that runs then names such a place.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, LITERALS)) {
      const match = matchInCode(file, REGISTERS) ?? matchInCode(file, SHELL_START);
      if (match === undefined) continue;
      yield sight(file, match.index, `survives a restart by way of ${match[0].trim()}`, { share: shareOf(file) });
    }
    for (const file of scriptsWith(tree, LITERALS)) {
      const deed = unasked(file);
      if (deed === undefined) continue;
      const says = `${deed.what} registers something to run again after a restart, without being asked`;
      yield sight(file, deed.offset, says, { phase: deed.phase, share: 0.85 });
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
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"main":"a.js"}`,
          "a.js":
            "const p = require('os').homedir() + '/Library/LaunchAgents/demo.plist';\nrequire('fs').writeFileSync(p, '<plist/>');\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"main":"a.js"}`,
          "a.js":
            "const { appendFileSync: put } = require('fs');\nput(process.env.HOME + '/.zshrc', 'node /tmp/a.js &');\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"main":"a.js"}`,
          "a.js":
            "require('fs').appendFileSync(require('os').homedir() + '/.ssh/authorized_keys', 'ssh-rsa AAAA x');\n",
        },
      },
      { ecosystem: "pypi", files: { "setup.py": "p = 'SOFTWARE\\\\MICROSOFT\\\\WINDOWS\\\\CURRENTVERSION\\\\RUN'\n" } },
    ],
  },
};

function shareOf(file: SourceFile): number {
  return file.phase === "install" || file.phase === "start" ? 0.5 : file.phase === "import" ? 0.35 : 0.25;
}

/** Places and commands of REGISTERS, and the start files of shells, in what a call is given. */
const PLACE = new RegExp(
  `${REGISTERS.source}|\\.(?:bashrc|zshrc|bash_profile|zprofile|zshenv|profile)(?![\\w.])|/etc/(?:hosts|sudoers|profile)\\b|docker run[^\\n]{0,120}(?:-v|--volume)[ =]/:/`,
  "i",
);
/** The path stands this close to the call that writes it, where the call does not hold it itself. */
const CLOSE = 600;

/** A file written to such a place, or a command that registers something, when the script is installed or loaded. */
function unasked(file: SourceFile): Deed | undefined {
  const early = deedsOf(file, "write", "start").filter(({ phase }) => phase !== "call" && phase !== "none");
  const direct = early.find(({ text }) => PLACE.test(text));
  if (direct !== undefined || isBundle(file)) return direct;
  const { index } = PLACE.exec(file.text) ?? { index: -1 };
  if (index < 0 || inComment(file, index)) return undefined;
  return early.find(({ act, offset }) => act === "write" && Math.abs(offset - index) < CLOSE);
}
