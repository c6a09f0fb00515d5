import type { Manifest } from "./model.ts";
import { manifestText, type Placed } from "./placed.ts";

/**
 * Scripts that an install runs: the first three from a registry, the others only for dependencies from git and the package's
 * own folder.
 */
export const NPM_INSTALL_HOOKS = ["preinstall", "install", "postinstall"] as const;
const NPM_HOOKS = [...NPM_INSTALL_HOOKS, "preprepare", "prepare", "postprepare"];

/** Characters of one command; detectors read no more. */
export const LONGEST_COMMAND = 1 << 20;

/** Reads package.json or npm-shrinkwrap.json; throws when it is no JSON object, or runs a command that is longer than is read. */
export function readPackageJson(file: Placed, files: readonly Placed[]): Manifest {
  const document = objectOf(JSON.parse(manifestText(file)));
  if (document === undefined) throw new Error("It is no JSON object");
  const scripts = objectOf(document["scripts"]) ?? {};
  const hooks = NPM_HOOKS.flatMap((name) => (textOf(scripts[name]) ? [[name, textOf(scripts[name])!] as const] : []));
  const long = hooks.find(([, command]) => command.length > LONGEST_COMMAND);
  if (long !== undefined) throw new Error(`Its ${long[0]} has more words than are read`);
  if (buildsAddon(document, scripts, file, files)) hooks.push(["install", "node-gyp rebuild"]);
  const homepage = textOf(document["homepage"]);
  const repository = textOf(document["repository"]) ?? textOf(objectOf(document["repository"])?.["url"]);
  const description = textOf(document["description"]);
  return {
    path: file.path,
    name: textOf(document["name"]) ?? "",
    version: textOf(document["version"]) ?? "",
    hooks: Object.fromEntries(hooks),
    dependencies: dependenciesOf(document),
    ...(homepage === undefined ? {} : { homepage }),
    ...(repository === undefined ? {} : { repository }),
    authors: [document["author"], document["maintainers"], document["contributors"]].flat().flatMap(personOf),
    ...(description === undefined ? {} : { description }),
    raw: document,
  };
}

/** npm runs `node-gyp rebuild` by itself where a binding.gyp lies beside a package.json without install scripts. */
function buildsAddon(
  document: Readonly<Record<string, unknown>>,
  scripts: Readonly<Record<string, unknown>>,
  file: Placed,
  files: readonly Placed[],
): boolean {
  if (textOf(scripts["install"]) || textOf(scripts["preinstall"]) || document["gypfile"] === false) return false;
  const binding = file.place.replace(/[^/]*$/, "binding.gyp");
  return file.place.endsWith("package.json") && files.some(({ place }) => place === binding);
}

function dependenciesOf(document: Readonly<Record<string, unknown>>): Record<string, string> {
  const kinds = ["peerDependencies", "optionalDependencies", "dependencies"];
  const all = kinds.flatMap((kind) => Object.entries(objectOf(document[kind]) ?? {}));
  return Object.fromEntries(all.flatMap(([name, range]) => (typeof range === "string" ? [[name, range]] : [])));
}

function personOf(value: unknown): string[] {
  const name = textOf(value) ?? textOf(objectOf(value)?.["name"]);
  const email = textOf(objectOf(value)?.["email"]);
  return name === undefined ? [] : [email === undefined ? name : `${name} <${email}>`];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
