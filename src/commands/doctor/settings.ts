import { basename, dirname, join } from "node:path";
import { type Address, addressesIn } from "./addresses.ts";
import { registryAt, removeFrom, setIn, setVariable } from "./fixes.ts";
import type { Client, Machine, Source } from "./model.ts";

/** An address and the file that names it. */
export interface FoundAddress extends Address {
  readonly path: string;
}

/** Thrown where a settings file that a client reads cannot be read as what it is: then nobody knows where the client goes. */
export class UnreadableSettings extends Error {}

/** The addresses in settings files, in the order of the paths; files that are not there say nothing. `as` tells the format where the name does not. */
export async function readSettings(machine: Machine, paths: readonly string[], as?: string): Promise<FoundAddress[]> {
  const found: FoundAddress[] = [];
  for (const path of new Set(paths)) {
    const source = await machine.read(path);
    if (source === undefined) continue;
    const addresses = addressesIn(as ?? basename(path), source, machine.env);
    if (addresses === undefined) throw new UnreadableSettings(`${path} cannot be read as what its name says`);
    found.push(...addresses.map((address) => ({ ...address, path })));
  }
  return found;
}

/** A variable that is set, whichever of the spellings; a later one counts only without the earlier ones. */
export function variable(machine: Machine, ...names: readonly string[]): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = machine.env[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

/** The registry that a variable names, as a source. */
export function variableSource(
  client: Pick<Client, "ecosystem">,
  { name, value }: { name: string; value: string },
): Source {
  return {
    what: "registry",
    url: value,
    from: `the variable ${name}`,
    fix: (base) => setVariable(name, registryAt(client.ecosystem, base)),
  };
}

/** What a file names, as a source. */
export function fileSource(client: Pick<Client, "ecosystem">, { kind, key, path, url }: FoundAddress): Source {
  const scope = /@[^:]+(?=:registry$)/.exec(key)?.[0] ?? key;
  return {
    what: kind === "registry" ? "registry" : kind === "scope" ? `registry of ${scope}` : "extra index",
    url,
    from: `${key} in ${path}`,
    fix: (base) => (kind === "extra" ? removeFrom(path, key) : setIn(path, key, registryAt(client.ecosystem, base))),
  };
}

/** The `.npmrc` files that count for the project: its own folder's, and those beside a package.json above. */
export async function projectNpmrcs(machine: Machine): Promise<string[]> {
  const found: string[] = [];
  for (const path of machine.upwards("package.json")) {
    const folder = dirname(path);
    if (folder === machine.home) break;
    if (folder === machine.folder || (await machine.read(path)) !== undefined) found.push(join(folder, ".npmrc"));
  }
  return found;
}

/** The user's own `.npmrc`. */
export function userNpmrc(machine: Machine): string {
  return variable(machine, "npm_config_userconfig", "NPM_CONFIG_USERCONFIG")?.value ?? join(machine.home, ".npmrc");
}
