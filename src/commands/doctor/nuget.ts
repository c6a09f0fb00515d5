import { dirname, join } from "node:path";
import { configFiles } from "../../discovery/nuget.ts";
import { commandOf, isPlain } from "./fixes.ts";
import type { Client, Machine, Source, Told } from "./model.ts";
import { readNugetSources } from "./nuget-config.ts";
import { UnreadableSettings } from "./settings.ts";

/**
 * dotnet and nuget.exe: the package sources of the machine's, the user's and the project's NuGet.Config together, the nearest file
 * last. Every enabled source is asked, so each has to lead through the gate.
 * https://learn.microsoft.com/nuget/consume-packages/configuring-nuget-behavior
 */
export const nuget: Client = { name: "dotnet, nuget", ecosystem: "nuget", programs: ["dotnet", "nuget"], ask };

async function ask(machine: Machine): Promise<Told> {
  const sources = await enabledSources(machine);
  if (sources.length > 0) return { sources };
  const from = "NuGet's own default; no NuGet.Config names a source";
  return { sources: [{ what: "source", from, fix: (base) => commandOf("nuget", "dotnet", base) }] };
}

async function enabledSources(machine: Machine): Promise<Source[]> {
  const merged = new Map<string, { url: string; path: string }>();
  let disabled = new Set<string>();
  for (const path of await filesFarthestFirst(machine)) {
    const text = await machine.read(path);
    if (text === undefined) continue;
    const config = readNugetSources(text);
    if (!config) throw new UnreadableSettings(`${path} cannot be read as XML`);
    if (config.clears) merged.clear();
    for (const [name, url] of config.sources) merged.set(name, { url, path });
    disabled = new Set([...(config.clearsDisabled ? [] : disabled), ...config.disabled]);
  }
  return [...merged].flatMap(([name, { url, path }]) => {
    const what = `source ${name}`;
    const fix = (base: string) => `${disabling(name, path)}; ${commandOf("nuget", "dotnet", base)}`;
    return disabled.has(name) ? [] : [{ what, url, from: `${name} in ${path}`, fix }];
  });
}

function disabling(name: string, path: string): string {
  return isPlain(name + path)
    ? `dotnet nuget disable source ${name} --configfile ${path}`
    : `disable the source ${name} in ${path}`;
}

async function filesFarthestFirst(machine: Machine): Promise<string[]> {
  const { env, home, platform, folder } = machine;
  const users = await configFiles({ env, home, platform, cwd: folder });
  // one folder has one of these, whatever its file system makes of capitals
  const near = machine.upwards("nuget.config", "NuGet.config", "NuGet.Config");
  const present: string[] = [];
  for (const path of near)
    if (!present.some((one) => dirname(one) === dirname(path)) && (await machine.read(path)) !== undefined)
      present.push(path);
  const known = new Set(users.map((path) => path));
  return [...[...users].reverse(), ...present.filter((path) => !known.has(path)).reverse()].map((path) => join(path));
}
