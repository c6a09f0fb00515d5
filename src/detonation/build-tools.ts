import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runTool } from "../lib/run-tool.ts";
import type { Python } from "./probe.ts";

/** The build backends that nearly every sdist names; others have to be on the machine. */
const BACKENDS = [
  "setuptools",
  "wheel",
  "hatchling",
  "flit-core",
  "poetry-core",
  "pdm-backend",
  "setuptools-scm",
  "hatch-vcs",
];
const INSTALL_MS = 180_000;

export interface BuildToolsOptions {
  /** Folder in which they are kept from run to run. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (text: string) => void;
}

/**
 * The Python with build backends beside it, which are installed once by its own pip, as wheels, from where pip is configured to
 * install from. Without a registry the Python as it was: what names no backend of its machine cannot be built then.
 */
export async function withBuildTools(python: Python, { cache, env, say }: BuildToolsOptions): Promise<Python> {
  const tools = join(cache, `build-tools-${python.version}`);
  const ready = { ...python, tools, folders: [...python.folders, tools], hasSetuptools: true };
  if (existsSync(tools)) return ready;
  say("installing build backends, once");
  await mkdir(dirname(tools), { recursive: true });
  const aside = await mkdtemp(join(dirname(tools), "installing-"));
  const args = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", aside, ...BACKENDS];
  const done = await runTool(python.executable, args, { env, cwd: dirname(tools), timeoutMs: INSTALL_MS });
  if (done !== undefined) await rename(aside, tools).catch(() => {});
  await rm(aside, { recursive: true, force: true });
  return existsSync(tools) ? ready : python;
}
