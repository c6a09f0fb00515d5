import { join } from "node:path";
import { commandOf, registryAt, setVariable, unsetVariable } from "./fixes.ts";
import type { Client, Machine, Source, Told } from "./model.ts";

/** pip: what it says of its variables and of the files of machine, user and environment. */
export const pip: Client = { name: "pip", ecosystem: "pypi", programs: ["pip", "pip3"], ask };

/** One value of pip's configuration; `level` is the word by which `pip config` writes it. */
interface Value {
  readonly key: string;
  readonly value: string;
  readonly place: string;
  readonly level: "variable" | "global" | "site" | "user" | "file";
}

async function ask(machine: Machine): Promise<Told> {
  const program = pip.programs.find((name) => machine.find(name));
  const debug = program === undefined ? undefined : await machine.run(program, ["config", "debug"]);
  if (debug === undefined) return { sources: [], unknown: "pip config debug gave no answer" };
  const values = [...readDebug(debug), ...(await readEnvironment(machine))];
  const index = effective(values, "index-url");
  const extras = [effective(values, "extra-index-url"), effective(values, "find-links")].filter(
    (one) => one !== undefined,
  );
  const noIndex = /^(1|true|yes|on|y|t)$/i.test(effective(values, "no-index")?.value ?? "");
  const sources = extras.flatMap(extraSources);
  if (noIndex)
    return {
      sources,
      notes: ["pip uses no index at all (no-index)"],
      ...(sources.length === 0 && { unused: "pip uses no index at all (no-index)" }),
    };
  return { sources: [index ? indexSource(index) : ownDefault(), ...sources] };
}

const LEVELS = { env_var: "variable", env: "file", global: "global", site: "site", user: "user" } as const;

/** The output of `pip config debug`: levels, their files, and the values in each. */
function readDebug(text: string): Value[] {
  const values: Value[] = [];
  let level: Value["level"] = "variable";
  let file = "";
  for (const line of text.split(/\r?\n/)) {
    const [, heading] = /^(\w+):$/.exec(line) ?? [];
    const [, path] = /^ {2}(\S.*), exists: (?:True|False)$/.exec(line) ?? [];
    const [, name, given] = /^ {2}PIP_(\w+)='(.*)'$/.exec(line) ?? [];
    const [, key, value] = /^ {4}([\w:-]+\.[\w-]+): (.*)$/.exec(line) ?? [];
    if (heading !== undefined && Object.hasOwn(LEVELS, heading)) level = LEVELS[heading as keyof typeof LEVELS];
    else if (path !== undefined) file = path;
    else if (name !== undefined) {
      const setting = `:env:.${name.toLowerCase().replaceAll("_", "-")}`;
      values.push({ key: setting, value: given!.replaceAll("\\n", "\n"), place: `PIP_${name}`, level });
    } else if (key !== undefined) values.push({ key, value: value!, place: file, level });
    // values of several lines go on without a key
    else if (values.at(-1)?.place === file && line.trim() !== "") {
      const last = values.pop()!;
      values.push({ ...last, value: `${last.value}\n${line.trim()}` });
    }
  }
  return values;
}

/** The settings of the active virtual environment, whose own pip is not run when it lies in the project. */
async function readEnvironment(machine: Machine): Promise<Value[]> {
  const active = machine.env["VIRTUAL_ENV"];
  if (active === undefined) return [];
  const place = join(active, machine.platform === "win32" ? "pip.ini" : "pip.conf");
  const values: Value[] = [];
  let section = "";
  for (const line of ((await machine.read(place)) ?? "").split(/\r?\n/)) {
    const [, heading] = /^\[(.+)\]/.exec(line) ?? [];
    const [, key, value] = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (key !== undefined) values.push({ key: `${section}.${key}`, value: value!, place, level: "site" });
    else if (/^\s+\S/.test(line) && values.length > 0) {
      const last = values.pop()!;
      values.push({ ...last, value: `${last.value}\n${line.trim()}` });
    }
  }
  return values;
}

/** Variables win over a command's section, that over `global`; within one, PIP_CONFIG_FILE over environment, user and machine. */
function effective(values: readonly Value[], setting: string): Value | undefined {
  const order = ["variable", "file", "site", "user", "global"];
  for (const section of [":env:", "install", "global"]) {
    const found = values.filter(({ key, value }) => key === `${section}.${setting}` && value.trim() !== "");
    if (found.length > 0) return found.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))[0];
  }
  return undefined;
}

function indexSource({ key, value, place, level }: Value): Source {
  const from = level === "variable" ? `the variable ${place}` : `${key} in ${place}`;
  const fix = (base: string) => {
    if (level === "variable") return setVariable(place, registryAt("pypi", base));
    if (level === "file") return `in ${place} set index-url to ${registryAt("pypi", base)}`;
    const command = commandOf("pypi", "pip", base).replace("global.index-url", key);
    return level === "site" ? command.replace("config set", "config --site set") : command;
  };
  return { what: "index", url: value.trim(), from, fix };
}

function extraSources({ key, value, place, level }: Value): Source[] {
  const from = level === "variable" ? `the variable ${place}` : `${key} in ${place}`;
  const what = key.endsWith("find-links") ? "find-links" : "extra index";
  const fix = () => {
    if (level === "variable") return unsetVariable(place);
    return level === "file" ? `remove ${key} from ${place}` : `pip config --${level} unset ${key}`;
  };
  return value.split(/\s+/).flatMap((url) => (url === "" ? [] : [{ what, url, from, fix }]));
}

function ownDefault(): Source {
  const from = "pip's own default; nothing is configured";
  return { what: "index", from, fix: (base) => commandOf("pypi", "pip", base) };
}
