import type { ReleaseTree, SourceFile } from "../model.ts";
import { noteUnread } from "../unread.ts";
import { readXml, type XmlNode, XmlTooLarge } from "../xml.ts";
import { isMember, sight } from "./_sight.ts";

/** What detectors of MSBuild files share: reading each once, finding elements, and working out what a value will be. */

export interface BuildFile {
  readonly file: SourceFile;
  readonly root: XmlNode;
  /** Properties that the file itself sets, by lower-case name; a later one replaces an earlier. */
  readonly properties: ReadonlyMap<string, string>;
}

const readBefore = new WeakMap<SourceFile, BuildFile | { readonly why: string }>();
const MOST_TEXT = 4 << 20;

/** Build files of a NuGet package, wherever they lie: one file imports another by any path. */
export function* buildFiles(tree: ReleaseTree): Iterable<BuildFile> {
  for (const file of tree.files) {
    if (file.kind !== "msbuild" || !isMember(file)) continue;
    const read = readBuildFile(file);
    if ("root" in read) yield read;
  }
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
    const root = readXml(file.text);
    const properties = new Map<string, string>();
    for (const node of elements(root, "propertygroup"))
      for (const property of node.children) properties.set(property.name.toLowerCase(), property.text);
    return { file, root, properties };
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

/**
 * A value as MSBuild will see it, as far as the file says: own properties put in (`$(A)$(B)`), `%xx` escapes undone, and what
 * constants in base 64 decode to appended.
 */
export function expand(build: BuildFile, value: string): string {
  const spent = expandedOf.get(build) ?? 0;
  if (spent > MOST_EXPANDED || value.length > LONGEST_VALUE)
    noteUnread(build.file, "its values are longer than are worked out");
  const text = spent > MOST_EXPANDED ? value.slice(0, 1_000) : expanded(build, value);
  expandedOf.set(build, spent + text.length);
  return text;
}

function expanded({ file, properties }: BuildFile, value: string): string {
  let text = value.slice(0, LONGEST_VALUE);
  for (let depth = 0; depth < 5 && text.includes("$("); depth++) {
    const next = text.replace(
      /\$\((\w{1,100})\)/g,
      (whole, name: string) => properties.get(name.toLowerCase()) ?? whole,
    );
    if (next === text) break;
    if (next.length > LONGEST_VALUE) {
      noteUnread(file, "its values are longer than are worked out");
      break;
    }
    text = next;
  }
  const plain = text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain + decodedConstants(plain);
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

/** Commands of all Exec tasks, worked out. */
export function* commands(build: BuildFile): Iterable<{ readonly node: XmlNode; readonly command: string }> {
  for (const node of elements(build.root, "exec")) yield { node, command: expand(build, attribute(node, "command")) };
}
