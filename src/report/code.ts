import type { Excerpt } from "../inspection/model.ts";
import { type Html, html } from "../lib/html.ts";
import { visible } from "./visible.ts";

/** What stands below a line: the layers that were decoded from it. */
export type Below = (line: number) => Html | undefined;

/** Lines of source with their numbers, gaps between them, and those with findings marked. A region that keyboards can scroll. */
export function codeBlock(label: string, lines: readonly Excerpt[], hits: ReadonlySet<number>, below?: Below): Html {
  const rows = lines.map((excerpt, at) => {
    const last = lines[at - 1];
    const gap = last !== undefined && excerpt.line > last.line + 1;
    const under = lines[at + 1]?.line === excerpt.line ? undefined : below?.(excerpt.line);
    return html`${gap && html`<div class="gap" aria-hidden="true">⋯</div>`}${codeLine(excerpt, hits.has(excerpt.line) ? "hit" : "")}${under}`;
  });
  return html`<div class="code" role="region" tabindex="0" aria-label="${label}">${rows}</div>`;
}

function codeLine({ line, before, text, after }: Excerpt, kind: string): Html {
  const from = before > 0 && html`<span class="soft small">…${before} characters… </span>`;
  const rest = after > 0 && html`<span class="soft small"> …${after} characters…</span>`;
  return html`<div class="l ${kind}"><span>${line}</span><code>${from}${visible(text)}${rest}</code></div>`;
}

/** A text's beginning as numbered lines, each cut. */
export function firstLines(path: string, text: string, most: number): readonly Excerpt[] {
  return text
    .replace(/\n$/, "")
    .split("\n", most)
    .map((line, at) => {
      const shown = line.slice(0, LINE);
      return { path, line: at + 1, before: 0, text: shown, after: line.length - shown.length };
    });
}

/** Characters of one line that a page shows. */
export const LINE = 240;
