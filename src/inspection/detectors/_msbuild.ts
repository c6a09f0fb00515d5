import type { ReleaseTree, SourceFile } from "../model.ts";
import { noteUnread } from "../unread.ts";
import { readXml, type XmlNode, XmlTooLarge } from "../xml.ts";
import { readSettings, type Settings, valuesOf } from "./_msbuild-values.ts";
import { isMember, sight } from "./_sight.ts";

/** What detectors of MSBuild files share: reading each once, finding elements, and working out what a value will be. */

/** One build file of a package, read. */
export interface BuildFile {
  readonly file: SourceFile;
  readonly root: XmlNode;
}

const readBefore = new WeakMap<SourceFile, BuildFile | { readonly why: string }>();
/** What all build files of a release set together, and each by itself until they were read together. */
const settingsBefore = new WeakMap<BuildFile, Settings>();
const gathered = new WeakMap<ReleaseTree, readonly BuildFile[]>();
const MOST_TEXT = 4 << 20;

/** Build files of a NuGet package, wherever they lie: one file imports another by any path. */
export function buildFiles(tree: ReleaseTree): readonly BuildFile[] {
  let builds = gathered.get(tree);
  if (builds === undefined) {
    builds = tree.files
      .filter((file) => file.kind === "msbuild" && isMember(file))
      .map(readBuildFile)
      .filter((read) => "root" in read);
    // The SDK reads a package's .props before its .targets, and one file imports another.
    const ordered = builds.toSorted((a, b) => Number(isTargets(a)) - Number(isTargets(b)));
    const settings = readSettings(ordered.map(({ root }) => root));
    for (const build of builds) settingsBefore.set(build, settings);
    gathered.set(tree, builds);
  }
  return builds;
}

function isTargets({ file }: BuildFile): boolean {
  return /\.targets$/i.test(file.path);
}

/** A build file's elements, or why it cannot be read. */
export function readBuildFile(file: SourceFile): BuildFile | { readonly why: string } {
  const before = readBefore.get(file);
  if (before) return before;
  const read = readFresh(file);
  readBefore.set(file, read);
  return read;
}

function readFresh(file: SourceFile): BuildFile | { readonly why: string } {
  if (file.bytes.length > MOST_TEXT) {
    noteUnread(file, `${file.bytes.length} bytes are more than are read of a build file`);
    return { why: "it is too large" };
  }
  try {
    return { file, root: readXml(file.text) };
  } catch (error) {
    if (error instanceof XmlTooLarge) noteUnread(file, error.message);
    return { why: (error as Error).message.slice(0, 120) };
  }
}

/** Elements by lower-case name, at any depth, in document order; tasks also under their full name (`Microsoft.Build.Tasks.Exec`). */
export function* elements(root: XmlNode, name: string): Iterable<XmlNode> {
  // The reader bounds depth and number of elements.
  for (const child of root.children) {
    const own = child.name.toLowerCase();
    if (own === name || own.endsWith(`.${name}`)) yield child;
    yield* elements(child, name);
  }
}

/** An attribute whatever the letter case of its name; empty when it is not there. */
export function attribute(node: XmlNode, name: string): string {
  const found = Object.entries(node.attributes).find(([key]) => key.toLowerCase() === name);
  return found?.[1] ?? "";
}

/** Characters of one value worked out, and of all values of one file. */
const LONGEST_VALUE = 1 << 20;
const MOST_EXPANDED = 32 << 20;
const expandedOf = new WeakMap<BuildFile, number>();

/** A value as MSBuild will see it with the last values of all properties (see `expansions`). */
export function expand(build: BuildFile, value: string): string {
  return expansions(build, value)[0] ?? "";
}

/**
 * A value as MSBuild may see it, as far as the package says: properties and items put in, functions on texts worked out, `%xx` escapes
 * undone, and what constants in base 64 decode to appended. Several where properties have several values, the last ones first.
 */
export function expansions(build: BuildFile, value: string): readonly string[] {
  const spent = expandedOf.get(build) ?? 0;
  const left = Math.min(MOST_EXPANDED - spent, LONGEST_VALUE);
  if (left <= 0 || value.length > LONGEST_VALUE) noteUnread(build.file, TOO_LONG);
  if (left <= 0) return [value.slice(0, 1_000)];
  const texts = valuesOf(settingsOf(build), value.slice(0, LONGEST_VALUE), left);
  if (texts.some(({ length }) => length >= LONGEST_VALUE)) noteUnread(build.file, TOO_LONG);
  expandedOf.set(build, spent + texts.reduce((sum, { length }) => sum + length, 0));
  return texts.map((text) => text + decodedConstants(text));
}

const TOO_LONG = "its values are longer than are worked out";

function settingsOf(build: BuildFile): Settings {
  let settings = settingsBefore.get(build);
  if (settings === undefined) {
    settings = readSettings([build.root]);
    settingsBefore.set(build, settings);
  }
  return settings;
}

function decodedConstants(text: string): string {
  let decoded = "";
  for (const [constant] of text.matchAll(/[A-Za-z0-9+/]{24,8000}={0,2}/g)) {
    const bytes = Buffer.from(constant, "base64");
    const wide = bytes.length > 4 && bytes[1] === 0 && bytes[3] === 0;
    const plain = bytes.toString(wide ? "utf16le" : "latin1");
    if (/^[\t\r\n\x20-\x7e]{8,}$/.test(plain)) decoded += `\n${plain}`;
    if (decoded.length > LONGEST_VALUE) break;
  }
  return decoded;
}

/** A sighting at an element. */
export function sightElement({ file }: BuildFile, node: XmlNode, says: string, share = 1) {
  return sight(file, Math.max(0, node.offset - 1), says, { share });
}

/** Commands of all Exec tasks, worked out, each with the values that its variables are given. */
export function* commands(build: BuildFile): Iterable<{ readonly node: XmlNode; readonly command: string }> {
  for (const node of elements(build.root, "exec")) {
    const variables = attribute(node, "environmentvariables");
    const given = variables === "" ? [] : expand(build, variables).split(";", 100);
    for (const command of expansions(build, attribute(node, "command")))
      yield { node, command: given.reduce(withVariable, command) };
  }
}

/** The command with the variable of `NAME=value` in its places. */
function withVariable(command: string, assignment: string): string {
  const equals = assignment.indexOf("=");
  const name = assignment.slice(0, Math.max(0, equals)).trim();
  if (!/^\w{1,60}$/.test(name) || command.length * assignment.length > LONGEST_VALUE) return command;
  const value = assignment.slice(equals + 1);
  return [`\${${name}}`, `%${name}%`, `$env:${name}`, `$${name}`].reduce(
    (text, use) => text.replaceAll(use, () => value),
    command,
  );
}

const SCRIPT = /\.(?:ps1|psm1|bat|cmd|sh|vbs|vbe|js|wsf|hta|py)$/i;

/** What WriteLinesToFile tasks write into scripts. */
export function* writtenScripts(build: BuildFile): Iterable<{ readonly node: XmlNode; readonly command: string }> {
  for (const node of elements(build.root, "writelinestofile")) {
    if (!SCRIPT.test(expand(build, attribute(node, "file")).split("\n", 1)[0]!.trim())) continue;
    for (const command of expansions(build, attribute(node, "lines"))) yield { node, command };
  }
}
