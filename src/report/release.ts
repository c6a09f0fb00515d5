import { type Html, html } from "../lib/html.ts";
import { accountTable } from "./account.ts";
import { changesSection } from "./changes.ts";
import { filesSection } from "./files.ts";
import { anchorsOf, findingsSection } from "./findings.ts";
import { manifestSection } from "./manifest.ts";
import type { ReleaseReport } from "./model.ts";
import { count, short, visible } from "./visible.ts";

/** What a reviewer needs of one release, as an article with anchors that begin with `id`. */
export function releaseArticle(report: ReleaseReport, id: string): Html {
  const { path, sha256, verdict, score, because, account, findings, review, before, engine, ms } = report;
  const manifest = review?.manifest;
  const title = manifest && manifest.name !== "" ? `${manifest.name} ${manifest.version}` : path;
  return html`<article id="${id}" aria-labelledby="${id}-title"><h1 id="${id}-title">${short(title)}</h1>
<p class="lead"><span class="word ${verdict}">${verdict}</span>, risk ${score.toFixed(2)}, ${count(findings.length, "finding")}</p>
${because && html`<p>Could not be inspected: ${visible(because)}</p>`}
<dl class="small"><dt>File</dt><dd><code>${short(path)}</code></dd><dt>sha256</dt><dd><code>${sha256 ?? "not known"}</code></dd><dt>Inspected</dt><dd>in ${Math.ceil(ms)} ms by engine <code>${engine}</code></dd></dl>
${account && html`<h2>Why</h2>${accountTable(account, findings, verdict)}`}
<h2>Findings</h2>${findingsSection(findings, review, id)}
${before && html`<h2>What changed</h2>${changesSection(report, before)}`}
${manifest && html`<h2>Manifest</h2>${manifestSection(manifest)}`}
${review && html`<h2>Files</h2>${filesSection(review, findings, anchorsOf(findings, id))}`}</article>`;
}

/** All releases of a run, the worst first, each leading to its article where there is one. */
export function releaseIndex(
  reports: readonly Pick<ReleaseReport, "path" | "verdict" | "score">[],
  ids: readonly (string | undefined)[],
): Html {
  const rows = reports.map(({ path, verdict, score }, at) => {
    const name = html`<code>${short(path)}</code>`;
    const id = ids[at];
    return {
      score,
      row: html`<li><span class="word ${verdict}">${verdict}</span> <span class="soft">${score.toFixed(2)}</span> ${id === undefined ? name : html`<a href="#${id}">${name}</a>`}</li>`,
    };
  });
  const sorted = rows.toSorted((a, b) => b.score - a.score).map(({ row }) => row);
  return html`<nav aria-label="Releases"><h1>${count(reports.length, "release")}</h1><ol>${sorted}</ol></nav>`;
}
