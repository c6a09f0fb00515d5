import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Program, Unavailable } from "./client.ts";
import { type Outcome, runCommands } from "./run-command.ts";

/** Seconds that installing a client program may take. */
const INSTALL_SECONDS = 300;

/** Where client programs are kept between runs; outside the repository, safe to delete. */
export const programsFolder = join(
  process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? homedir(), ".cache"),
  "portcullis-clients",
);

/** Whether programs that the cache has are installed again, at their newest. */
let refresh = false;

/** Installs every program again on its first use. */
export function refreshPrograms(): void {
  refresh = true;
}

/**
 * A program from the machine's npm registry. `run` names its executable inside the package folder `node_modules`; scripts are
 * run with this process's own Node.js.
 */
export async function npmProgram(name: string, spec: string, run: string): Promise<Program> {
  const file = join(await npmPackage(name, spec), run);
  if (!existsSync(file)) throw new Unavailable(`${spec} has no ${run}`);
  const command = /\.[cm]?js$/.test(run) ? [process.execPath, file] : [file];
  return { command, version: await versionOf([...command, "--version"]) };
}

/** A package from the machine's npm registry: the folder `node_modules` that it lies in. */
export async function npmPackage(name: string, spec: string): Promise<string> {
  const folder = join(programsFolder, name);
  await installOnce(folder, async () => {
    writeFileSync(join(folder, "package.json"), `{"private":true}\n`);
    return [["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", spec]];
  });
  return join(folder, "node_modules");
}

/** A program from the machine's Python package index, in a virtual environment; `run` is the name of its executable. */
export async function pythonProgram(name: string, spec: string, run: string): Promise<Program> {
  const folder = join(programsFolder, name);
  const python = await pythonPath();
  const bin = join(folder, "venv", "bin");
  await installOnce(folder, async () => [
    [python, "-m", "venv", join(folder, "venv")],
    [join(bin, "python"), "-m", "pip", "install", "--quiet", "--upgrade", "--only-binary=:all:", spec],
  ]);
  const command = [join(bin, run)];
  return { command, version: await versionOf([...command, "--version"]) };
}

/** A program that the machine has. */
export async function ownProgram(name: string, args: readonly string[] = ["--version"]): Promise<Program> {
  return { command: [name], version: await versionOf([name, ...args]) };
}

/** Runs a program with the machine's own settings, for setting up what tests need. */
export function runOwn(argv: readonly string[], seconds: number): Promise<Outcome> {
  return runCommands([{ argv, cwd: programsFolder, env: ownEnv() }], seconds);
}

/** The machine's Python interpreter itself, behind whatever chooses it: choosers read the home folder, which clients do not see. */
export async function pythonPath(): Promise<string> {
  const argv = ["python3", "-c", "import sys; print(sys.executable); assert sys.version_info >= (3, 10)"];
  const { code, output } = await runCommands([{ argv, cwd: process.cwd(), env: ownEnv() }], 30);
  if (code !== 0) throw new Unavailable(`there is no Python 3.10 or newer: ${lastLine(output)}`);
  return output.trim();
}

async function installOnce(folder: string, plan: () => Promise<string[][]>): Promise<void> {
  const done = join(folder, "installed");
  if (existsSync(done) && !refresh) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const commands = (await plan()).map((argv) => ({ argv, cwd: folder, env: ownEnv() }));
  const { code, output } = await runCommands(commands, INSTALL_SECONDS);
  if (code !== 0) throw new Unavailable(`could not be installed: ${lastLine(output)}`);
  writeFileSync(done, "");
}

/** What a program says its version is. Throws Unavailable when it does not run. */
export async function versionOf(argv: readonly string[]): Promise<string> {
  const { code, output } = await runCommands([{ argv, cwd: programsFolder, env: ownEnv() }], 60);
  const version = /\d+\.\d+[\w.+-]*/.exec(output)?.[0];
  if (code !== 0 || version === undefined) throw new Unavailable(`does not run: ${lastLine(output)}`);
  return version;
}

/** The environment of this process, which knows the machine's registries, without what npm adds for scripts. */
export function ownEnv(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(?:registry|userconfig|globalconfig)$)/i.test(name),
  );
  const path = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  return { ...(Object.fromEntries(own) as Record<string, string>), PATH: path };
}

function lastLine(output: string): string {
  return (
    output
      .trim()
      .split("\n")
      .findLast((line) => line.trim() !== "") ?? "it says nothing"
  )
    .trim()
    .slice(0, 300);
}
