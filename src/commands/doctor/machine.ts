import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join, sep } from "node:path";
import type { Surroundings } from "../../discovery/surroundings.ts";
import { runTool } from "../../lib/run-tool.ts";
import type { Machine } from "./model.ts";

/** How long one run of a client may take, milliseconds. */
const RUN_MS = 20_000;
/** Far above any real settings or lock file. */
const FILE_BYTES = 64 << 20;
const MOST_LEVELS = 64;

/** This machine, for a project in `folder` (an absolute path). */
export function openMachine(surroundings: Surroundings, folder: string): Machine {
  const { home, platform } = surroundings;
  const env = withoutNpmsOwn(surroundings.env);
  const { own, outside } = splitPath(env, folder, platform);
  const find = (program: string, folders = outside) => firstProgram(program, folders, env, platform);
  return {
    env,
    folder,
    home,
    platform,
    find: (program) => find(program),
    isProjectsOwn: (program) => find(program) === undefined && find(program, own) !== undefined,
    async run(program, args, options = {}) {
      const path = find(program);
      if (path === undefined) return undefined;
      // in a shell, which Windows needs, the path may have blanks
      const tool = process.platform === "win32" ? `"${path}"` : path;
      const { env: variables = env, cwd = home } = options;
      return runTool(tool, args, { env: { ...variables, ...QUIET }, cwd, timeoutMs: RUN_MS });
    },
    read: readBounded,
    upwards: (...names) => foldersAbove(folder).flatMap((above) => names.map((name) => join(above, name))),
  };
}

/** Clients that would fetch or start another version of themselves stay what they are. */
const QUIET = {
  COREPACK_ENABLE_NETWORK: "0",
  COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
  COREPACK_ENABLE_PROJECT_SPEC: "0",
  YARN_IGNORE_PATH: "1",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  NO_UPDATE_NOTIFIER: "1",
  DOTNET_NOLOGO: "1",
  DOTNET_CLI_TELEMETRY_OPTOUT: "1",
  NO_COLOR: "1",
  FORCE_COLOR: "0",
  COLUMNS: "2000",
};

/** `npm run` hands its own settings on as variables, which the user's shell does not have. */
function withoutNpmsOwn(env: Machine["env"]): Machine["env"] {
  if (env["npm_lifecycle_event"] === undefined) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("npm_")));
}

/** The PATH's folders, those of the project apart: what lies there is the project's code. */
function splitPath(env: Machine["env"], folder: string, platform: NodeJS.Platform) {
  const path = env["PATH"] ?? (platform === "win32" ? env["Path"] : undefined) ?? "";
  const inside = [folder, realPath(folder)].map((one) => (one.endsWith(sep) ? one : one + sep));
  const isOwn = (entry: string) =>
    !isAbsolute(entry) ||
    /[\\/]node_modules[\\/]\.bin[\\/]?$/.test(entry) ||
    inside.some((one) => `${entry}${sep}`.startsWith(one) || `${realPath(entry)}${sep}`.startsWith(one));
  const entries = path.split(delimiter).filter((entry) => entry !== "");
  return { own: entries.filter(isOwn), outside: entries.filter((entry) => !isOwn(entry)) };
}

function firstProgram(
  program: string,
  folders: readonly string[],
  env: Machine["env"],
  platform: NodeJS.Platform,
): string | undefined {
  const endings = platform === "win32" ? (env["PATHEXT"] ?? ".COM;.EXE;.BAT;.CMD").split(";") : [""];
  return folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function foldersAbove(folder: string): string[] {
  const folders = [folder];
  while (folders.length < MOST_LEVELS && dirname(folders.at(-1)!) !== folders.at(-1))
    folders.push(dirname(folders.at(-1)!));
  return folders;
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES) return undefined;
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}
