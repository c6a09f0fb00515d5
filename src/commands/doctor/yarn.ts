import { join } from "node:path";
import { httpUrlIn } from "../../discovery/surroundings.ts";
import { members, text } from "../../lib/lockfiles/lockfile.ts";
import { commandOf, setIn, setVariable } from "./fixes.ts";
import type { Client, Machine, Source, Told } from "./model.ts";
import {
  type FoundAddress,
  fileSource,
  projectNpmrcs,
  readSettings,
  userNpmrc,
  variable,
  variableSource,
} from "./settings.ts";

/** Yarn 1, and Yarn 2 and later, which have nothing in common here; the project may ask for the other one than is on the PATH. */
export const yarn: Client = { name: "yarn", ecosystem: "npm", programs: ["yarn"], ask };

async function ask(machine: Machine): Promise<Told> {
  const version = (await machine.run("yarn", ["--version"]))?.trim();
  const isModern = (await wantsModern(machine)) || (version !== undefined && !version.startsWith("1."));
  const told = isModern ? await askModern(machine, version) : await askClassic(machine);
  if (version === undefined && told.sources.every(({ url }) => url === undefined))
    return { sources: [], unknown: "yarn --version gave no answer, and no file or variable names a registry" };
  return told;
}

/** A .yarnrc.yml, or a packageManager of 2 and later, makes any Yarn start a modern one. */
async function wantsModern(machine: Machine): Promise<boolean> {
  for (const path of machine.upwards(".yarnrc.yml", "package.json")) {
    const source = await machine.read(path);
    if (source === undefined) continue;
    if (path.endsWith(".yarnrc.yml")) return true;
    const manager = /^yarn@(\d+)/.exec(packageManager(source))?.[1];
    if (manager !== undefined) return Number(manager) >= 2;
  }
  return false;
}

function packageManager(source: string): string {
  try {
    return text(members(JSON.parse(source))["packageManager"]);
  } catch {
    return "";
  }
}

/** As Yarn documents its .yarnrc.yml: variables, then the nearest file upwards, then the user's. */
async function askModern(machine: Machine, version: string | undefined): Promise<Told> {
  const files = [...machine.upwards(".yarnrc.yml"), join(machine.home, ".yarnrc.yml")];
  const found = await readSettings(machine, files);
  const named = variable(machine, "YARN_NPM_REGISTRY_SERVER");
  const file = found.find(({ kind }) => kind === "registry");
  const registry: Source = named
    ? { ...variableSource(yarn, named), fix: (base) => setVariable(named.name, base) }
    : file
      ? modernSource(file)
      : await modernDefault(machine, version);
  return { sources: [registry, ...found.filter(({ kind }) => kind === "scope").map(modernSource)] };
}

function modernSource(found: FoundAddress): Source {
  const source = fileSource(yarn, found);
  const http = (base: string) =>
    base.startsWith("http:") ? `, and add ${new URL(base).hostname} to unsafeHttpWhitelist` : "";
  return { ...source, fix: (base) => setIn(found.path, found.key, base) + http(base) };
}

async function modernDefault(machine: Machine, version: string | undefined): Promise<Source> {
  const isModern = version !== undefined && !version.startsWith("1.");
  const url = isModern ? httpUrlIn(await machine.run("yarn", ["config", "get", "npmRegistryServer"])) : undefined;
  return {
    what: "registry",
    ...(url !== undefined && { url }),
    from: "Yarn's own default; nothing is configured",
    fix: (base) => commandOf("npm", "yarn 4", base),
  };
}

/**
 * Yarn 1 takes the registry of npm's settings before that of its own, whatever `yarn config get registry` says: npm's variable, the
 * project's and the user's .npmrc, then YARN_REGISTRY and .yarnrc.
 */
async function askClassic(machine: Machine): Promise<Told> {
  const rcs = await readSettings(machine, [...(await projectNpmrcs(machine)), userNpmrc(machine)], ".npmrc");
  const yarnrcs = await readSettings(machine, [...machine.upwards(".yarnrc"), join(machine.home, ".yarnrc")]);
  const npmVariable = variable(machine, "npm_config_registry", "NPM_CONFIG_REGISTRY");
  const ownVariable = variable(machine, "YARN_REGISTRY", "yarn_registry");
  const first = (found: readonly FoundAddress[]) =>
    found.filter(({ kind }) => kind === "registry").map((one) => fileSource(yarn, one));
  const [registry] = [
    ...(npmVariable ? [variableSource(yarn, npmVariable)] : []),
    ...first(rcs),
    ...(ownVariable ? [variableSource(yarn, ownVariable)] : []),
    ...first(yarnrcs),
  ];
  const scopes = [...rcs, ...yarnrcs].filter(({ kind }) => kind === "scope").map((one) => fileSource(yarn, one));
  return { sources: [registry ?? (await classicDefault(machine)), ...scopes] };
}

async function classicDefault(machine: Machine): Promise<Source> {
  const url = httpUrlIn(await machine.run("yarn", ["config", "get", "registry"]));
  return {
    what: "registry",
    ...(url !== undefined && { url }),
    from: "yarn config get registry",
    fix: (base) => commandOf("npm", "yarn 1", base),
  };
}
