import { dirname, join } from "node:path";
import { httpUrlIn } from "../../discovery/surroundings.ts";
import { commandOf } from "./fixes.ts";
import type { Client, Machine, Source, Told } from "./model.ts";
import { type FoundAddress, fileSource, readSettings, variable, variableSource } from "./settings.ts";

/** Poetry: the sources of the project alone; it reads no setting of pip and has none for the user. */
export const poetry: Client = { name: "poetry", ecosystem: "pypi", programs: ["poetry"], ask: askPoetry };

/** PDM: the source named pypi of the project, then PDM's own settings; further sources are asked too. */
export const pdm: Client = { name: "pdm", ecosystem: "pypi", programs: ["pdm"], ask: askPdm };

async function askPoetry(machine: Machine): Promise<Told> {
  const project = await nearestProject(machine, /^\s*\[\[?tool\.poetry|poetry[.-]core/m);
  if (project === undefined)
    return { sources: [], unused: `${machine.folder} is no Poetry project, and Poetry has no setting for the user` };
  const found = (await readSettings(machine, [project])).filter(({ key }) => key.startsWith("tool.poetry.source "));
  const sources = found.map((one) => named(poetry, one));
  if (found.some(({ kind }) => kind === "registry")) return { sources };
  const from = `Poetry's own default; ${project} has no primary source`;
  return { sources: [{ what: "index", from, fix: (base) => commandOf("pypi", "poetry", base) }, ...sources] };
}

async function askPdm(machine: Machine): Promise<Told> {
  const answer = await machine.run("pdm", ["config"]);
  if (answer === undefined) return { sources: [], unknown: "pdm config gave no answer" };
  const project = await nearestProject(machine, /^\s*\[\[?(tool\.pdm|project\b)/m);
  const folder = project === undefined ? machine.folder : dirname(project);
  const inProject = (await readSettings(machine, project === undefined ? [] : [project])).filter(({ key }) =>
    key.startsWith("tool.pdm."),
  );
  const inSettings = await readSettings(machine, [join(folder, "pdm.toml")]);
  const fromVariable = variable(machine, "PDM_PYPI_URL");
  const registries = (found: readonly FoundAddress[]) =>
    found.filter(({ kind }) => kind === "registry").map((one) => named(pdm, one));
  const [index = pdmDefault(answer)] = [
    ...registries(inProject),
    ...(fromVariable ? [variableSource(pdm, fromVariable)] : []),
    ...registries(inSettings),
  ];
  const extras = [...inProject, ...inSettings].filter(({ kind }) => kind === "extra").map((one) => named(pdm, one));
  return { sources: [index, ...extras, ...storedIndexes(answer)] };
}

function pdmDefault(config: string): Source {
  const lines = [...config.matchAll(/^pypi\.url = (\S+)/gm)];
  const url = httpUrlIn(lines.at(-1)?.[1]);
  return {
    what: "index",
    ...(url !== undefined && { url }),
    from: "pdm config pypi.url",
    fix: (base) => commandOf("pypi", "pdm", base),
  };
}

/** Indexes that PDM keeps for the user beside the default: `pypi.NAME.url`. */
function storedIndexes(config: string): Source[] {
  return [...config.matchAll(/^pypi\.([\w-]+)\.url = (\S+)/gm)].map(([, name, url]) => ({
    what: `extra index ${name}`,
    url: url!,
    from: `pdm config pypi.${name}.url`,
    fix: () => `pdm config --delete pypi.${name}`,
  }));
}

function named(client: Client, found: FoundAddress): Source {
  const source = fileSource(client, found);
  return found.kind === "registry" ? { ...source, what: "index" } : source;
}

async function nearestProject(machine: Machine, marked: RegExp): Promise<string | undefined> {
  for (const path of machine.upwards("pyproject.toml")) {
    const source = await machine.read(path);
    if (source !== undefined) return marked.test(source) ? path : undefined;
  }
  return undefined;
}
