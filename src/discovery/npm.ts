import { readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import { type Candidate, type ClientAnswer, httpUrlIn, type RunClient, type Surroundings } from "./surroundings.ts";

const GET_REGISTRY = ["config", "get", "registry"];

/** The registry that npm uses, or that `.npmrc` names where npm itself is missing. */
export async function askNpm(surroundings: Surroundings, run: RunClient): Promise<ClientAnswer> {
  const { env, home } = surroundings;
  const told = httpUrlIn(await run("npm", GET_REGISTRY));
  const configured = told ? { url: told, from: "npm config get registry" } : await readNpmrc(surroundings);
  return {
    configured: configured ? [configured] : [],
    async builtIn() {
      // files that do not exist (npm refuses one name for both), and a folder without .npmrc: nothing is left but npm's own default
      const bare = { env: withoutSettings(env), cwd: parse(home).root };
      const files = ["--userconfig=portcullis-none-user", "--globalconfig=portcullis-none-global"];
      const url = httpUrlIn(await run("npm", [...GET_REGISTRY, ...files], bare));
      return url ? { url, from: "npm's own default" } : undefined;
    },
  };
}

async function readNpmrc({ env, home }: Surroundings): Promise<Candidate | undefined> {
  const fromEnv = httpUrlIn(env["npm_config_registry"] ?? env["NPM_CONFIG_REGISTRY"]);
  if (fromEnv) return { url: fromEnv, from: "npm_config_registry" };
  const path = env["npm_config_userconfig"] ?? env["NPM_CONFIG_USERCONFIG"] ?? join(home, ".npmrc");
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => /^\s*registry\s*=\s*"?([^"\s]+)"?\s*$/.exec(line)?.[1]);
  const url = httpUrlIn(lines.findLast((value) => value !== undefined));
  return url ? { url, from: path } : undefined;
}

function withoutSettings(env: Surroundings["env"]): Surroundings["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_config_/i.test(name)));
}
