import { SaxesParser } from "saxes";

/** An element; names are without namespace prefix. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Its own text and CDATA, trimmed, without that of its children. */
  readonly text: string;
  /** Where its start tag ends in the document. */
  readonly offset: number;
}

const DEEPEST = 64;
const MOST_NODES = 50_000;

/** The document may be sound, but has more elements or depth than are read here. */
export class XmlTooLarge extends Error {}

/** Reads a document without a document type; throws on malformed ones, and XmlTooLarge on too deep and too large ones. */
export function readXml(text: string): XmlNode {
  const parser = new SaxesParser();
  const open: (XmlNode & { children: XmlNode[]; text: string })[] = [];
  let root: XmlNode | undefined;
  let count = 0;
  const refuse = (why: string) => {
    throw new Error(`The XML ${why}`);
  };
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", () => refuse("has a document type"));
  parser.on("opentag", (tag) => {
    if (++count > MOST_NODES || open.length >= DEEPEST) throw new XmlTooLarge("The XML is too large or too deep");
    const attributes = Object.entries(tag.attributes).map(([name, value]) => [localName(name), String(value)]);
    const node = {
      name: localName(tag.name),
      attributes: Object.fromEntries(attributes),
      children: [],
      text: "",
      offset: parser.position,
    };
    open.at(-1)?.children.push(node);
    open.push(node);
    root ??= node;
  });
  const addText = (piece: string) => {
    const node = open.at(-1);
    if (node !== undefined) node.text += piece;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const node = open.pop();
    if (node !== undefined) node.text = node.text.trim();
  });
  parser.write(text).close();
  return root ?? refuse("is empty");
}

/** The elements that the names lead to, one child step a name; letter case does not matter. */
export function findXml(from: XmlNode, ...names: readonly string[]): readonly XmlNode[] {
  let found: readonly XmlNode[] = [from];
  for (const name of names) {
    const wanted = name.toLowerCase();
    found = found.flatMap((node) => node.children.filter((child) => child.name.toLowerCase() === wanted));
  }
  return found;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
