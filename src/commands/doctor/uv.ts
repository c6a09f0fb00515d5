import { dirname, join } from "node:path";
import { commandOf, registryAt, setVariable, unsetVariable } from "./fixes.ts";
import type { Client, Machine, Source, Told } from "./model.ts";
import { fileSource, readSettings, variable } from "./settings.ts";

/**
 * uv: variables, then the nearest uv.toml or [tool.uv] of the project, the user's and the machine's uv.toml. It reads no setting of
 * pip. Further indexes of all of them are asked together. https://docs.astral.sh/uv/concepts/configuration-files/
 */
export const uv: Client = { name: "uv", ecosystem: "pypi", programs: ["uv"], ask };

async function ask(machine: Machine): Promise<Told> {
  const named = variable(machine, "UV_DEFAULT_INDEX", "UV_INDEX_URL");
  const found = await readSettings(machine, await settingsFiles(machine), undefined);
  const own = found.filter(({ path, key }) => path.endsWith("uv.toml") || key.startsWith("tool.uv."));
  const file = own.find(({ kind }) => kind === "registry");
  const index: Source = named
    ? {
        what: "index",
        url: named.value,
        from: `the variable ${named.name}`,
        fix: (base) => setVariable(named.name, registryAt("pypi", base)),
      }
    : file
      ? { ...fileSource(uv, file), what: "index" }
      : {
          what: "index",
          from: "uv's own default; nothing is configured",
          fix: (base) => commandOf("pypi", "uv", base),
        };
  const extras = own.filter(({ kind }) => kind === "extra").map((one) => fileSource(uv, one));
  return { sources: [index, ...VARIABLES.flatMap((name) => variableExtras(machine, name)), ...extras] };
}

const VARIABLES = ["UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"];

function variableExtras(machine: Machine, name: string): Source[] {
  const what = name === "UV_FIND_LINKS" ? "find-links" : "extra index";
  const urls = (machine.env[name] ?? "").split(name === "UV_FIND_LINKS" ? /[,\s]+/ : /\s+/);
  return urls
    .map((url) => url.replace(/^[\w-]+=(?=https?:)/, ""))
    .filter((url) => url !== "")
    .map((url) => ({ what, url, from: `the variable ${name}`, fix: () => unsetVariable(name) }));
}

async function settingsFiles(machine: Machine): Promise<string[]> {
  const { env, home, platform } = machine;
  const chosen = env["UV_CONFIG_FILE"];
  if (chosen) return [chosen];
  const users =
    platform === "win32"
      ? [
          join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "uv", "uv.toml"),
          join(env["PROGRAMDATA"] ?? "C:\\ProgramData", "uv", "uv.toml"),
        ]
      : [join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "uv", "uv.toml"), "/etc/uv/uv.toml"];
  return [...(await projectFile(machine)), ...users];
}

/** The nearest folder that has a uv.toml, which counts alone there, or a pyproject.toml with uv's settings. */
async function projectFile(machine: Machine): Promise<string[]> {
  for (const folder of machine.upwards("pyproject.toml").map(dirname)) {
    const own = join(folder, "uv.toml");
    if ((await machine.read(own)) !== undefined) return [own];
    const shared = join(folder, "pyproject.toml");
    const found = await readSettings(machine, [shared]);
    if (found.some(({ key }) => key.startsWith("tool.uv."))) return [shared];
  }
  return [];
}
