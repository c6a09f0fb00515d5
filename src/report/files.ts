import type { Finding } from "../catalog/model.ts";
import type { Review, ReviewedFile } from "../inspection/model.ts";
import { type Html, html } from "../lib/html.ts";
import { bytesOf, count, short } from "./visible.ts";

/** Folders open at once when the release has no more files than this; else those with findings or early code. */
const ALL_OPEN = 60;
/** Folders inside each other that are shown as folders; deeper paths are shown whole. */
const MOST_DEPTH = 12;

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: ReviewedFile[];
}

/** Every file with size, kind, when it runs and its findings, as folders. */
export function filesSection(review: Review, findings: readonly Finding[], anchors: ReadonlyMap<string, string>): Html {
  const root = emptyFolder();
  for (const file of review.files) place(root, file, file.path.split("/").slice(0, -1).slice(0, MOST_DEPTH));
  const marks = new Map([...Map.groupBy(findings, ({ path }) => path)].map(([path, those]) => [path, those.length]));
  const showing = { marks, anchors, all: review.files.length <= ALL_OPEN };
  const size = review.files.reduce((sum, file) => sum + file.size, 0);
  const rest =
    review.omittedFiles > 0 &&
    html` <span class="soft">${count(review.omittedFiles, "further file")} not listed.</span>`;
  return html`<p>${count(review.files.length, "file")}, ${bytesOf(size)} unpacked.${rest}</p><ul class="tree">${folderItems(root, "", showing)}</ul>${remarks(review)}`;
}

function emptyFolder(): Folder {
  return { folders: new Map(), files: [] };
}

function place(folder: Folder, file: ReviewedFile, [name, ...deeper]: readonly string[]): void {
  if (name === undefined) {
    folder.files.push(file);
    return;
  }
  const inner = folder.folders.get(name) ?? emptyFolder();
  folder.folders.set(name, inner);
  place(inner, file, deeper);
}

interface Showing {
  readonly marks: ReadonlyMap<string, number>;
  readonly anchors: ReadonlyMap<string, string>;
  readonly all: boolean;
}

function folderItems(folder: Folder, path: string, showing: Showing): readonly Html[] {
  const folders = [...folder.folders].map(([name, inner]) => {
    const inside = everyFile(inner);
    const marked = inside.some((file) => showing.marks.has(file.path));
    const open = showing.all || marked || inside.some(({ phase }) => phase === "install");
    const size = inside.reduce((sum, file) => sum + file.size, 0);
    return html`<li><details${open ? html` open` : ""}><summary><code>${short(name, 120)}/</code> <span class="soft small">${count(inside.length, "file")}, ${bytesOf(size)}</span></summary><ul>${folderItems(inner, `${path}${name}/`, showing)}</ul></details></li>`;
  });
  return [...folders, ...folder.files.map((file) => fileItem(file, path, showing))];
}

function everyFile({ folders, files }: Folder): readonly ReviewedFile[] {
  return [...files, ...[...folders.values()].flatMap(everyFile)];
}

function fileItem({ path, size, kind, phase }: ReviewedFile, folder: string, { marks, anchors }: Showing): Html {
  const name = short(path.slice(folder.length), 160);
  const number = marks.get(path);
  const link =
    number !== undefined && html` <a href="#${anchors.get(path)}" class="small">${count(number, "finding")}</a>`;
  const runs = phase === "none" ? html`<span></span>` : html`<span><span class="chip ${phase}">${phase}</span></span>`;
  return html`<li><div class="row ${number === undefined ? "" : "marked"}"><span><code>${name}</code>${link}</span><span class="number soft">${bytesOf(size)}</span><span class="soft">${kind}</span>${runs}</div></li>`;
}

function remarks({ remarks: all }: Review): Html | undefined {
  if (all.length === 0) return undefined;
  const rows = all.slice(0, 100).map(({ path, says }) => html`<li><code>${short(path)}</code>: ${short(says)}</li>`);
  return html`<h3>Remarks</h3><ul class="small">${rows}</ul>`;
}
