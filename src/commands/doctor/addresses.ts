import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { plainJson } from "../../lib/lockfiles/bun-lock.ts";
import { items, members, text } from "../../lib/lockfiles/lockfile.ts";
import { readNugetSources } from "./nuget-config.ts";

/**
 * An address that a project's file names. `registry` replaces the client's default, `extra` is asked beside it, `scope` is asked
 * for a part of the names, `direct` is a dependency that no registry gives.
 */
export interface Address {
  readonly kind: "registry" | "extra" | "scope" | "direct";
  /** The setting, or the dependency, that names it. */
  readonly key: string;
  readonly url: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The readers of settings files by their names; each throws on what is not of its format. */
const SETTINGS: readonly { readonly names: RegExp; read(source: string, env: Env): readonly Address[] }[] = [
  { names: /^\.npmrc$/, read: readNpmrc },
  { names: /^\.yarnrc$/, read: readYarnrc },
  { names: /^\.yarnrc\.yml$/, read: readYarnrcYml },
  { names: /^pnpm-workspace\.yaml$/, read: readPnpmWorkspace },
  { names: /^\.?bunfig\.toml$/, read: readBunfig },
  { names: /^package\.json$/, read: readPackageJson },
  { names: /^deno\.jsonc?$/, read: readDenoJson },
  { names: /^uv\.toml$/, read: (source) => uvAddresses(members(parseToml(source)), "") },
  { names: /^pyproject\.toml$/, read: readPyproject },
  { names: /^pdm\.toml$/, read: readPdmToml },
  { names: /^Pipfile$/, read: readPipfile },
  { names: /^\.env(\.\w+)?$/, read: readDotEnv },
  { names: /^nuget\.config$/i, read: readNugetConfig },
  { names: /\.(cs|fs|vb)proj$|\.props$|\.targets$/i, read: readMsbuild },
];

/** Whether a file is one whose settings name addresses. */
export function isSettingsFile(filename: string): boolean {
  return SETTINGS.some(({ names }) => names.test(filename));
}

/** The addresses that a settings file names; undefined when it cannot be read as what its name says. */
export function addressesIn(filename: string, source: string, env: Env): readonly Address[] | undefined {
  try {
    return SETTINGS.find(({ names }) => names.test(filename))?.read(source, env) ?? [];
  } catch {
    return undefined;
  }
}

function readNpmrc(source: string, env: Env): Address[] {
  return settingLines(source, /^([^=\s]+)\s*=\s*(.*)$/, env).flatMap(([key, url]) => npmAddress(key, url));
}

function readYarnrc(source: string, env: Env): Address[] {
  return settingLines(source, /^("?[^"\s]+"?)\s+(.*)$/, env).flatMap(([key, url]) => npmAddress(unquoted(key), url));
}

function npmAddress(key: string, url: string): Address[] {
  if (key === "registry") return [{ kind: "registry", key, url }];
  return /^@[^:]+:registry$/.test(key) ? [{ kind: "scope", key, url }] : [];
}

/** Keys and values of a file with one setting a line; comments and sections are left out. */
function settingLines(source: string, line: RegExp, env: Env): [string, string][] {
  return source.split(/\r?\n/).flatMap((row) => {
    const [, key, value] = /^[#;[]/.test(row.trim()) ? [] : (line.exec(row.trim()) ?? []);
    return key === undefined ? [] : [[key, expanded(unquoted(value!.trim()), env)] as [string, string]];
  });
}

/** `${NAME}` as npm, Yarn and bun expand it; Yarn's `${NAME:-default}` too. */
function expanded(value: string, env: Env): string {
  return value.replace(
    /\$\{(\w+)\??(?::?-([^}]*))?\}/g,
    (whole, name: string, instead?: string) => env[name] ?? instead ?? whole,
  );
}

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

function readYarnrcYml(source: string, env: Env): Address[] {
  const document = members(parseYaml(source));
  const scopes = Object.entries(members(document["npmScopes"])).map(
    ([scope, value]) => [`npmScopes.${scope}.npmRegistryServer`, members(value)["npmRegistryServer"]] as const,
  );
  return [
    ...address("registry", "npmRegistryServer", document["npmRegistryServer"], env),
    ...scopes.flatMap(([key, url]) => address("scope", key, url, env)),
  ];
}

function readPnpmWorkspace(source: string, env: Env): Address[] {
  const document = members(parseYaml(source));
  const named = Object.entries({ ...members(document["registries"]), ...members(document["namedRegistries"]) });
  return [
    ...address("registry", "registry", document["registry"], env),
    ...named.flatMap(([name, url]) =>
      address(name === "default" ? "registry" : "scope", `registries.${name}`, url, env),
    ),
  ];
}

function readBunfig(source: string, env: Env): Address[] {
  const install = members(members(parseToml(source))["install"]);
  const urlOf = (value: unknown) => text(value) || members(value)["url"];
  return [
    ...address("registry", "install.registry", urlOf(install["registry"]), env),
    ...Object.entries(members(install["scopes"])).flatMap(([scope, value]) =>
      address("scope", `install.scopes.${scope}`, urlOf(value), env),
    ),
  ];
}

function address(kind: Address["kind"], key: string, url: unknown, env: Env = {}): Address[] {
  return text(url) === "" ? [] : [{ kind, key, url: expanded(text(url), env) }];
}

const NPM_GROUPS = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
  "resolutions",
];

function readPackageJson(source: string): Address[] {
  const document = members(JSON.parse(source));
  return NPM_GROUPS.flatMap((group) =>
    Object.entries(members(document[group])).flatMap(([name, spec]) =>
      isElsewhere(text(spec)) ? [{ kind: "direct", key: name, url: text(spec) } as const] : [],
    ),
  );
}

/** Git and http(s) dependencies, GitHub's `user/repository` among them. */
function isElsewhere(spec: string): boolean {
  return /^(git[+:@]|https?:|(github|gitlab|bitbucket|gist|jsr):)/i.test(spec) || /^[\w.-]+\/[\w.-]+(#.*)?$/.test(spec);
}

function readDenoJson(source: string): Address[] {
  const imports = members(members(JSON.parse(plainJson(source)))["imports"]);
  return Object.entries(imports).flatMap(([key, spec]) =>
    /^(https?|jsr):/.test(text(spec)) ? [{ kind: "direct", key, url: text(spec) } as const] : [],
  );
}

/** uv's settings, in uv.toml or under [tool.uv]. https://docs.astral.sh/uv/reference/settings/ */
function uvAddresses(settings: Readonly<Record<string, unknown>>, prefix: string): Address[] {
  const found = ["", "pip."].flatMap((table) => {
    const from = table === "" ? settings : members(settings["pip"]);
    const key = (name: string) => `${prefix}${table}${name}`;
    return [
      ...items(from["index"]).flatMap((value) => {
        const { name, url, default: isDefault } = members(value);
        return address(isDefault === true ? "registry" : "extra", `${key("index")} ${text(name)}`.trim(), url);
      }),
      ...address("registry", key("index-url"), from["index-url"]),
      ...items(from["extra-index-url"]).flatMap((url) => address("extra", key("extra-index-url"), url)),
      ...items(from["find-links"]).flatMap((url) => address("extra", key("find-links"), url)),
    ];
  });
  const sources = Object.entries(members(settings["sources"])).flatMap(([name, value]) =>
    [value, ...items(value)].flatMap((one) => address("direct", name, members(one)["git"] ?? members(one)["url"])),
  );
  return [...found, ...sources];
}

function readPyproject(source: string): Address[] {
  const document = members(parseToml(source));
  const tool = members(document["tool"]);
  const poetry = members(tool["poetry"]);
  return [
    ...uvAddresses(members(tool["uv"]), "tool.uv."),
    ...items(poetry["source"]).flatMap((value) => poetryAddress(members(value))),
    ...items(members(tool["pdm"])["source"]).flatMap((value) => pdmAddress(members(value))),
    ...pythonDependencies(document),
    ...poetryDependencies(poetry),
  ];
}

/** https://python-poetry.org/docs/repositories/ : without a priority a source is primary, and one primary source replaces the default. */
function poetryAddress(source: Readonly<Record<string, unknown>>): Address[] {
  const priority = text(source["priority"]) || (source["secondary"] === true ? "secondary" : "primary");
  const kind = priority === "primary" || priority === "default" ? "registry" : "extra";
  return address(kind, `tool.poetry.source ${text(source["name"])}`, source["url"]);
}

/** https://pdm-project.org/en/latest/usage/config/ : the source named pypi replaces the default. */
function pdmAddress(source: Readonly<Record<string, unknown>>): Address[] {
  const name = text(source["name"]);
  const kind = name === "pypi" ? "registry" : "extra";
  return address(source["type"] === "find_links" ? "extra" : kind, `tool.pdm.source ${name}`, source["url"]);
}

/** `name @ git+https://…` among the dependencies of a project (PEP 508). */
function pythonDependencies(document: Readonly<Record<string, unknown>>): Address[] {
  const project = members(document["project"]);
  const groups = [
    project["dependencies"],
    ...Object.values(members(project["optional-dependencies"])),
    ...Object.values(members(document["dependency-groups"])),
    members(document["build-system"])["requires"],
  ];
  return groups.flatMap(items).flatMap((requirement) => {
    const [, name, url] = /^\s*([\w.-]+)[^@]*@\s*(\S+)/.exec(text(requirement)) ?? [];
    return url !== undefined && /^(git|hg|svn|bzr)\+|^https?:/.test(url) ? address("direct", name!, url) : [];
  });
}

function poetryDependencies(poetry: Readonly<Record<string, unknown>>): Address[] {
  const groups = Object.values(members(poetry["group"])).map((group) => members(group)["dependencies"]);
  return [poetry["dependencies"], poetry["dev-dependencies"], ...groups].flatMap((group) =>
    Object.entries(members(group)).flatMap(([name, value]) =>
      address("direct", name, members(value)["git"] ?? members(value)["url"]),
    ),
  );
}

function readPdmToml(source: string): Address[] {
  return Object.entries(members(members(parseToml(source))["pypi"])).flatMap(([name, value]) => {
    if (name === "url") return address("registry", "pypi.url", value);
    return address("extra", `pypi.${name}.url`, members(value)["url"]);
  });
}

function readPipfile(source: string): Address[] {
  const document = members(parseToml(source));
  const sources = items(document["source"]).map(members);
  const packages = ["packages", "dev-packages"].flatMap((group) => Object.entries(members(document[group])));
  return [
    ...sources.flatMap(({ name, url }, at) => address(at === 0 ? "registry" : "extra", `source ${text(name)}`, url)),
    ...packages.flatMap(([name, value]) => address("direct", name, members(value)["git"] ?? members(value)["file"])),
  ];
}

/** Bun reads these variables from the project's .env files. */
export const BUN_VARIABLES = ["BUN_CONFIG_REGISTRY", "NPM_CONFIG_REGISTRY", "npm_config_registry"] as const;

function readDotEnv(source: string, env: Env): Address[] {
  return settingLines(source, /^(?:export\s+)?(\w+)\s*=\s*(.*)$/, env)
    .filter(([key]) => (BUN_VARIABLES as readonly string[]).includes(key))
    .map(([key, url]) => ({ kind: "registry", key, url }));
}

function readNugetConfig(source: string): Address[] {
  const config = readNugetSources(source);
  if (!config) throw new SyntaxError("it is not well-formed");
  return [...config.sources].flatMap(([key, url]) =>
    config.disabled.has(key) ? [] : [{ kind: "extra", key, url } as const],
  );
}

/** Sources that a build adds or sets for itself. https://learn.microsoft.com/nuget/reference/msbuild-targets */
function readMsbuild(source: string): Address[] {
  const settings = source.matchAll(
    /<(RestoreSources|RestoreAdditionalProjectSources)(?:\s[^>]{0,500})?>([^<]{0,5000})</g,
  );
  return [...settings].flatMap(([, key, value]) =>
    value!
      .split(/[;\s]+/)
      .filter((url) => /^https?:/i.test(url))
      .map((url) => ({ kind: key === "RestoreSources" ? ("registry" as const) : ("extra" as const), key: key!, url })),
  );
}
