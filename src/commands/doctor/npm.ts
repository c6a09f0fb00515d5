import { z } from "zod";
import { askNpm } from "../../discovery/npm.ts";
import { commandOf, isPlain } from "./fixes.ts";
import type { Client, Machine, Source, Told } from "./model.ts";
import { fileSource, projectNpmrcs, readSettings, userNpmrc, variable, variableSource } from "./settings.ts";

/** npm: variables, the project's .npmrc, then what npm itself says of the user and the machine. */
export const npm: Client = { name: "npm", ecosystem: "npm", programs: ["npm"], ask };

const configSchema = z.looseObject({ registry: z.string(), globalconfig: z.string().optional() });

async function ask(machine: Machine): Promise<Told> {
  const told = configSchema.safeParse(await readConfig(machine));
  if (!told.success) return { sources: [], unknown: "npm config list gave no answer" };
  const fromVariable = variable(machine, "npm_config_registry", "NPM_CONFIG_REGISTRY");
  const project = await readSettings(machine, await projectNpmrcs(machine), ".npmrc");
  const own = project.find(({ kind }) => kind === "registry");
  const registry = fromVariable
    ? variableSource(npm, fromVariable)
    : own
      ? fileSource(npm, own)
      : await usersRegistry(machine, told.data);
  const projectScopes = project.filter(({ kind }) => kind === "scope");
  return {
    sources: [registry, ...projectScopes.map((one) => fileSource(npm, one)), ...usersScopes(told.data, projectScopes)],
  };
}

/**
 * Whether npm asks its registry for what a lock file says comes from a host: by default only for its own default host. Undefined where
 * npm is not there to say it.
 */
export async function npmReplaces(machine: Machine): Promise<((host: string) => boolean) | undefined> {
  const config = (await readConfig(machine)) as { "replace-registry-host"?: unknown } | undefined;
  if (config === undefined) return undefined;
  const setting = config["replace-registry-host"] ?? "npmjs";
  if (setting === "always") return () => true;
  if (setting !== "npmjs") return (host) => host === setting;
  const surroundings = { env: machine.env, cwd: machine.home, home: machine.home, platform: machine.platform };
  const preset = await (await askNpm(surroundings, machine.run)).builtIn();
  return (host) => preset !== undefined && new URL(preset.url).host === host;
}

async function readConfig(machine: Machine): Promise<unknown> {
  const text = await machine.run("npm", ["config", "list", "--json"]);
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

async function usersRegistry(machine: Machine, config: z.infer<typeof configSchema>): Promise<Source> {
  const files = [userNpmrc(machine), ...(config.globalconfig === undefined ? [] : [config.globalconfig])];
  const found = (await readSettings(machine, files, ".npmrc")).find(({ kind }) => kind === "registry");
  return {
    what: "registry",
    url: config.registry,
    from: found ? `registry in ${found.path}` : "npm's own default; nothing is configured",
    fix: (base) => commandOf("npm", "npm", base),
  };
}

function usersScopes(config: Readonly<Record<string, unknown>>, already: readonly { key: string }[]): Source[] {
  return Object.entries(config).flatMap(([key, url]) => {
    if (!/^@[^:]+:registry$/.test(key) || typeof url !== "string" || already.some((one) => one.key === key)) return [];
    const scope = key.slice(0, key.indexOf(":"));
    const fix = (base: string) => (isPlain(key) ? `npm config set ${key} ${base}/` : `set ${key} to ${base}/`);
    return [{ what: `registry of ${scope}`, url, from: `npm config get ${key}`, fix }];
  });
}
