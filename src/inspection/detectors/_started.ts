import { asksVersion, type Command, isUnknown, readCommand } from "../behaviour/commands.ts";
import type { Deed } from "../behaviour/trace.ts";
import type { ReleaseTree } from "../model.ts";

/** Opens, hides or leaves something behind on the machine; none of it builds anything. */
const ODD =
  /^[\s"'(]{0,4}(?:start|cmd|powershell|pwsh|mshta|rundll32|regsvr32|wscript|cscript|explorer|calc|notepad|mspaint|msg|shutdown|attrib|reg|schtasks|taskkill|net|netsh|sc|open|xdg-open|osascript|crontab|systemctl|launchctl|nohup|dir|type|dig|nslookup|ping|host|nc|ncat|netcat|ssh|scp|ftp|tftp|kill|killall|pkill|useradd|passwd|iptables|espeak|say|zenity|wall|gsettings)(?:\.exe)?(?=$|[\s"'])/i;
/** Reaches out of the source tree: the user's folders, temporary ones, a shell's background, output into a file elsewhere. */
const OUTSIDE =
  /(?:^|[\s"'=>])(?:~|\$HOME|%\w{2,40}%|\$env:|\/tmp\/|\/var\/|\/etc\/|\/dev\/shm|[a-z]:[\\/])|appdata|[\\/]temp[\\/]|(?:^|[^&])&[\s"']{0,4}$|\|[ \t]{0,4}(?:ba|z)?sh\b/i;
/** A program named by its file. */
const PROGRAM_FILE = /^[\s"'(]{0,4}[\w./\\:~…-]{1,200}\.(?:exe|bat|cmd|vbs|vbe|ps1|scr|msi|hta|jar|pyw)\b/i;
const SCRIPT =
  /^[\s"'(]{0,4}(?:\S{0,200}[\\/])?(?:python[\d.w]{0,5}|pythonw?|py)(?:\.exe)?["']?\s(?:-[bBEsSuIOW]\w{0,20}\s{1,4}){0,4}["']?(\S{1,300}\.pyw?)\b/i;
/** In a folder that is named, below the script that starts it. */
const IN_TREE = /^(?:…[\\/])?(?:[\w-]{1,60}[\\/]){1,6}[\w-]{1,60}\.py$/;
const MODULE = /^[\s"'(]{0,4}(?:\S{0,200}[\\/])?python[\d.w]{0,5}(?:\.exe)?["']?\s{1,4}-m[ \t]/i;

/**
 * How little a build has to do with what is started, 0 to 1: nothing for compilers, version questions and what nobody can tell
 * from the text; all for what fetches, sends, hides, opens programs or reaches out of the source tree.
 */
export function oddity({ command, text, ignored }: Deed, tree: ReleaseTree): number {
  if (command === undefined || asksVersion(text)) return 0;
  if (isUnknown(text)) return 0.3;
  if (OUTSIDE.test(text)) return command.fetches || command.sends || command.hides ? 1 : command.builds ? 0 : 0.9;
  const parts = text.slice(0, 4_000).split(/&&|[;&|]/, 30);
  return Math.max(
    ...parts.map((part) => oddityOf(part, parts.length === 1 ? command : readCommand(part), ignored, tree)),
  );
}

function oddityOf(text: string, command: Command, ignored: boolean, tree: ReleaseTree): number {
  if (asksVersion(text)) return 0;
  if (command.fetches || command.sends || command.givesProgram || command.hides) return 1;
  if (command.builds || /^[\s"'…]*$|^\s{0,4}cd\s/.test(text)) return 0;
  if (command.asksHost) return 1;
  if (command.installs) return 0.2;
  if (ODD.test(text) || PROGRAM_FILE.test(text)) return 0.9;
  const script = SCRIPT.exec(text)?.[1];
  // What runs a script of the release is no worse than the script, which is read like the setup script itself.
  if (script !== undefined) return isInside(script, tree) ? 0.25 : IN_TREE.test(script) ? 0.4 : 0.9;
  if (MODULE.test(text)) return 0.9;
  if (/^[\s"'(]{0,4}…/.test(text)) return 0.3;
  return ignored ? 0.45 : 0.35;
}

/** Whether a script of this name belongs to the release. */
function isInside(script: string, tree: ReleaseTree): boolean {
  const name = script.split(/[\\/]/).at(-1) ?? "";
  return name.length > 3 && tree.files.some(({ path }) => path.endsWith(`/${name}`));
}
