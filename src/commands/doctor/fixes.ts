import type { EcosystemId } from "../../catalog/model.ts";
import { CLIENT_COMMANDS, commandAt } from "../../http/page-texts.ts";

/** The address of an ecosystem's registry below the gate's URL for it, as clients write it. */
export function registryAt(ecosystem: EcosystemId, base: string): string {
  return base + { pypi: "/simple/", npm: "/", nuget: "/v3/index.json" }[ecosystem];
}

/** The command by which a client is pointed at the gate for this user: the one that the start page shows. */
export function commandOf(ecosystem: EcosystemId, client: string, base: string): string {
  const known = CLIENT_COMMANDS[ecosystem].find((one) => one.client.split(", ").includes(client));
  if (!known) throw new Error(`no command is known for ${client}`);
  return commandAt(known, base);
}

/** Sets a variable, in the words of the platform's shell. */
export function setVariable(name: string, value: string): string {
  return process.platform === "win32" ? `$env:${name} = "${value}"` : `export ${name}=${value}`;
}

/** Takes a variable away, in the words of the platform's shell. */
export function unsetVariable(name: string): string {
  return process.platform === "win32" ? `Remove-Item Env:${name}` : `unset ${name}`;
}

/** What to change in a file. */
export function setIn(path: string, key: string, value: string): string {
  return `in ${path} set ${key} to ${value}`;
}

/** What to take out of a file. */
export function removeFrom(path: string, key: string): string {
  return `remove ${key} from ${path}`;
}

/** Whether a text may stand in a command that people paste into a shell: names and addresses of a project come from anyone. */
export function isPlain(text: string): boolean {
  return /^[\w@%+:,./\\~-]*$/.test(text);
}
