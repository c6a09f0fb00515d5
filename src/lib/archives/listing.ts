import { posix } from "node:path";
import { type ArchiveEntry, type ArchiveLink, ArchiveRefused, type LargeMember } from "./archive.ts";
import { type ArchiveBudget, spendBytes } from "./budget.ts";
import { checkPath, foldPath } from "./names.ts";

/** Collects an archive's members; refuses names that any file system or tool would take for one another. */
export interface Listing {
  file(path: string, content: Content, mode: number, large?: LargeMember): void;
  directory(path: string): void;
  link(link: ArchiveLink, mode: number): void;
  /** The members, links to regular files among them, once all are in. */
  close(): { readonly entries: readonly ArchiveEntry[]; readonly links: readonly ArchiveLink[] };
}

/** A content that is held, or made when it is asked for. */
export interface Content {
  readonly bytes: Buffer;
}

interface Held {
  readonly path: string;
  readonly content: Content | undefined;
  readonly large?: LargeMember;
  readonly link?: ArchiveLink;
  readonly mode: number;
}

/** Links that lead to links, one after another. */
const MOST_HOPS = 8;

/**
 * What happens to a second member whose name is, or could be taken for, an earlier one's. Identical bytes are the same to
 * every reader: npm's and pnpm's packers write `package/./dist/index.js` beside `package/dist/index.js` when `main` has a dot.
 */
export type Repeats = "refuse" | "allow-if-identical";

/** An empty listing that counts what aliases cost against `budget`. */
export function openListing(budget: ArchiveBudget, repeats: Repeats): Listing {
  const held = new Map<string, Held>();
  const folders = new Set<string>();
  function hold(item: Held): void {
    checkPath(item.path, budget.pathLength);
    const key = foldPath(item.path);
    const before = held.get(key);
    if (before !== undefined) {
      const identical =
        before.content !== undefined &&
        item.content?.bytes.equals(before.content.bytes) &&
        item.large?.sha256 === before.large?.sha256;
      if (repeats === "refuse" || !identical) throw new ArchiveRefused("ambiguous", clash(before, item), item.path);
      if (before.path === item.path) return;
      held.set(`${key}\0${item.path}`, item);
      return;
    }
    held.set(key, item);
    addFolders(folders, key);
  }
  return {
    file: (path, content, mode, large) => hold({ path, content, mode, ...(large && { large }) }),
    link(link, mode) {
      // Only what came before: a hard link is made when it is read.
      if (link.kind === "hard" && !held.has(foldPath(posix.normalize(link.target)))) {
        throw new ArchiveRefused("link", "A hard link has no target", link.path);
      }
      hold({ path: link.path, content: undefined, link, mode });
    },
    directory(path) {
      checkPath(path, budget.pathLength);
      const key = foldPath(path);
      folders.add(key);
      addFolders(folders, key);
    },
    close() {
      for (const [key, { path }] of held) {
        if (folders.has(key)) throw new ArchiveRefused("ambiguous", "A member is both a file and a folder", path);
      }
      return resolveLinks(held, budget);
    },
  };
}

function entryOf(path: string, content: Content, mode: number, large: LargeMember | undefined): ArchiveEntry {
  return {
    path,
    get bytes() {
      return content.bytes;
    },
    mode,
    ...(large && { large }),
  };
}

function clash(before: Held, item: Held): string {
  return before.path === item.path
    ? "The archive has two members of one name"
    : `The archive has two members whose names some file systems take for one (${before.path})`;
}

function addFolders(folders: Set<string>, key: string): void {
  for (let slash = key.lastIndexOf("/"); slash > 0; slash = key.lastIndexOf("/", slash - 1)) {
    const folder = key.slice(0, slash);
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

function resolveLinks(held: ReadonlyMap<string, Held>, budget: ArchiveBudget) {
  const entries: ArchiveEntry[] = [];
  const links: ArchiveLink[] = [];
  const top = [...held.values()].some((item) => item.link !== undefined) ? sharedTop(held) : "";
  for (const { path, content, large, link, mode } of held.values()) {
    if (content !== undefined) entries.push(entryOf(path, content, mode, large));
    if (link === undefined) continue;
    links.push(link);
    const target = linkedFile(link, held, top);
    if (target === undefined) continue;
    // An alias costs whoever reads the tree as much as a copy does.
    spendBytes(budget, target.large?.size ?? target.content.bytes.length, path);
    entries.push(entryOf(path, target.content, mode, target.large));
  }
  return { entries, links };
}

/** The file that a link leads to. */
interface Linked {
  readonly content: Content;
  readonly large: LargeMember | undefined;
}

function linkedFile(link: ArchiveLink, held: ReadonlyMap<string, Held>, top: string): Linked | undefined {
  let current = link;
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const path = targetPath(current, top);
    const found = held.get(foldPath(path));
    if (found === undefined) return refuseIndirect(current, path, held);
    if (found.path !== path) throw new ArchiveRefused("ambiguous", clash(found, { ...found, path }), link.path);
    if (found.link === undefined) return { content: found.content!, large: found.large };
    current = found.link;
  }
  throw new ArchiveRefused("link", "Links lead to links without end", link.path);
}

/** The folder, with its slash, that holds all members: installers drop it, so links must stay inside. */
function sharedTop(held: ReadonlyMap<string, Held>): string {
  const paths = [...held.values()].map(({ path }) => path);
  const top = paths[0]!.slice(0, paths[0]!.indexOf("/") + 1);
  return paths.every((path) => path.startsWith(top)) ? top : "";
}

/** The archive path that a link names; throws when it is not below `top`. */
function targetPath({ path, target, kind }: ArchiveLink, top: string): string {
  const joined = kind === "hard" ? posix.normalize(target) : posix.normalize(posix.join(posix.dirname(path), target));
  const outside =
    target.startsWith("/") || joined === ".." || joined.startsWith("../") || !`${joined}/`.startsWith(top);
  if (outside) throw new ArchiveRefused("link", "A link leaves the archive's folder", path);
  return joined.replace(/\/$/, "");
}

/** A link to a folder or to nothing has no bytes; one through another link might. */
function refuseIndirect(link: ArchiveLink, path: string, held: ReadonlyMap<string, Held>): undefined {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    if (held.get(foldPath(path.slice(0, slash)))?.link !== undefined) {
      throw new ArchiveRefused("link", "A link leads through another link", link.path);
    }
  }
  return undefined;
}
