import type { FileFact, InspectionFacts, Review } from "../inspection/model.ts";
import { printable } from "../inspection/run-detectors.ts";
import { PHASES } from "../inspection/words.ts";
import { type Html, html } from "../lib/html.ts";
import { diffLines, type LineRun } from "../lib/line-diff.ts";
import { LINE } from "./code.ts";
import type { ReleaseReport, ReportedBefore } from "./model.ts";
import { bytesOf, count, short, visible } from "./visible.ts";

const BOUNDS = { lines: 5_000, edits: 800 };
/** Lines round a change, lines of one file's diff, and of all together. */
const CONTEXT = 3;
const MOST_OF_FILE = 400;
const MOST_LINES = 4_000;
const MOST_FILES = 200;

/** How the release differs from the one before: files that are new, gone or other, and the lines of readable code that changed. */
export function changesSection({ review }: ReleaseReport, before: ReportedBefore): Html {
  const { added, removed, changed } = changedFiles(review, before);
  return html`<p>Compared with <code>${short(before.path)}</code>, which is <span class="word ${before.verdict}">${before.verdict}</span>: ${count(added.length, "new file")}, ${count(removed.length, "file")} gone, ${count(changed.length, "file")} changed.</p>
${fileList("New", added)}${fileList("Gone", removed)}${fileList("Changed", changed)}${textDiffs(before)}`;
}

type Sized = Pick<FileFact, "place" | "size">;

function changedFiles(review: Review | undefined, before: ReportedBefore) {
  const now = new Map(review?.files.map((file) => [file.place, file]));
  const then = new Map(before.review?.files.map((file) => [file.place, file]));
  const added = [...now.values()].filter(({ place }) => !then.has(place));
  const removed = [...then.values()].filter(({ place }) => !now.has(place));
  const [digestNow, digestThen] = [digestsOf(before.factsNow), digestsOf(before.facts)];
  // Digests are kept of code and programs; of everything else the size has to tell.
  const changed = [...now.values()].filter(({ place, size }) => {
    const old = then.get(place);
    if (old === undefined) return false;
    const [digest, oldDigest] = [digestNow.get(place), digestThen.get(place)];
    return digest !== undefined && oldDigest !== undefined ? digest !== oldDigest : old.size !== size;
  });
  return { added, removed, changed };
}

function digestsOf(facts: InspectionFacts | undefined): ReadonlyMap<string, string> {
  return new Map(facts?.code?.map(({ place, digest }) => [place, digest]));
}

function fileList(title: string, files: readonly Sized[]): Html | undefined {
  if (files.length === 0) return undefined;
  const items = files
    .slice(0, MOST_FILES)
    .map(
      ({ place, size }) => html`<li><code>${short(place)}</code> <span class="soft small">${bytesOf(size)}</span></li>`,
    );
  const rest = files.length > MOST_FILES && html`<li class="soft">${files.length - MOST_FILES} more</li>`;
  return html`<details${files.length <= 20 ? html` open` : ""}><summary>${title}: ${count(files.length, "file")}</summary><ul class="small">${items}${rest}</ul></details>`;
}

function textDiffs({ oldTexts = {}, newTexts = {}, factsNow }: ReportedBefore): Html | undefined {
  const phases = new Map(factsNow?.code?.map(({ place, phase }) => [place, PHASES.indexOf(phase)]));
  const early = Object.entries(newTexts).sort(([a], [b]) => (phases.get(a) ?? 9) - (phases.get(b) ?? 9));
  let room = MOST_LINES;
  const blocks: Html[] = [];
  for (const [place, text] of early) {
    if (oldTexts[place] === text) continue;
    const lines = hunkLines(diffOf(oldTexts[place], text)).slice(0, Math.min(MOST_OF_FILE, room));
    if (lines.length === 0) continue;
    room -= lines.length;
    const kind = oldTexts[place] === undefined ? "new" : "changed";
    blocks.push(
      html`<h4><code>${short(place)}</code> <span class="soft small">${kind}</span></h4><div class="code" role="region" tabindex="0" aria-label="Changes of ${printable(place, 200)}">${lines.map(diffLine)}${lines.length === MOST_OF_FILE && html`<div class="gap">the rest is not shown</div>`}</div>`,
    );
  }
  return blocks.length === 0 ? undefined : html`<h3>Changed code, what runs first above</h3>${blocks}`;
}

function diffOf(old: string | undefined, text: string): readonly LineRun[] {
  const lines = text.replace(/\n$/, "");
  if (old === undefined) return [{ kind: "added", oldLine: 1, newLine: 1, lines: lines.split("\n", BOUNDS.lines) }];
  return diffLines(old.replace(/\n$/, ""), lines, BOUNDS);
}

interface DiffLine {
  readonly kind: LineRun["kind"] | "gap";
  readonly line: number;
  readonly text: string;
}

/** The changed lines with a few round them. */
function hunkLines(runs: readonly LineRun[]): readonly DiffLine[] {
  return runs.flatMap((run, at): DiffLine[] => {
    const { kind, lines } = run;
    const first = kind === "removed" ? run.oldLine : run.newLine;
    const all = lines.map((text, offset) => ({ kind, line: first + offset, text }));
    if (kind !== "same") return all;
    const head = at === 0 ? 0 : CONTEXT;
    const tail = at === runs.length - 1 ? 0 : CONTEXT;
    if (all.length <= head + tail) return all;
    const gap = { kind: "gap" as const, line: 0, text: "" };
    return [...all.slice(0, head), gap, ...(tail === 0 ? [] : all.slice(-tail))];
  });
}

const SIGNS = { same: " ", added: "+", removed: "−" } as const;

function diffLine({ kind, line, text }: DiffLine): Html {
  if (kind === "gap") return html`<div class="gap" aria-hidden="true">⋯</div>`;
  const shown = text.slice(0, LINE);
  const rest = text.length > LINE && html`<span class="soft small"> …${text.length - LINE} characters…</span>`;
  return html`<div class="l ${kind}"><span>${SIGNS[kind]} ${line}</span><code>${visible(shown)}${rest}</code></div>`;
}
