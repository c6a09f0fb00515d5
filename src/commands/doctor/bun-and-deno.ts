import { dirname, join } from "node:path";
import { BUN_VARIABLES } from "./addresses.ts";
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
 * bun: variables (those in the project's .env files too), bunfig.toml of the project and the user, then .npmrc of the project and
 * the user. As measured with bun 1.4.
 */
export const bun: Client = { name: "bun", ecosystem: "npm", programs: ["bun"], ask: askBun };

/** deno: NPM_CONFIG_REGISTRY in this spelling alone, then .npmrc of the project and the user. As measured with deno 2.9. */
export const deno: Client = { name: "deno", ecosystem: "npm", programs: ["deno"], ask: askDeno };

const DOT_ENV = [
  ".env.local",
  ".env.development.local",
  ".env.production.local",
  ".env.development",
  ".env.production",
  ".env",
];

async function askBun(machine: Machine): Promise<Told> {
  const named = variable(machine, ...BUN_VARIABLES);
  const { env, folder, home } = machine;
  const dotEnv = await readSettings(
    machine,
    DOT_ENV.map((name) => join(folder, name)),
  );
  // of two variables the first in this order counts, wherever it is set
  const rank = (name: string) => (BUN_VARIABLES as readonly string[]).indexOf(name);
  const inFile = [...dotEnv].sort((a, b) => rank(a.key) - rank(b.key))[0];
  const variables = [
    ...(named ? [{ rank: rank(named.name), source: variableSource(bun, named) }] : []),
    ...(inFile && env[inFile.key] === undefined ? [{ rank: rank(inFile.key), source: fileSource(bun, inFile) }] : []),
  ].sort((a, b) => a.rank - b.rank);
  const found = [
    ...(await readSettings(machine, machine.upwards("bunfig.toml"))),
    ...(await readSettings(machine, [join(env["XDG_CONFIG_HOME"] ?? home, ".bunfig.toml")])),
    ...(await readSettings(machine, [...(await projectNpmrcs(machine)), userNpmrc(machine)], ".npmrc")),
  ];
  return toldOf(bun, variables[0]?.source, found);
}

async function askDeno(machine: Machine): Promise<Told> {
  const named = variable(machine, "NPM_CONFIG_REGISTRY");
  const rcs = machine.upwards(".npmrc").filter((path) => dirname(path) !== machine.home);
  const found = await readSettings(machine, [...rcs, join(machine.home, ".npmrc")]);
  return toldOf(deno, named && variableSource(deno, named), found);
}

function toldOf(client: Client, fromVariable: Source | undefined, found: readonly FoundAddress[]): Told {
  const file = found.find(({ kind }) => kind === "registry");
  const registry = fromVariable ?? (file ? fileSource(client, file) : undefined) ?? ownDefault(client);
  return { sources: [registry, ...found.filter(({ kind }) => kind === "scope").map((one) => fileSource(client, one))] };
}

function ownDefault(client: Client): Source {
  const from = `${client.name}'s own default; nothing is configured`;
  return { what: "registry", from, fix: (base) => commandOf("npm", client.name, base) };
}
