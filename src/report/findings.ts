import type { Finding } from "../catalog/model.ts";
import type { Excerpt, Review, ReviewedLayer } from "../inspection/model.ts";
import { printable } from "../inspection/run-detectors.ts";
import { type Html, html } from "../lib/html.ts";
import { RUNS } from "./account.ts";
import { codeBlock, firstLines } from "./code.ts";
import { bytesOf, count, short, signed } from "./visible.ts";

/** Lines of a layer in which nothing was found. */
const LAYER_LINES = 12;
/** Layers inside each other that are shown below each other. */
const MOST_DEPTH = 6;

/** All findings: those of the whole release, then file by file with the lines they name, decoded layers below the line they come from. */
export function findingsSection(findings: readonly Finding[], review: Review | undefined, id: string): Html {
  if (findings.length === 0) return html`<p>None.</p>`;
  const files = [...Map.groupBy(findings, ({ path }) => path)].sort(byPoints);
  const shown = files.map(([path, those], at) => {
    if (path === "") return html`<h3>The release as a whole</h3>${those.map(findingItem)}`;
    return html`<h3 id="${id}-file-${at}"><code>${short(path)}</code></h3>${fileFacts(path, review)}${those.map(findingItem)}${review && sourceOf(path, those, review)}`;
  });
  const left = review !== undefined && review.omittedExcerpts > 0;
  return html`${shown}${left && html`<p class="soft">${count(review.omittedExcerpts, "line")} of source had no room here.</p>`}`;
}

/** Anchor of each file that has findings, by path. */
export function anchorsOf(findings: readonly Finding[], id: string): ReadonlyMap<string, string> {
  const files = [...Map.groupBy(findings, ({ path }) => path)].sort(byPoints);
  return new Map(files.map(([path], at) => [path, `${id}-file-${at}`]));
}

function byPoints([, a]: [string, readonly Finding[]], [, b]: [string, readonly Finding[]]): number {
  return pointsOf(b) - pointsOf(a);
}

function pointsOf(findings: readonly Finding[]): number {
  return findings.reduce((sum, { weighed }) => sum + (weighed?.points ?? 0), 0);
}

function findingItem({ detector, severity, line, says, inside, weighed }: Finding): Html {
  const where = [
    ...(line === null ? [] : [`line ${line}`]),
    ...(inside === undefined ? [] : [`decoded layer ${inside.layer}, line ${inside.line}`]),
    ...(weighed === undefined || weighed.phase === "none" ? [] : [`runs ${RUNS[weighed.phase]}`]),
  ];
  const points = weighed && html` <span class="chip">${signed(weighed.points)}</span>`;
  return html`<div class="finding ${weighed && weighed.points > 0 ? "brought" : ""}"><p><span class="chip ${severity}">${severity}</span>${points} ${short(says, 400)}</p>
<p class="soft small"><code>${detector}</code>${where.length > 0 && html` · ${where.join(" · ")}`}</p></div>`;
}

function fileFacts(path: string, review: Review | undefined): Html | undefined {
  const file = review?.files.find((one) => one.path === path);
  return file && html`<p class="soft small">${file.kind}, ${bytesOf(file.size)}, runs ${RUNS[file.phase]}</p>`;
}

function sourceOf(path: string, findings: readonly Finding[], review: Review): Html | undefined {
  const own = review.excerpts.filter((one) => one.path === path && one.layer === undefined);
  const layers = review.layers.filter((one) => one.path === path);
  if (own.length === 0 && layers.length === 0) return undefined;
  const hits = new Set(findings.flatMap(({ line }) => (line === null ? [] : [line])));
  const numbers = new Set(layers.map(({ number }) => number));
  const top = layers.filter(({ parent }) => parent === undefined || !numbers.has(parent));
  const nested: Nested = { review, layers, findings };
  const shownAt = new Set(own.map(({ line }) => line));
  const elsewhere = top.filter(({ line }) => !shownAt.has(line));
  return html`${own.length > 0 && codeBlock(`Source of ${printable(path, 200)}`, own, hits, (line) => layersAt(top, line, nested, 1))}${elsewhere.map(
    (layer) => html`<p class="soft small">From line ${layer.line}:</p>${layerBlock(layer, nested, 1)}`,
  )}`;
}

interface Nested {
  readonly review: Review;
  readonly layers: readonly ReviewedLayer[];
  readonly findings: readonly Finding[];
}

function layersAt(all: readonly ReviewedLayer[], line: number, nested: Nested, depth: number): Html | undefined {
  const those = all.filter((layer) => layer.line === line);
  return those.length === 0 ? undefined : html`${those.map((layer) => layerBlock(layer, nested, depth))}`;
}

function layerBlock(layer: ReviewedLayer, nested: Nested, depth: number): Html {
  const { review, layers, findings } = nested;
  const { number, path } = layer;
  const found = review.excerpts.filter((one) => one.layer === number);
  const lines: readonly Excerpt[] = found.length > 0 ? found : firstLines(path, layer.text, LAYER_LINES);
  const hits = new Set(findings.flatMap(({ inside }) => (inside?.layer === number ? [inside.line] : [])));
  const inner = depth < MOST_DEPTH ? layers.filter(({ parent }) => parent === number) : [];
  const shown = new Set(lines.map(({ line }) => line));
  const elsewhere = inner.filter(({ line }) => !shown.has(line)).map((one) => layerBlock(one, nested, depth + 1));
  const block = codeBlock(`Decoded layer ${number}`, lines, hits, (line) => layersAt(inner, line, nested, depth + 1));
  return html`<div class="layer"><p>Decoded layer ${number} <span class="soft">${layer.kind}, ${count(layer.size, "character")}, ${count(layer.depth, "decoding")} deep</span></p>${block}${elsewhere}</div>`;
}
