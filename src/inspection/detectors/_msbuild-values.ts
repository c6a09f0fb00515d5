import type { XmlNode } from "../xml.ts";
import { evaluate, unescaped } from "./_msbuild-functions.ts";

/**
 * What the build files of a package set, each property and item with all the values that it may have: conditions depend on the
 * machine, and which file is read first on the project. A property that refers to itself goes on from its value before.
 */
export interface Settings {
  /** By lower-case name, in the order of the files. */
  readonly properties: ReadonlyMap<string, readonly string[]>;
  readonly items: ReadonlyMap<string, readonly Item[]>;
}

/** One item as written, its metadata by lower-case name. */
interface Item {
  readonly include: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Values of one property, and items of one name, that are kept. */
const MOST_VALUES = 12;
const MOST_ITEMS = 40;
/** Which of a property's values is taken: the last, or one from the first on. */
const CHOICES = [-1, 0, 1, 2, 3];
const DEEPEST = 100;

/** What these elements set, children of all of them at any depth. */
export function readSettings(roots: readonly XmlNode[]): Settings {
  const properties = new Map<string, string[]>();
  const items = new Map<string, Item[]>();
  for (const root of roots) gather(root, properties, items);
  return { properties, items };
}

function gather(node: XmlNode, properties: Map<string, string[]>, items: Map<string, Item[]>): void {
  // The reader bounds depth and number of elements.
  for (const child of node.children) {
    const name = child.name.toLowerCase();
    if (name === "propertygroup") for (const one of child.children) keep(properties, one.name, one.text, MOST_VALUES);
    else if (name === "itemgroup") for (const one of child.children) keep(items, one.name, itemOf(one), MOST_ITEMS);
    else if (name === "createproperty" || name === "createitem") gatherOutput(child, properties, items);
    else gather(child, properties, items);
  }
}

/** `<CreateProperty Value="…"><Output PropertyName="…"/>` */
function gatherOutput(task: XmlNode, properties: Map<string, string[]>, items: Map<string, Item[]>): void {
  const given = lowered(task);
  for (const output of task.children) {
    const { propertyname, itemname } = lowered(output);
    if (propertyname !== undefined) keep(properties, propertyname, given["value"] ?? "", MOST_VALUES);
    if (itemname !== undefined) keep(items, itemname, { include: given["include"] ?? "", metadata: {} }, MOST_ITEMS);
  }
}

function itemOf(node: XmlNode): Item {
  const { include = "", update = "", ...metadata } = lowered(node);
  for (const child of node.children) metadata[child.name.toLowerCase()] = child.text;
  return { include: include === "" ? update : include, metadata };
}

function lowered(node: XmlNode): Record<string, string> {
  return Object.fromEntries(Object.entries(node.attributes).map(([key, value]) => [key.toLowerCase(), value]));
}

function keep<T>(map: Map<string, T[]>, name: string, value: T, most: number): void {
  const key = name.toLowerCase();
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else {
    // Of more values than are kept, the last replaces the one before: it is the one that most projects see.
    if (known.length >= most) known.pop();
    known.push(value);
  }
}

/** The value as MSBuild may see it, once for each choice among the values of properties that makes a difference; at most five. */
export function valuesOf(settings: Settings, text: string, longest: number): readonly string[] {
  if (!/[$@%]/.test(text)) return [text];
  const found = new Set<string>();
  const ambiguous = { seen: false };
  for (const choice of CHOICES) {
    found.add(chosen(settings, text, choice, longest, ambiguous));
    if (!ambiguous.seen) break;
  }
  return [...found];
}

/** The value for one choice; `ambiguous` says whether another choice might give another one. */
function chosen(settings: Settings, text: string, choice: number, longest: number, ambiguous: { seen: boolean }) {
  const { properties, items } = settings;
  const memo = new Map<string, string>();
  let left = longest;
  const lookup = (name: string, before = Number.POSITIVE_INFINITY, depth = 0): string | undefined => {
    const key = name.toLowerCase();
    const values = properties.get(key);
    if (values === undefined || before === 0 || depth > DEEPEST) return undefined;
    if (values.length > 1) ambiguous.seen = true;
    const last = Math.min(before, values.length) - 1;
    const at = choice === -1 || before !== Number.POSITIVE_INFINITY ? last : Math.min(choice, last);
    const known = memo.get(`${key}@${at}`);
    if (known !== undefined) return known;
    if (left <= 0) return undefined;
    const made = evaluate(
      values[at]!,
      (inner) => lookup(inner, inner.toLowerCase() === key ? at : undefined, depth + 1),
      left,
    );
    left -= made.length;
    memo.set(`${key}@${at}`, made);
    return made;
  };
  const plain = evaluate(text, lookup, longest);
  return unescaped(withItems(plain, items, (one) => evaluate(one, lookup, left)).slice(0, longest));
}

const LIST =
  /@\(\s{0,4}(\w{1,100})\s{0,4}(?:->\s{0,4}'([^'\n]{0,2000})'\s{0,4})?(?:,\s{0,4}'([^'\n]{0,40})'\s{0,4})?\)/g;
const METADATA = /%\(\s{0,4}(?:(\w{1,100})\s{0,4}\.\s{0,4})?(\w{1,100})\s{0,4}\)/g;
const MOST_INCLUDED = 200;

/** `@(Items)`, `@(Items->'%(Name)')`, `@(Items, ' ')` and `%(Items.Name)` in their places. */
function withItems(text: string, items: Settings["items"], expand: (text: string) => string): string {
  if (!text.includes("@(") && !text.includes("%(")) return text;
  const each = (name: string) =>
    (items.get(name.toLowerCase()) ?? [])
      .flatMap(({ include, metadata }) =>
        expand(include)
          .split(";", MOST_INCLUDED)
          .map((identity) => ({ identity: identity.trim(), metadata })),
      )
      .slice(0, MOST_INCLUDED);
  const member = ({ identity, metadata }: { identity: string; metadata: Item["metadata"] }, name: string) => {
    const key = name.toLowerCase();
    if (key === "identity" || key === "fullpath") return identity;
    return metadata[key] === undefined ? undefined : expand(metadata[key]);
  };
  return text
    .replace(LIST, (whole, name: string, form: string | undefined, separator = ";") => {
      const all = each(name);
      if (all.length === 0) return whole;
      return all
        .map((one) =>
          form === undefined ? one.identity : form.replace(METADATA, (_, _of, key: string) => member(one, key) ?? ""),
        )
        .join(separator);
    })
    .replace(METADATA, (whole, name: string | undefined, key: string) => {
      const all = name === undefined ? [...items.keys()].flatMap(each) : each(name);
      const found = all.map((one) => member(one, key)).filter((one) => one !== undefined);
      return found.length === 0 ? whole : found.join("\n");
    });
}
