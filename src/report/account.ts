import type { Finding, VerdictWord } from "../catalog/model.ts";
import { type Account, lessThanWorth } from "../inspection/account.ts";
import { type Html, html } from "../lib/html.ts";
import { short, signed } from "./visible.ts";

/** When code runs, in words. */
export const RUNS = {
  install: "when it is installed",
  start: "when an interpreter or tool starts",
  import: "when it is imported",
  call: "when it is called",
  none: "only if something else runs it",
} as const;

/** The sum that makes a verdict, so that a reader can check it: prior, what each finding brought, the tiers. */
export function accountTable(account: Account, findings: readonly Finding[], verdict: VerdictWord): Html {
  const { prior, sum, probability, hold, block, entries } = account;
  const rows = entries.map((entry) => {
    const finding = entry.finding === undefined ? undefined : findings[entry.finding];
    const less = lessThanWorth(entry);
    return html`<tr><td class="number">${signed(entry.points)}</td><td><code>${entry.detector}</code>${less && html`<br><span class="soft small">${less}</span>`}</td><td>${
      finding &&
      html`${placeOf(finding)} <span class="soft small">${finding.weighed && finding.weighed.phase !== "none" && RUNS[finding.weighed.phase]}</span>`
    }</td></tr>`;
  });
  return html`<table><thead><tr><th class="number">Log-odds</th><th>From</th><th>Strongest finding</th></tr></thead><tbody>
<tr><td class="number">${signed(prior)}</td><td>prior</td><td class="soft">what any release has</td></tr>${rows}
<tr class="sum"><td class="number">${signed(sum)}</td><td>sum</td><td>a probability of ${probability.toFixed(3)}: <span class="word ${verdict}">${verdict}</span></td></tr></tbody></table>
<p class="soft small">Suspicious from a probability of ${hold} (${signed(logOdds(hold))}), malicious from ${block} (${signed(logOdds(block))}). A detector counts once, by its strongest finding; of several that see one behaviour the strongest counts fully; what code merely can do, and what merely changed, never suffices.</p>`;
}

/** File and line of a finding. */
export function placeOf({ path, line }: Finding): Html {
  if (path === "") return html`<span class="soft">the release</span>`;
  return html`<code>${short(path)}${line === null ? "" : `:${line}`}</code>`;
}

function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability));
}
