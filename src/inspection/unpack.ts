import { type Archive, type ArchiveBounds, type ArchiveEntry, ArchiveRefused } from "../lib/archives/archive.ts";
import { type ArchiveBudget, openBudget } from "../lib/archives/budget.ts";
import { readArchive } from "../lib/archives/read.ts";
import { endsLikeZip, sniffArchive } from "../lib/archives/sniff.ts";
import { noTar } from "../lib/archives/tar.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { kindOf } from "./kinds.ts";
import { isLexed } from "./languages/lex.ts";
import type { LargeMembers } from "./large-members.ts";
import { type Container, layoutOf } from "./layout.ts";
import { readManifests } from "./manifests.ts";
import type { InspectionRequest, ReleaseTree, Remark, SourceFile } from "./model.ts";
import { assignPhases } from "./phases.ts";
import { placedAt } from "./placed.ts";
import { buildPrefilter, type Prefilter } from "./prefilter.ts";
import { sourceFile } from "./source-file.ts";
import { PHASES } from "./words.ts";

/** What finds literals in files: a prefilter, or the rules whose literals one is to be built of. */
export type Searching = Prefilter | readonly { readonly literals?: readonly string[] }[];

/**
 * Reads an artifact into the tree that detectors see. The form is told from the content; paths are kept as stored. Throws
 * ArchiveRefused when the file is no archive, lies, or goes beyond `limits`: the caller's verdict is then unknown.
 */
export function unpack(request: InspectionRequest, limits: Limits, searching: Searching): ReleaseTree {
  const { bytes, filename, ecosystem, large } = request;
  const budget = large?.tar?.budget ?? openBudget(archiveBounds(limits), bytes.length);
  const archive = large?.tar?.archive ?? readArchive(bytes, budget, large?.members);
  if (archive.format === "gz") throw noTar();
  const members: Member[] = [];
  const remarks: Remark[] = [];
  collect(archive, "", { members, remarks, budget, depth: 0, limits });
  if (archive.ignored !== undefined) remarks.push(ignoredIn(filename, archive.ignored));
  const container = archive.format === "zip" ? "zip" : "tar";
  const about = {
    container,
    filename,
    limits,
    ...(ecosystem && { ecosystem }),
    ...(large && { hits: large.hits }),
  } as const;
  return treeOf(members, remarks, about, prefilterOf(searching));
}

/** The tree of loose files, whose paths may begin with the usual top folder; archives among them are opened. Throws like `unpack`. */
export function treeOfFiles(
  files: Iterable<readonly [string, Buffer]>,
  about: Pick<InspectionRequest, "filename" | "ecosystem"> & {
    readonly form?: ReleaseTree["form"];
    readonly limits?: Limits;
  },
  searching: Searching,
): ReleaseTree {
  const limits = about.limits ?? DEFAULT_LIMITS;
  const entries = [...files].map(([path, bytes]) => ({ path, bytes, mode: 0 }));
  const size = entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const members: Member[] = [];
  const remarks: Remark[] = [];
  const budget = openBudget(archiveBounds(limits), size);
  collect({ format: "tar", entries, links: [] }, "", { members, remarks, budget, depth: 0, limits });
  return treeOf(members, remarks, { ...about, limits, container: "loose" }, prefilterOf(searching));
}

/** Part of an inspector's memory that one content may take. */
const HELD_SHARE = 0.6;

/** The bounds of `limits` that concern one artifact's archives. */
export function archiveBounds(limits: Limits): ArchiveBounds {
  return {
    entries: limits.archiveEntries,
    unpackedBytes: limits.unpackedBytes,
    heldBytes: Math.floor(limits.inspectorMemoryMb * 2 ** 20 * HELD_SHARE),
    ratio: limits.archiveRatio,
    ratioFrom: limits.archiveRatioFrom,
    pathLength: limits.pathLength,
  };
}

interface Member {
  readonly path: string;
  readonly entry: Pick<ArchiveEntry, "bytes" | "large">;
  /** Whether it lies in an archive inside the artifact. */
  readonly nested: boolean;
}

/** What grows while archives are opened. */
interface Collecting {
  readonly members: Member[];
  readonly remarks: Remark[];
  readonly budget: ArchiveBudget;
  readonly depth: number;
  readonly limits: Limits;
}

function collect(archive: Archive, prefix: string, into: Collecting): void {
  for (const link of archive.links) {
    into.remarks.push({ path: prefix + link.path, says: `It is a ${link.kind} link to ${link.target.slice(0, 200)}` });
  }
  for (const entry of archive.entries) {
    const { path, bytes, large } = entry;
    const name = archive.format === "gz" ? nameOfContent(prefix) : path;
    into.members.push({ path: prefix + name, entry, nested: into.depth > 0 });
    if (sniffArchive(bytes) !== undefined) openNested(prefix + name, bytes, into);
    else if (bytes.length > 22 && hiddenZip(large?.tail ?? bytes)) {
      into.remarks.push({ path: prefix + name, says: "A zip follows its content" });
    }
  }
}

/** `a/data.csv.gz!/` holds `data.csv`. */
function nameOfContent(prefix: string): string {
  const name = prefix.slice(0, -"!/".length).split("/").at(-1)!;
  return name.replace(/\.gz$/i, "") || "content";
}

function hiddenZip(bytes: Buffer): boolean {
  return bytes.readUInt16LE(bytes.length - 2) === 0 && endsLikeZip(bytes.subarray(bytes.length - 22));
}

/** Problems that stop everything: nobody can say how much more there is. */
const UNBOUNDED = new Set(["bomb", "too-large", "too-many"]);

/** An archive that is only damaged or odd is common among test data; it stays a file, with a remark. */
function openNested(path: string, bytes: Buffer, into: Collecting): void {
  try {
    const archive = readArchive(bytes, into.budget);
    if (into.depth >= into.limits.archiveDepth) {
      throw new ArchiveRefused("bomb", "Archives are nested deeper than the limit", path);
    }
    collect(archive, `${path}!/`, { ...into, depth: into.depth + 1 });
    if (archive.ignored !== undefined) into.remarks.push(ignoredIn(path, archive.ignored));
  } catch (error) {
    if (!(error instanceof ArchiveRefused) || UNBOUNDED.has(error.problem)) throw error;
    into.remarks.push({ path, says: `The archive inside cannot be read (${error.problem}): ${error.message}` });
  }
}

function ignoredIn(path: string, bytes: number): Remark {
  return { path, says: `${bytes} bytes follow its gzip stream that no tool reads` };
}

interface About extends Pick<InspectionRequest, "filename" | "ecosystem"> {
  readonly container: Container;
  readonly form?: ReleaseTree["form"];
  readonly limits: Limits;
  /** Of members that are not held. */
  readonly hits?: LargeMembers["hits"];
}

function prefilterOf(searching: Searching): Prefilter {
  return "scan" in searching ? searching : buildPrefilter(searching.flatMap(({ literals = [] }) => literals));
}

function treeOf(members: readonly Member[], remarks: Remark[], about: About, prefilter: Prefilter): ReleaseTree {
  const own = members.filter(({ nested }) => !nested).map(({ path }) => path);
  const layout = layoutOf(own, about.container, about.ecosystem, about.form);
  const reading = { prefilter, lexedBytes: about.limits.lexedBytes };
  const placed = members.map(({ path, entry, nested }) => ({
    file: sourceFile(
      path,
      entry,
      kindOf(path, entry.bytes),
      reading,
      entry.large && { ...entry.large, hits: about.hits!.get(entry.large)! },
    ),
    place: nested ? path : layout.place(path),
    nested,
  }));
  for (const { file, place } of placed) file.place = place;
  refuseOverwriting(placed);
  const outer = placed.filter(({ nested }) => !nested);
  const sources = outer.map(({ file, place }) => placedAt(file, place));
  const { manifests, remarks: unread } = readManifests(sources, layout, about.filename);
  assignPhases(placed, layout, manifests);
  // What runs first is looked at first: whatever is bounded over all files ends among those that run last.
  const files = placed.map(({ file }) => file).sort((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase));
  const encoded = inOtherEncodings(files);
  const file = finder(placed);
  return {
    ecosystem: layout.ecosystem,
    form: layout.form,
    filename: about.filename,
    manifest: manifests[0],
    manifests,
    files,
    file,
    remarks: [...unread, ...remarks, ...encoded, ...oddFiles(files, about.limits)].slice(0, about.limits.findings),
    unread: [...unread, ...encoded.filter(({ path }) => file(path)?.apart !== true)],
  };
}

/** Two members that installing puts in one place: which of them wins depends on the installer. */
function refuseOverwriting(placed: readonly { readonly file: SourceFile; readonly place: string }[]): void {
  const taken = new Map<string, SourceFile>();
  for (const { file, place } of placed) {
    const other = taken.get(place);
    if (other !== undefined && !isSame(other, file)) {
      throw new ArchiveRefused("ambiguous", `It is installed to the same place as ${other.path}`, file.path);
    }
    taken.set(place, file);
  }
}

function isSame(one: SourceFile, other: SourceFile): boolean {
  return one.size === other.size && one.bytes.equals(other.bytes) && one.sha256 === other.sha256;
}

/** Finds by path as stored, else by place once installed (`package.json`, `setup.py`). */
function finder(placed: readonly { readonly file: SourceFile; readonly place: string }[]): ReleaseTree["file"] {
  const byPlace = new Map(placed.map(({ file, place }) => [place, file]));
  const byPath = new Map(placed.map(({ file }) => [file.path, file]));
  return (path) => byPath.get(path) ?? byPlace.get(path);
}

/** https://peps.python.org/pep-0263/#defining-the-encoding */
const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})/;
const PLAIN_ENCODING =
  /^(?:utf-?8(?:-.{1,20})?|(?:us-)?ascii|latin-?\d.{0,20}|iso-?8859-\d.{0,20}|cp-?\d+|windows-\d+|mac-?\w+|koi8-\w|gb\w*|big5\w*|s(?:hift)?-?jis|euc-\w+)$/i;

function oddFiles(files: readonly SourceFile[], limits: Limits): Remark[] {
  return files
    .filter((file) => isLexed(file.kind) && file.bytes.length > limits.lexedBytes)
    .map(({ path, bytes }) => ({ path, says: `It has ${bytes.length} bytes and is not read as code` }));
}

/** Modules that are another program for Python than for whoever reads them as text. */
function inOtherEncodings(files: readonly SourceFile[]): Remark[] {
  return files.flatMap((file) => {
    if (file.kind !== "python") return [];
    const { path, bytes } = file;
    const lines = bytes.toString("latin1", 0, LONGEST_HEAD).split(/\r\n?|\n/, 2);
    const encoding = lines.flatMap((line) => COOKIE.exec(line)?.[1] ?? [])[0];
    if (encoding === undefined || PLAIN_ENCODING.test(encoding.replaceAll("_", "-"))) return [];
    return [{ path, says: `It declares the source encoding ${encoding}` }];
  });
}

/** Bytes of the first two lines. */
const LONGEST_HEAD = 64 << 10;
