import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { ECOSYSTEM_IDS, type EcosystemId } from "./catalog/model.ts";
import { type Config, configSchema } from "./config.ts";
import { discover } from "./discovery/discover.ts";
import { readRemembered } from "./discovery/remembered.ts";
import type { Surroundings } from "./discovery/surroundings.ts";
import { refuse } from "./errors.ts";
import { type Secret, secret, withoutCredentials } from "./lib/secret.ts";
import { tomlLine } from "./lib/toml-lines.ts";
import { type Settings, settingsFromEnv } from "./settings-from-env.ts";
import { absolutePaths, type Layer, mergeLayers, valueAt } from "./settings-layers.ts";

/** Settings given on the command line, as commander reads them. */
export interface ConfigFlags {
  /** The configuration file. */
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: string | number;
  readonly publicUrl?: string;
  readonly log?: string;
  readonly upstreamPypi?: string;
  readonly upstreamNpm?: string;
  readonly upstreamNuget?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where settings come from that are not defaults: `upstream.npm` → `npm config get registry`, `port` → `portcullis.toml:3`. */
  readonly sources: Readonly<Record<string, string>>;
  /** Sentences for the person who starts the program. */
  readonly warnings: readonly string[];
  /** The configuration file that was read. */
  readonly file?: string;
}

/**
 * The settings in force: defaults, then portcullis.toml (`--config`, else in the working folder, else in the data folder), then
 * PORTCULLIS_… variables, then flags (the usual proxy and CA variables count as defaults); the upstreams that none of these name are discovered from the clients of this machine.
 * The data folder and files are absolute paths afterwards. Throws CONFIG_INVALID with file and line, variable or flag.
 */
export async function loadConfig(
  flags: ConfigFlags = {},
  surroundings: Surroundings = surroundingsOfProcess(),
): Promise<LoadedConfig> {
  const loaded = await loadSettings(flags, surroundings);
  const { config } = loaded;
  const open = ECOSYSTEM_IDS.filter((id) => config.upstream[id] === undefined && !hasDefaultUpstream(config, id));
  const remembered = await readRemembered(config.data);
  const discoveries = open.length > 0 ? await discover(open, config, surroundings, remembered) : [];
  const upstreams = [...config.upstreams];
  const sources = { ...loaded.sources };
  for (const id of ECOSYSTEM_IDS) {
    const found = discoveries.find(({ ecosystem }) => ecosystem === id)?.found;
    const url = found?.url ?? config.upstream[id];
    if (found) sources[`upstream.${id}`] = found.from;
    if (url !== undefined && url !== "none") upstreams.push(defaultUpstream(id, url));
  }
  const changes = upstreams.flatMap((upstream) => changeOf(upstream, remembered) ?? []);
  const warnings = [...loaded.warnings, ...discoveries.flatMap((discovery) => discovery.warnings), ...changes];
  return { ...loaded, config: { ...config, upstreams }, sources, warnings };
}

/** What one name holds comes from one place: whoever changes that, by a flag that was forgotten or a client's new configuration, is told. */
function changeOf(
  { name, ecosystem, url }: Config["upstreams"][number],
  remembered: Awaited<ReturnType<typeof readRemembered>>,
): string | undefined {
  const before = remembered[ecosystem];
  if (name !== ecosystem || before === undefined || before === withoutCredentials(url)) return undefined;
  return `the ${ecosystem} upstream is ${withoutCredentials(url)}; at the last start of this data folder it was ${before}`;
}

/** The settings without discovery, for commands that ask no upstream. Throws CONFIG_INVALID as `loadConfig` does. */
export async function loadSettings(
  flags: ConfigFlags = {},
  surroundings: Surroundings = surroundingsOfProcess(),
): Promise<LoadedConfig> {
  const { env, cwd } = surroundings;
  const set = { name: "flags", settings: absolutePaths(settingsFromFlags(flags), cwd), where: flagOf };
  const usual = {
    name: "usual variables",
    settings: absolutePaths(settingsFromUsualVariables(env), cwd),
    where: usualVariableOf,
  };
  const environment = { name: "variables", settings: absolutePaths(settingsFromEnv(env), cwd), where: variableOf };
  const early = mergeLayers([environment, set])["data"];
  const data = typeof early === "string" ? early : resolve(cwd, "data");
  const file = await readFirst(configFiles(flags.config ?? env["PORTCULLIS_CONFIG"], cwd, data));
  const layers = [usual, ...(file ? [file] : []), environment, set];
  const config = readSettings(layers);
  return {
    config: { ...config, data: resolve(cwd, config.data) },
    sources: sourcesOf(layers),
    warnings: [],
    ...(file && { file: file.name }),
  };
}

/** Where commands find a server when no option says so: PORTCULLIS_URL, PORTCULLIS_TOKEN, PORTCULLIS_TOKEN_FILE. */
export function connectionVariables(env: Surroundings["env"] = process.env): {
  readonly url: string | undefined;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
} {
  const token = env["PORTCULLIS_TOKEN"]?.trim();
  return {
    url: env["PORTCULLIS_URL"] || undefined,
    token: token ? secret(token) : undefined,
    tokenFile: env["PORTCULLIS_TOKEN_FILE"] || undefined,
  };
}

/** The machine and the user as this process sees them. */
export function surroundingsOfProcess(): Surroundings {
  return { env: process.env, cwd: process.cwd(), home: homedir(), platform: process.platform };
}

/** Whether the ecosystem needs no default upstream: one with its name, or one that owns every other name, is declared. */
function hasDefaultUpstream(config: Config, id: EcosystemId): boolean {
  return config.upstreams.some(
    ({ name, ecosystem, names }) => name === id || (ecosystem === id && names.includes("*")),
  );
}

function defaultUpstream(id: EcosystemId, url: string): Config["upstreams"][number] {
  return { name: id, ecosystem: id, url, names: ["*"], trust_times: true, allow_private_address: false };
}

const FLAGS: Readonly<Record<string, string>> = {
  data: "--data",
  host: "--host",
  port: "--port",
  public_url: "--public-url",
  log: "--log",
  "upstream.pypi": "--upstream-pypi",
  "upstream.npm": "--upstream-npm",
  "upstream.nuget": "--upstream-nuget",
};

function flagOf(path: readonly PropertyKey[]): string {
  return FLAGS[path.join(".")] ?? "the command line";
}

function variableOf(path: readonly PropertyKey[]): string {
  return `PORTCULLIS_${path.map((key) => String(key).replaceAll("-", "_").toUpperCase()).join("__")}`;
}

function settingsFromFlags(flags: ConfigFlags): Settings {
  const { data, host, publicUrl, log } = flags;
  const port = typeof flags.port === "string" && /^\d+$/.test(flags.port) ? Number(flags.port) : flags.port;
  const upstream = dropUndefined({ pypi: flags.upstreamPypi, npm: flags.upstreamNpm, nuget: flags.upstreamNuget });
  const settings = dropUndefined({ data, host, port, public_url: publicUrl, log });
  return Object.keys(upstream).length > 0 ? { ...settings, upstream } : settings;
}

const USUAL: Readonly<Record<string, readonly string[]>> = {
  proxy: ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"],
  no_proxy: ["no_proxy", "NO_PROXY"],
  ca_file: ["NODE_EXTRA_CA_CERTS"],
};

function usualVariableOf([, key]: readonly PropertyKey[]): string {
  return USUAL[String(key)]?.at(-1) ?? "the environment";
}

/** What the usual variables say of the network: defaults, which the file and PORTCULLIS_NETWORK__… may change. */
function settingsFromUsualVariables(env: Surroundings["env"]): Settings {
  const first = (setting: string) => USUAL[setting]?.map((name) => env[name]).find((value) => value);
  const network = dropUndefined({
    proxy: first("proxy"),
    no_proxy: first("no_proxy")
      ?.split(/[\s,]+/)
      .filter((host) => host !== ""),
    ca_file: first("ca_file"),
  });
  return Object.keys(network).length > 0 ? { network } : {};
}

function dropUndefined(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Files to look for, in order; one that was asked for must be there. */
function configFiles(asked: string | undefined, cwd: string, data: string): readonly { path: string; must: boolean }[] {
  if (asked !== undefined) return [{ path: resolve(cwd, asked), must: true }];
  return [join(cwd, "portcullis.toml"), join(data, "portcullis.toml")].map((path) => ({ path, must: false }));
}

async function readFirst(files: readonly { path: string; must: boolean }[]): Promise<Layer | undefined> {
  for (const { path, must } of files) {
    try {
      return readToml(path, await readFile(path, "utf8"));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" && !must) continue;
      if (error instanceof Error && "syscall" in error) throw refuse("CONFIG_INVALID", { where: path, why: message });
      throw error;
    }
  }
  return undefined;
}

function readToml(path: string, text: string): Layer {
  try {
    const settings = absolutePaths(parse(text.replace(/^\uFEFF/, "")), dirname(path));
    const where = (at: readonly PropertyKey[]) => {
      const line = tomlLine(text, at);
      return line === undefined ? path : `${path}:${line}`;
    };
    return { name: path, settings, where };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split("\n", 1)[0]!.replace(/^Invalid TOML document: /, "");
    throw refuse("CONFIG_INVALID", { where: `${path}:${error.line}:${error.column}`, why: `not TOML: ${why}` });
  }
}

function readSettings(layers: readonly Layer[]): Config {
  const read = configSchema.safeParse(mergeLayers(layers));
  if (read.success) return read.data;
  const [first, ...others] = read.error.issues
    .flatMap(pathsOf)
    .slice(0, MOST_TOLD)
    .map(({ path, says }) => ({ where: whereIs(layers, path), says }));
  const more = others.map(({ where, says }) => `\n${where}: ${says}`).join("");
  throw refuse("CONFIG_INVALID", { where: first!.where, why: first!.says + more });
}

/** Wrong settings that are told at a time. */
const MOST_TOLD = 10;

function pathsOf(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; says: string }[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      says: `there is no setting ${[...issue.path, key].join(".")}`,
    }));
  }
  return [{ path: issue.path, says: `${issue.path.join(".")}: ${issue.message}` }];
}

/** The place of the last layer that sets the value, or its nearest parent. */
function whereIs(layers: readonly Layer[], path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length--) {
    const layer = layers.findLast(({ settings }) => valueAt(settings, path.slice(0, length)) !== undefined);
    if (layer) return layer.where(path.slice(0, length));
  }
  return "the configuration";
}

function sourcesOf(layers: readonly Layer[]): Record<string, string> {
  const sources: Record<string, string> = {};
  for (const { settings, where } of layers) {
    for (const path of leaves(settings)) sources[path.join(".")] = where(path);
  }
  return sources;
}

function leaves(settings: Settings, above: readonly string[] = []): string[][] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
    return isTable ? leaves(value as Settings, [...above, key]) : [[...above, key]];
  });
}
