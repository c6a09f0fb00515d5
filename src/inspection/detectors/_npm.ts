import { LONGEST_COMMAND, NPM_INSTALL_HOOKS } from "../manifests-npm.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";

/** What npm detectors share: the commands that installing runs, wherever they are declared, and what a manifest names. */

/** A command that `npm install` runs. */
export interface Hook {
  /** The manifest it stands in. */
  readonly path: string;
  /** `preinstall`, `install` or `postinstall`. */
  readonly name: string;
  readonly command: string;
}

/** Manifests of bundled dependencies that are looked at. */
const MOST_BUNDLED = 5_000;
const LARGEST_MANIFEST = 8 << 20;
const BUNDLED = /(?:^|\/)node_modules\/(?:@[^/]{1,100}\/)?[^/]{1,214}\/package\.json$/;

/** Commands that installing the release runs: its own, and those of the dependencies that it carries with it. */
export function* installHooks(tree: ReleaseTree): Iterable<Hook> {
  const { manifest } = tree;
  if (manifest !== undefined) {
    for (const name of NPM_INSTALL_HOOKS) {
      const command = manifest.hooks[name];
      if (command !== undefined) yield { path: manifest.path, name, command: command.slice(0, LONGEST_COMMAND) };
    }
  }
  for (const { path, raw } of bundledManifests(tree)) {
    const scripts = objectOf(raw["scripts"]);
    for (const name of NPM_INSTALL_HOOKS) {
      const command = scripts[name];
      if (typeof command === "string") yield { path, name, command: command.slice(0, LONGEST_COMMAND) };
    }
  }
}

/** Manifests of the dependencies that the release carries in node_modules; npm runs their install scripts too. */
export function* bundledManifests(
  tree: ReleaseTree,
): Iterable<{ readonly path: string; readonly raw: Readonly<Record<string, unknown>> }> {
  let seen = 0;
  for (const file of tree.files) {
    if (file.layer !== undefined || !BUNDLED.test(file.path) || file.bytes.length > LARGEST_MANIFEST) continue;
    if (++seen > MOST_BUNDLED) return;
    yield { path: file.path, raw: readJson(file) };
  }
}

/** The file's JSON object; an empty one when it is none. */
export function readJson(file: SourceFile): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(file.text));
  } catch {
    return {};
  }
}

/** The value when it is a plain object, else an empty one. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** One-based line on which a manifest mentions `text`, as far as it can be told. */
export function lineOf(tree: ReleaseTree, path: string, text: string): number | null {
  const file = tree.file(path);
  const at = file?.text.indexOf(JSON.stringify(text).slice(1, -1).slice(0, 60)) ?? -1;
  return file === undefined || at < 0 ? null : file.lineAt(at);
}

/** JavaScript and TypeScript files, decoded layers included, that hold one of `literals`. */
export function* scriptsWith(tree: ReleaseTree, literals: readonly string[]): Iterable<SourceFile> {
  for (const file of tree.files) {
    if (file.kind !== "javascript" && file.kind !== "typescript") continue;
    if (file.hits.hasAny(literals)) yield file;
  }
}
