import type { ReviewedManifest } from "../inspection/model.ts";
import { type Html, html } from "../lib/html.ts";
import { short } from "./visible.ts";

/** Longer lists are folded. */
const SHOWN = 12;

/** What the manifest says that decides what installing and importing run. Addresses are text: nothing leads to what a package names. */
export function manifestSection(manifest: ReviewedManifest): Html {
  const { path, name, version, description, homepage, repository, authors, hooks, dependencies, entryPoints } =
    manifest;
  return html`<dl><dt>Read from</dt><dd><code>${short(path)}</code></dd>
<dt>Name, version</dt><dd>${short(name)} ${short(version)}</dd>
${description && html`<dt>Description</dt><dd>${short(description, 500)}</dd>`}
${authors.length > 0 && html`<dt>Authors</dt><dd>${short(authors.join(", "), 500)}</dd>`}
${homepage && html`<dt>Homepage</dt><dd><code>${short(homepage)}</code></dd>`}
${repository && html`<dt>Repository</dt><dd><code>${short(repository)}</code></dd>`}
<dt>Installing runs</dt><dd>${pairs(hooks, "nothing of its own")}</dd>
<dt>Entry points</dt><dd>${pairs(entryPoints, "none named")}</dd>
<dt>Needs</dt><dd>${pairs(dependencies, "nothing")}</dd></dl>`;
}

function pairs(facts: Readonly<Record<string, string>>, none: string): Html {
  const entries = Object.entries(facts);
  if (entries.length === 0) return html`<span class="soft">${none}</span>`;
  const items = entries.map(
    ([key, value]) => html`<li><code>${short(key, 200)}</code> <span class="soft">${short(value, 300)}</span></li>`,
  );
  const list = html`<ul class="plain">${items}</ul>`;
  if (entries.length <= SHOWN) return list;
  return html`<details><summary class="small">${entries.length} entries</summary>${list}</details>`;
}
