import type { Finding } from "../catalog/model.ts";
import { isMember } from "./detectors/_sight.ts";
import { entryPointsOf } from "./entry-points.ts";
import type {
  Excerpt,
  ReleaseTree,
  Review,
  ReviewedFile,
  ReviewedLayer,
  ReviewedManifest,
  ReviewRequest,
  SourceFile,
} from "./model.ts";

/** Bytes of a review's texts as JSON, so that an answer stays far below what a parent accepts. */
const ROOM = 1 << 20;
const TEXTS_ROOM = 1 << 20;
const MOST_FILES = 5_000;
const MOST_LAYERS = 100;
const LAYER_TEXT = 4_000;
const MOST_TEXTS = 200;
const LONGEST_TEXT = 128 << 10;
/** Lines before and after the one that a finding names. */
const CONTEXT = 3;
/** Characters of one line; of a longer one the part round the finding. */
const LINE = 240;
const LINE_BEFORE = 60;
const MOST_OF_A_KIND = 500;
const FACT = 500;

/** What a person needs beside `findings` to judge for herself: tree, manifest, layers and the lines that findings name. Pure, bounded. */
export function reviewOf(tree: ReleaseTree, findings: readonly Finding[], request: ReviewRequest): Review {
  const room = openRoom(ROOM);
  const members = tree.files.filter(isMember);
  const manifest = manifestOf(tree, room);
  const { excerpts, omittedExcerpts } = excerptsOf(tree, findings, room);
  const layers = layersOf(tree, findings, room);
  const files = filesOf(members, findings, room);
  return {
    files,
    omittedFiles: members.length - files.length,
    layers,
    omittedLayers: tree.files.length - members.length - layers.length,
    excerpts,
    omittedExcerpts,
    ...(manifest && { manifest }),
    remarks: tree.remarks.slice(0, MOST_OF_A_KIND).filter(({ path, says }) => room.take(path.length + says.length)),
    ...(request.texts && { texts: textsOf(members, request.texts) }),
  };
}

/** Room for texts, counted as JSON writes them. */
interface Room {
  /** Whether `bytes` more fit; takes them. */
  take(bytes: number): boolean;
}

function openRoom(bytes: number): Room {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
  };
}

/** Bytes of a text in JSON at the most: what is not plain may be escaped. */
function cost(text: string): number {
  let bytes = 2;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bytes += code >= 32 && code < 127 ? 2 : 6;
  }
  return bytes;
}

/** Files with findings and those that run early come first where not all have room; the order is that of paths. */
function filesOf(members: readonly SourceFile[], findings: readonly Finding[], room: Room): ReviewedFile[] {
  const marked = new Set(findings.map(({ path }) => path));
  const rank = ({ path, phase }: SourceFile) => (marked.has(path) ? 0 : phase === "none" ? 2 : 1);
  const wanted = members.length > MOST_FILES ? members.toSorted((a, b) => rank(a) - rank(b)) : members;
  return wanted
    .slice(0, MOST_FILES)
    .filter(({ path, place }) => room.take(cost(path) + cost(place) + 80))
    .map(({ path, place, size, kind, phase }) => ({ path, place, size, kind, phase }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function layersOf(tree: ReleaseTree, findings: readonly Finding[], room: Room): ReviewedLayer[] {
  const marked = new Set(findings.map(({ inside }) => inside?.layer));
  const all = tree.files.filter((file) => file.origin !== undefined);
  const wanted = all.toSorted((a, b) => Number(marked.has(b.origin!.number)) - Number(marked.has(a.origin!.number)));
  const layers: ReviewedLayer[] = [];
  for (const file of wanted.slice(0, MOST_LAYERS)) {
    const { number, parent, line } = file.origin!;
    const text = file.text.slice(0, LAYER_TEXT);
    if (!room.take(cost(text) + cost(file.path) + 100)) continue;
    const from = { number, ...(parent !== undefined && { parent }), path: file.path, line };
    layers.push({ ...from, depth: file.layer ?? 1, kind: file.kind, size: file.text.length, text });
  }
  return layers.sort((a, b) => a.number - b.number);
}

interface Spot {
  readonly line: number;
  readonly column: number;
  /** Whether a finding is on this line, not only near. */
  readonly marked: boolean;
}

function excerptsOf(tree: ReleaseTree, findings: readonly Finding[], room: Room) {
  const byText = Map.groupBy(
    findings.filter(({ line }) => line !== null),
    ({ path, inside }) => JSON.stringify([path, inside?.layer ?? 0]),
  );
  const layers = new Map(tree.files.map((file) => [file.origin?.number, file]));
  const found: Excerpt[] = [];
  let omittedExcerpts = 0;
  for (const group of byText.values()) {
    const [{ path, inside }] = group as [Finding, ...Finding[]];
    const file = inside === undefined ? tree.file(path) : layers.get(inside.layer);
    if (file === undefined || file.kind === "binary") continue;
    for (const excerpt of linesOf(file, group)) {
      const one = { path, ...(inside && { layer: inside.layer }), ...excerpt };
      if (room.take(cost(one.text) + cost(path) + 80)) found.push(one);
      else omittedExcerpts++;
    }
  }
  // What a decoded layer was made of is told by the member's line.
  for (const excerpt of memberLines(tree, findings)) if (room.take(cost(excerpt.text) + 80)) found.push(excerpt);
  return { excerpts: found.sort(byPlace), omittedExcerpts };
}

function byPlace(a: Excerpt, b: Excerpt): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return (a.layer ?? 0) - (b.layer ?? 0) || a.line - b.line || a.before - b.before;
}

function* memberLines(tree: ReleaseTree, findings: readonly Finding[]): Iterable<Excerpt> {
  const told = new Set(findings.filter(({ inside }) => !inside).map(({ path, line }) => `${line} ${path}`));
  for (const { path, line, inside } of findings) {
    const file = inside && line !== null ? tree.file(path) : undefined;
    if (file === undefined || line === null || told.has(`${line} ${path}`)) continue;
    told.add(`${line} ${path}`);
    for (const excerpt of linesOf(file, [{ line }], 0)) yield { path, ...excerpt };
  }
}

type Lines = Pick<Excerpt, "line" | "before" | "text" | "after">;

/** The lines that findings in one text name, with those round them. */
function* linesOf(
  file: SourceFile,
  findings: readonly Pick<Finding, "line" | "inside" | "column">[],
  context = CONTEXT,
): Iterable<Lines> {
  const spots = new Map<string, Spot>();
  for (const { line, inside, column } of findings) {
    const at = inside?.line ?? line ?? 1;
    spots.set(`${at} ${windowOf(column)}`, { line: at, column: column ?? 1, marked: true });
    for (let near = Math.max(1, at - context); near <= at + context; near++) {
      if (near !== at && !spots.has(`${near} 0`)) spots.set(`${near} 0`, { line: near, column: 1, marked: false });
    }
  }
  const marked = new Set([...spots.values()].filter((spot) => spot.marked).map(({ line }) => line));
  const sorted = [...spots.values()].filter((spot) => spot.marked || !marked.has(spot.line));
  yield* cut(
    file.text,
    sorted.sort((a, b) => a.line - b.line || a.column - b.column),
  );
}

/** Findings close to each other in one long line share an excerpt. */
function windowOf(column = 1): number {
  return Math.floor(column / LINE);
}

function* cut(text: string, spots: readonly Spot[]): Iterable<Lines> {
  let line = 1;
  let start = 0;
  for (const spot of spots) {
    for (; line < spot.line; line++) {
      const end = text.indexOf("\n", start);
      if (end < 0) return;
      start = end + 1;
    }
    if (start === text.length && start > 0) return;
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const from = end - start <= LINE ? start : Math.max(start, Math.min(start + spot.column - 1 - LINE_BEFORE, end));
    const until = Math.min(end, from + LINE);
    yield { line, before: from - start, text: text.slice(from, until).replace(/\r$/, ""), after: end - until };
  }
}

function manifestOf(tree: ReleaseTree, room: Room): ReviewedManifest | undefined {
  const { manifest } = tree;
  if (manifest === undefined) return undefined;
  const short = (text: string) => text.slice(0, FACT);
  const { description, homepage, repository } = manifest;
  const kept: ReviewedManifest = {
    path: manifest.path,
    name: short(manifest.name),
    version: short(manifest.version),
    ...(description !== undefined && { description: short(description) }),
    ...(homepage !== undefined && { homepage: short(homepage) }),
    ...(repository !== undefined && { repository: short(repository) }),
    authors: manifest.authors.slice(0, 20).map(short),
    hooks: some(manifest.hooks),
    dependencies: some(manifest.dependencies),
    entryPoints: some(entryPointsOf(tree)),
  };
  return room.take(cost(JSON.stringify(kept))) ? kept : undefined;
}

function some(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(facts).slice(0, MOST_OF_A_KIND);
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(0, FACT), value.slice(0, FACT)]));
}

const WITHOUT_TEXT = new Set(["binary", "executable", "dotnet", "pyc", "archive", "image"]);

function textsOf(members: readonly SourceFile[], places: readonly string[]): Readonly<Record<string, string>> {
  const wanted = new Set(places.slice(0, MOST_TEXTS));
  const room = openRoom(TEXTS_ROOM);
  const texts: [string, string][] = [];
  for (const file of members) {
    const { place, kind, bytes } = file;
    if (!wanted.has(place) || WITHOUT_TEXT.has(kind) || bytes.length > LONGEST_TEXT) continue;
    if (room.take(cost(file.text) + cost(place))) texts.push([place, file.text]);
  }
  return Object.fromEntries(texts);
}
