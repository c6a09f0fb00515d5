import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownEnv, pythonProgram } from "../clients/programs.ts";
import { type Command, runCommands } from "../clients/run-command.ts";
import { NPM_APPLICATION, PYTHON_APPLICATION } from "./applications.ts";

/** What an install chose: the digest of each package, by `name@version`. */
export type Chosen = Readonly<Record<string, string>>;

export interface Install {
  readonly seconds: number;
  readonly chosen: Chosen;
}

/** Seconds that one install may take. */
const INSTALL_SECONDS = 550;

/** Installs the npm application into an empty folder with an empty cache; from `registry`, or as the machine is set up. */
export async function installNpm(folder: string, registry?: string): Promise<Install> {
  makeNpmApplication(folder);
  const seconds = await run(npmCommand(folder, ["install", "--no-audit", "--no-fund", "--ignore-scripts"], registry));
  return { seconds, chosen: readNpmLock(folder) };
}

/** Installs what the lock file of another folder says. */
export async function installNpmLocked(folder: string, from: string, registry: string): Promise<Install> {
  makeNpmApplication(folder);
  writeFileSync(join(folder, "package-lock.json"), readFileSync(join(from, "package-lock.json")));
  // Not `npm ci`: that refuses lock files without the optional packages that a registry lacks, however they were made.
  const seconds = await run(npmCommand(folder, ["install", "--no-audit", "--no-fund", "--ignore-scripts"], registry));
  return { seconds, chosen: readNpmLock(folder) };
}

/** What pip would install as the machine is set up, without fetching more than metadata. */
export async function planPython(folder: string): Promise<Install> {
  return installPython(folder, ["--dry-run", ...PYTHON_APPLICATION]);
}

/** Installs the Python application through a gate into a folder, without a cache. */
export async function installPythonFrom(folder: string, index: string): Promise<Install> {
  return installPython(folder, ["--target", join(folder, "installed"), "--index-url", index, ...PYTHON_APPLICATION]);
}

/** Installs exactly what was chosen, each file by its digest. */
export async function installPythonLocked(folder: string, chosen: Chosen, index: string): Promise<Install> {
  mkdirSync(folder, { recursive: true });
  const pins = Object.entries(chosen).map(
    ([pin, digest]) => `${pin.replace("@", "==")} --hash=${digest.replace("=", ":")}\n`,
  );
  const file = join(folder, "requirements.txt");
  writeFileSync(file, pins.join(""));
  const target = ["--target", join(folder, "installed"), "--index-url", index];
  return installPython(folder, [...target, "--require-hashes", "--no-deps", "-r", file]);
}

async function installPython(folder: string, args: readonly string[]): Promise<Install> {
  mkdirSync(folder, { recursive: true });
  const { command } = await pythonProgram("pip", "pip", "pip");
  const report = join(folder, "report.json");
  const always = ["--quiet", "--no-cache-dir", "--ignore-installed", "--only-binary=:all:", "--report", report];
  const env = Object.fromEntries(
    Object.entries(ownEnv()).filter(
      ([name]) =>
        !/^PIP_(?:FIND_LINKS|INDEX_URL|EXTRA_INDEX_URL|NO_INDEX)$/.test(name) || !args.includes("--index-url"),
    ),
  );
  delete env["PIP_FIND_LINKS"];
  const seconds = await run({ argv: [...command, "install", ...always, ...args], cwd: folder, env });
  return { seconds, chosen: readReport(report) };
}

function makeNpmApplication(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "application", version: "1.0.0", private: true, dependencies: NPM_APPLICATION };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
}

function npmCommand(folder: string, args: readonly string[], registry: string | undefined): Command {
  const own = registry === undefined ? [] : ["--registry", registry];
  const cache = ["--cache", join(folder, ".npm-cache")];
  return { argv: ["npm", ...args, ...cache, ...own], cwd: folder, env: ownEnv() };
}

async function run(command: Command): Promise<number> {
  const { code, output, seconds } = await runCommands([command], INSTALL_SECONDS);
  if (code !== 0) throw new Error(`${command.argv.join(" ")}\nended with ${code}:\n${output.slice(-4000)}`);
  return seconds;
}

function readNpmLock(folder: string): Chosen {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  const chosen: Record<string, string> = {};
  for (const [path, { version, integrity }] of Object.entries(lock.packages)) {
    const name = path.split("node_modules/").at(-1)!;
    if (name !== "" && version !== undefined) chosen[`${name}@${version}`] = integrity ?? "";
  }
  return chosen;
}

function readReport(file: string): Chosen {
  const { install } = JSON.parse(readFileSync(file, "utf8")) as {
    install: { metadata: { name: string; version: string }; download_info: { archive_info?: { hash?: string } } }[];
  };
  return Object.fromEntries(
    install.map(({ metadata, download_info: info }) => [
      `${metadata.name}@${metadata.version}`,
      info.archive_info?.hash ?? "",
    ]),
  );
}
