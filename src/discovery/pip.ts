import { type Candidate, type ClientAnswer, httpUrlIn, type RunClient, type Surroundings } from "./surroundings.ts";

/** Ways to start pip, tried in this order. */
const PIPS: readonly (readonly [string, ...string[]])[] = [
  ["pip"],
  ["pip3"],
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["py", "-m", "pip"],
];

/** The index that pip uses; where pip is missing, uv's. Both print their default in their help. */
export async function askPip({ env }: Surroundings, run: RunClient): Promise<ClientAnswer> {
  const pip = await runPip(env, run);
  return {
    configured: [...readPipConfig(pip?.config ?? ""), ...readVariables(env)],
    async builtIn() {
      const url = defaultInPipHelp(pip?.help ?? "");
      if (url) return { url, from: "pip's own default" };
      const uv = defaultInUvHelp((await run("uv", ["pip", "install", "--help"])) ?? "");
      return uv ? { url: uv, from: "uv's own default" } : undefined;
    },
  };
}

/** `(default https://…)` of `--index-url` in the output of `pip install --help`. */
export function defaultInPipHelp(help: string): string | undefined {
  return httpUrlIn(/--index-url <url>[^(]{0,200}\(default ([^\s)]{1,1000})\)/.exec(help)?.[1]);
}

/** `(by default: <https://…>)` of `--default-index` in the output of `uv pip install --help`. */
export function defaultInUvHelp(help: string): string | undefined {
  return httpUrlIn(/--default-index <[^>]{1,100}>[^(]{0,200}\(by default: <?([^\s>)]{1,1000})>?\)/.exec(help)?.[1]);
}

async function runPip(env: Surroundings["env"], run: RunClient): Promise<{ config: string; help: string } | undefined> {
  // so wide that pip does not break the URL into two lines
  const wide = { env: { ...env, COLUMNS: "2000", PIP_DISABLE_PIP_VERSION_CHECK: "1" } };
  for (const [tool, ...args] of PIPS) {
    const [config, help] = await Promise.all([
      run(tool, [...args, "config", "list"], wide),
      run(tool, [...args, "install", "--help"], wide),
    ]);
    if (config !== undefined || help !== undefined) return { config: config ?? "", help: help ?? "" };
  }
  return undefined;
}

/** Lines such as `global.index-url='https://…'`; the environment wins over the command's section, that over `global`. */
function readPipConfig(list: string): Candidate[] {
  return [":env:", "install", "download", "global"].flatMap((section) => {
    const line = list.split("\n").find((line) => line.startsWith(`${section}.index-url=`));
    const url = httpUrlIn(
      line
        ?.slice(line.indexOf("=") + 1)
        .trim()
        .replace(/^['"]|['"]$/g, ""),
    );
    return url ? [{ url, from: `pip config (${section}.index-url)` }] : [];
  });
}

function readVariables(env: Surroundings["env"]): Candidate[] {
  return ["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"].flatMap((name) => {
    const url = httpUrlIn(env[name]);
    return url ? [{ url, from: name }] : [];
  });
}
