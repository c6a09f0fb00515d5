import { calls } from "../languages/calls.ts";
import type { SourceFile } from "../model.ts";

/** What is looked for in the scripts of NuGet packages beside their text: commands that are called by a name which is not written there. */

/** Commands that no script has a reason to name otherwise than they are called. */
const COMMANDS =
  /^(?:invoke-(?:expression|webrequest|restmethod|command|item|wmimethod|cimmethod)|start-(?:process|bitstransfer)|new-object|add-type|mshta|powershell|pwsh|cmd|certutil|bitsadmin|rundll32|regsvr32|wscript|cscript)$/;
const FETCHES = /^(?:invoke-(?:webrequest|restmethod)|start-bitstransfer|certutil|bitsadmin|mshta)$/;
/** A command that is looked up by a pattern and then called: `& (Get-Alias i*x)`, `. (gcm *ke-Ex*)`. */
const BY_PATTERN = /[&.][ \t]{0,4}\([ \t]{0,4}(?:get-alias|gal|get-command|gcm|gi|get-item)[ \t]{1,4}[^)\n]{0,80}[*?]/i;
/** Letters of a name taken out of a path that every Windows has: `$env:ComSpec[4,15,25]`. */
const OUT_OF_PATH =
  /\$(?:env:\w{2,20}|pshome|shellid|\w{1,20}preference)[ \t]{0,2}(?:\.\w{1,20}\(\))?\[[ \t]{0,2}\d{1,2}[ \t]{0,2}[,\]]/i;

/** A command under another name, and where. */
export interface Disguise {
  readonly offset: number;
  /** The command, or how it is found. */
  readonly what: string;
  readonly fetches: boolean;
}

/** The first command of the script that is called by a name which is put together, written with backticks or found by a pattern. */
export function disguisedCommand(file: SourceFile): Disguise | undefined {
  for (const { name, written, offset } of calls(file)) {
    if (!COMMANDS.test(name) || !/^[$)`]|[\w-]`[\w-]/.test(written)) continue;
    return { offset, what: name, fetches: FETCHES.test(name) };
  }
  const match = BY_PATTERN.exec(file.text) ?? OUT_OF_PATH.exec(file.text);
  return match === null ? undefined : { offset: match.index, what: match[0].slice(0, 60), fetches: false };
}

/** Where the script fetches by a command that is called by another name. */
export function disguisedFetch(file: SourceFile): number | undefined {
  return calls(file).find(({ name, written }) => FETCHES.test(name) && /^[$)]|[\w-]`[\w-]/.test(written))?.offset;
}
