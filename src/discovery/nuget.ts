import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SaxesParser } from "saxes";
import { type Candidate, type ClientAnswer, httpUrlIn, type RunClient, type Surroundings } from "./surroundings.ts";

/**
 * The package sources of NuGet: the user's NuGet.Config, then the machine's; where there is none, what the client itself lists.
 * https://learn.microsoft.com/nuget/consume-packages/configuring-nuget-behavior
 */
export async function askNuget(surroundings: Surroundings, run: RunClient): Promise<ClientAnswer> {
  const configured: Candidate[] = [];
  for (const path of await configFiles(surroundings)) {
    const text = await readBounded(path);
    for (const url of text === undefined ? [] : readNugetConfig(text)) configured.push({ url, from: path });
  }
  return {
    configured,
    async builtIn() {
      if (configured.length > 0) return undefined;
      const lists = await Promise.all([
        run("dotnet", ["nuget", "list", "source", "--format", "Short"]),
        run("nuget", ["sources", "List", "-Format", "Short", "-NonInteractive"]),
      ]);
      const url = lists.flatMap((list) => enabledSources(list ?? ""))[0];
      return url ? { url, from: "the client's own list of sources" } : undefined;
    },
  };
}

/** The enabled v3 sources of a NuGet.Config, in its order; an unreadable file has none. */
export function readNugetConfig(text: string): string[] {
  const sources = new Map<string, string>();
  const disabled = new Set<string>();
  const path: string[] = [];
  const parser = new SaxesParser();
  let failed = false;
  parser.on("error", () => {
    failed = true;
  });
  parser.on("opentag", ({ name, attributes }) => {
    path.push(name.toLowerCase());
    const key = attributes["key"] ?? "";
    const value = attributes["value"] ?? "";
    switch (path.join("/")) {
      case "configuration/packagesources/clear":
        sources.clear();
        break;
      case "configuration/packagesources/add":
        sources.set(key, value);
        break;
      case "configuration/disabledpackagesources/add":
        if (value.toLowerCase() === "true") disabled.add(key);
    }
  });
  parser.on("closetag", () => path.pop());
  parser.write(text).close();
  if (failed) return [];
  return [...sources].flatMap(([key, value]) => (disabled.has(key) ? [] : v3Source(value)));
}

/** Lines such as `E https://…/index.json` (E = enabled, further letters say more). */
function enabledSources(list: string): string[] {
  return list.split("\n").flatMap((line) => v3Source(/^E[A-Z]* (\S+)/.exec(line.trim())?.[1]));
}

/** Folders and the OData protocol of old are no upstream for us; v3 sources end in index.json. */
function v3Source(value: string | undefined): string[] {
  const url = httpUrlIn(value);
  return url && /\.json$/i.test(new URL(url).pathname) ? [url] : [];
}

/** Where the user's and the machine's NuGet.Config may be, the user's first. */
export async function configFiles({ env, home, platform }: Surroundings): Promise<string[]> {
  const user =
    platform === "win32"
      ? [join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "NuGet", "NuGet.Config")]
      : [
          join(home, ".nuget", "NuGet", "NuGet.Config"),
          join(home, ".config", "NuGet", "NuGet.Config"), // mono
        ];
  const folder = machineFolder(env, platform);
  const names = await readdir(folder).catch(() => []);
  const machine = names.filter((name) => /\.config$/i.test(name)).sort();
  return [...user, ...machine.map((name) => join(folder, name))];
}

function machineFolder(env: Surroundings["env"], platform: NodeJS.Platform): string {
  if (platform === "win32") return join(env["ProgramFiles(x86)"] ?? "C:\\Program Files (x86)", "NuGet", "Config");
  if (platform === "darwin") return "/Library/Application Support/NuGet/Config";
  return join(env["NUGET_COMMON_APPLICATION_DATA"] ?? "/etc/opt", "NuGet", "Config");
}

/** Far above any real file. */
const CONFIG_BYTES = 1 << 20;

async function readBounded(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > CONFIG_BYTES) return undefined;
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}
