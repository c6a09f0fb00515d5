import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Client, type Program, Unavailable } from "./client.ts";
import { findFile, type Place } from "./place.ts";
import { npmPackage, runOwn, versionOf } from "./programs.ts";

const SENTENCE = "{purl} was inspected and found malicious";
const ADVISORY = "{purl} is known malware (MAL-2026-{name}, own)";

/** nuget.exe, under mono where the machine is no Windows. */
export const nugetClient: Client = {
  name: "nuget.exe",
  ecosystem: "nuget",
  open: openNuget,
  prepare(place) {
    writeConfig(place);
    const packages = Object.keys(place.needs).map(
      (id) => `<package id="${id}" version="1.1.0" targetFramework="net472" />`,
    );
    writeFileSync(join(place.app, "packages.config"), `<?xml version="1.0"?><packages>${packages.join("")}</packages>`);
  },
  install: (place, program) =>
    Object.entries(place.needs).map(([id, range]) => {
      const exact = /^\[(.+)\]$/.exec(range);
      return nuget(place, program, ["install", id, ...(exact ? ["-Version", exact[1]!] : [])]);
    }),
  // It keeps registrations for half an hour, whatever their headers say.
  afterFirstContact: (place, program, name) => [
    place.command([...program.command, "locals", "http-cache", "-clear"]),
    nuget(place, program, ["install", name]),
  ],
  installLocked: (place, program) => [nuget(place, program, ["restore", "packages.config"])],
  lockFiles: [],
  installed(place, name) {
    const file = new RegExp(`/packages/${name}\\.(\\d[^/]*)/[^/]+\\.nupkg$`, "i");
    const found = findFile(place.app, (path) => file.test(path.replaceAll("\\", "/")));
    return found && file.exec(found.replaceAll("\\", "/"))?.[1];
  },
  prints: {
    firstContact: [`403 (${SENTENCE}`],
    exact: ["WARNING:", SENTENCE, "{why}", "not found"],
    onlyWithheld: ["WARNING:", SENTENCE, "{why}", "Unable to resolve dependencies. '{name} 1.0.0' is not compatible"],
    locked: [`403 (${ADVISORY}`],
  },
  waiting: { installs: "sometimes", prints: ["503", "Portcullis is inspecting {file} before its first install"] },
};

/** What nuget.exe needs of Debian's mono. */
const MONO_PACKAGES = ["mono-runtime", "libmono-cil-dev"];

async function openNuget(): Promise<Program> {
  const folder = join(await npmPackage("nuget", "nuget-exe"), "nuget-exe");
  const file = readdirSync(folder).find((name) => /^nuget.*\.exe$/i.test(name));
  if (file === undefined) throw new Unavailable("the npm package nuget-exe has no nuget.exe");
  if (process.platform !== "win32") await installMono();
  const command = [...(process.platform === "win32" ? [] : ["mono"]), join(folder, file)];
  return { command, version: await versionOf([...command, "help"]) };
}

async function installMono(): Promise<void> {
  if ((await runOwn(["mono", "--version"], 30)).code === 0) return;
  if (process.getuid?.() !== 0) throw new Unavailable("there is no mono, and only root may install it");
  if ((await runOwn(["apt-get", "update", "-q"], 120)).code !== 0)
    throw new Unavailable("there is no mono, and apt-get update fails");
  const { code, output } = await runOwn(
    ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...MONO_PACKAGES],
    400,
  );
  if (code !== 0) throw new Unavailable(`mono could not be installed: ${output.trim().split("\n").at(-1)}`);
}

function nuget(place: Place, { command }: Program, args: readonly string[]) {
  const always = ["-OutputDirectory", "packages", "-ConfigFile", "nuget.config", "-NonInteractive", "-DirectDownload"];
  const run = place.command([...command, ...args, ...always], { NUGET_PACKAGES: join(place.home, "packages") });
  if (args[0] !== "install") return run;
  // With a proxy in its environment nuget.exe 5 prints no X-NuGet-Warning.
  const env = Object.fromEntries(Object.entries(run.env).filter(([name]) => !/proxy/i.test(name)));
  return { ...run, argv: [...run.argv, "-DependencyVersion", "Highest"], env };
}

function writeConfig(place: Place): void {
  const credentials =
    place.token === undefined
      ? ""
      : `<packageSourceCredentials><gate><add key="Username" value="token" /><add key="ClearTextPassword" value="${place.token}" /></gate></packageSourceCredentials>`;
  const source = `<add key="gate" value="${place.url}/v3/index.json" protocolVersion="3" />`;
  const xml = `<?xml version="1.0" encoding="utf-8"?>
<configuration><packageSources><clear />${source}</packageSources>${credentials}</configuration>`;
  writeFileSync(join(place.app, "nuget.config"), xml);
}
