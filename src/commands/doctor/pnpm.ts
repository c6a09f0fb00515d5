import { dirname } from "node:path";
import { httpUrlIn } from "../../discovery/surroundings.ts";
import { commandOf } from "./fixes.ts";
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

/**
 * pnpm: up to version 10 it reads npm's variables, after pnpm-workspace.yaml; from 11 on its own alone, before it. It is never run
 * in the project: version 10 would run the project's .pnpmfile.cjs even to say its version.
 */
export const pnpm: Client = { name: "pnpm", ecosystem: "npm", programs: ["pnpm"], ask };

async function ask(machine: Machine): Promise<Told> {
  const [version, answer] = await Promise.all([
    machine.run("pnpm", ["--version"]),
    machine.run("pnpm", ["config", "get", "registry"]),
  ]);
  const major = Number.parseInt(version ?? "", 10);
  if (Number.isNaN(major)) return { sources: [], unknown: "pnpm --version gave no answer" };
  const workspace = await readWorkspace(machine, major);
  const project = await readSettings(machine, await projectNpmrcs(machine), ".npmrc");
  const user = await readSettings(machine, [userNpmrc(machine)], ".npmrc");
  const isRegistry = ({ kind }: FoundAddress) => kind === "registry";
  const named = variable(machine, ...(major >= 11 ? OWN_VARIABLES : NPM_VARIABLES));
  const fromVariable = named ? [variableSource(pnpm, named)] : [];
  const fromWorkspace = workspace.filter(isRegistry).map((one) => fileSource(pnpm, one));
  const order = major >= 11 ? [...fromVariable, ...fromWorkspace] : [...fromWorkspace, ...fromVariable];
  const registry =
    [...order, ...project.filter(isRegistry).map((one) => fileSource(pnpm, one))][0] ?? asked(answer, user);
  const scopes = [...workspace, ...project, ...user].filter(({ kind }) => kind === "scope");
  return {
    sources: [registry, ...scopes.map((one) => fileSource(pnpm, one))],
    notes: ignoredVariable(machine, major),
  };
}

const NPM_VARIABLES = ["npm_config_registry", "NPM_CONFIG_REGISTRY"];
const OWN_VARIABLES = ["pnpm_config_registry", "PNPM_CONFIG_REGISTRY"];

async function readWorkspace(machine: Machine, major: number): Promise<FoundAddress[]> {
  const found = await readSettings(machine, machine.upwards("pnpm-workspace.yaml"));
  const nearest = found[0] && dirname(found[0].path);
  // version 10 knows registries.default, but not the key registry
  return found.filter(({ path, key }) => dirname(path) === nearest && (major >= 11 || key !== "registry"));
}

function asked(answer: string | undefined, user: readonly FoundAddress[]): Source {
  const url = httpUrlIn(answer);
  const file = user.find(({ kind, url: other }) => kind === "registry" && other === url);
  return {
    what: "registry",
    ...(url !== undefined && { url }),
    from: file ? `registry in ${file.path}` : "pnpm config get registry",
    fix: (base) => commandOf("npm", "pnpm", base),
  };
}

/** The trap of version 11: what was enough for npm and older pnpm says nothing any more. */
function ignoredVariable(machine: Machine, major: number): string[] {
  const ignored = major >= 11 ? variable(machine, ...NPM_VARIABLES) : undefined;
  return ignored ? [`pnpm ${major} ignores the variable ${ignored.name}; it reads pnpm_config_registry`] : [];
}
