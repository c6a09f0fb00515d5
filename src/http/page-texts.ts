import type { AdvisoryRange, advisoryById } from "../advisories/match.ts";
import type { Decision, EcosystemId, Finding, ListedArtifact } from "../catalog/model.ts";
import type { AssessmentRow, InspectionRow } from "../catalog/verdicts.ts";
import { accountOf } from "../inspection/account.ts";
import { readSurroundings } from "../inspection/assess.ts";
import { type Html, html } from "../lib/html.ts";
import type { Facts } from "../policy/decide.ts";
import { DEFAULT_FEED, defaultUpstream, type Feed, type Feeds } from "../policy/feeds.ts";
import { purlOf } from "../policy/rules.ts";
import { EXCEPTABLE_CODES } from "../policy/ways-through.ts";
import { accountTable } from "../report/account.ts";
import { findingsSection } from "../report/findings.ts";
import { STYLE as REPORT_STYLE } from "../report/style.ts";

/** Everything that explains one artifact's standing on one feed. */
export interface Evidence {
  readonly feed: Feed;
  readonly purl: string;
  readonly artifact: ListedArtifact;
  /** Digest of its bytes; null until they are fetched. */
  readonly sha256: string | null;
  readonly facts: Facts;
  readonly decision: Decision;
  /** What exceptions have to name to let it through; undefined when none can. */
  readonly ways: readonly string[] | undefined;
  readonly assessment: AssessmentRow | undefined;
  readonly inspection: InspectionRow | undefined;
}

/** How one client, or several that read one setting, is pointed at a feed; `{base}` is the feed's URL, `{host}` its host. */
export interface ClientCommand {
  readonly client: string;
  readonly command: string;
  /** What it needs besides where the feed's URL is plain HTTP: to another machine only, or `everywhere`. */
  readonly overHttp?: { readonly command: string; readonly everywhere: boolean };
}

/** How each client is pointed at a feed for its user, by ecosystem. */
export const CLIENT_COMMANDS: Readonly<Record<EcosystemId, readonly ClientCommand[]>> = {
  pypi: [
    {
      client: "pip",
      command: "pip config set global.index-url {base}/simple/",
      overHttp: { command: "pip config set global.trusted-host {host}", everywhere: false },
    },
    { client: "uv", command: "export UV_DEFAULT_INDEX={base}/simple/" },
    { client: "poetry", command: "poetry source add --priority=primary portcullis {base}/simple/" },
    {
      client: "pdm",
      command: "pdm config pypi.url {base}/simple/",
      overHttp: { command: "pdm config pypi.verify_ssl false", everywhere: false },
    },
  ],
  npm: [
    { client: "npm, bun, deno", command: "npm config set registry {base}/" },
    { client: "pnpm", command: "pnpm config set registry {base}/" },
    { client: "yarn 1", command: "yarn config set registry {base}/" },
    {
      client: "yarn 4",
      command: "yarn config set --home npmRegistryServer {base}",
      overHttp: { command: `yarn config set --home unsafeHttpWhitelist --json '["{host}"]'`, everywhere: true },
    },
  ],
  nuget: [
    {
      client: "dotnet, nuget.exe",
      command: "dotnet nuget add source {base}/v3/index.json --name portcullis",
      overHttp: { command: "--allow-insecure-connections", everywhere: true },
    },
  ],
};

/** The command for a feed at `base`, with what plain HTTP needs besides. */
export function commandAt({ command, overHttp }: ClientCommand, base: string): string {
  const { protocol, hostname } = new URL(base);
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  const needs = protocol === "http:" && overHttp !== undefined && (overHttp.everywhere || !isLocal);
  const more = !needs ? "" : overHttp.command.startsWith("-") ? ` ${overHttp.command}` : ` && ${overHttp.command}`;
  return (command + more).replaceAll("{base}", base).replaceAll("{host}", hostname);
}

/** The page at the server's root: where each client has to point. */
export function startPage(root: string, feeds: Feeds): Html {
  const rows = feeds.all.map((feed) => {
    const base = `${root}${feed.name === DEFAULT_FEED ? "" : `/f/${feed.name}`}/${feed.ecosystem}`;
    const commands = CLIENT_COMMANDS[feed.ecosystem].map(
      (one) => html`<li>${one.client}: <code>${commandAt(one, base)}</code></li>`,
    );
    const upstream = defaultUpstream(feed)?.name ?? "no upstream";
    return html`<tr><th>${feed.id}</th><td><code>${base}/</code><ul>${commands}</ul></td><td>${feed.policy.mode}, ${upstream}</td></tr>`;
  });
  return page(
    "Portcullis",
    html`<h1>Portcullis</h1>
<p>Every release is inspected before it can be installed from here.</p>
<table><thead><tr><th>Feed</th><th>Address and how to point a client at it</th><th>Mode</th></tr></thead><tbody>${rows}</tbody></table>
<p><a href="/api/v1/openapi.json">API description</a> · <a href="/metrics">metrics</a></p>`,
  );
}

/** The page behind the link in a refusal. */
export function evidencePage(evidence: Evidence): Html {
  const { purl, artifact, sha256, decision, feed, facts, inspection } = evidence;
  const findings = findingsOf(evidence);
  return page(
    `${decision.state}: ${purl}`,
    html`<h1><span class="state ${decision.state}">${decision.state}</span> ${purl}</h1>
<p class="lead">${decision.sentence}</p>
${decision.until !== undefined && html`<p>This ends by itself at ${time(decision.until)}.</p>`}
<dl>
<dt>File</dt><dd>${artifact.filename}</dd>
<dt>sha256</dt><dd><code>${sha256 ?? "not fetched yet"}</code></dd>
<dt>Feed</dt><dd>${feed.id}, mode ${feed.policy.mode}, policy <code>${feed.policyHash.slice(0, 12)}</code></dd>
<dt>Reason</dt><dd><code>${decision.code}</code></dd>
<dt>Published</dt><dd>${artifact.publishedAt === undefined ? "not known" : time(artifact.publishedAt)}</dd>
<dt>Inspected</dt><dd>${inspection ? html`${time(inspection.at)} by engine <code>${inspection.engine}</code> in ${Math.ceil(inspection.ms)} ms` : "not yet"}</dd>
${exceptionsOf(facts)}
</dl>
${siblingSection(evidence)}
${verdictSection(evidence, findings)}
${advisorySection(facts)}
${inspection && findingsPart(evidence, findings)}
${wayThroughSection(evidence)}`,
  );
}

/** The page of an advisory that has no address of its own: `npm audit` and its like print a link for each. */
export function advisoryPage(concerned: ReturnType<typeof advisoryById>): Html {
  const { id, kind, severity, source, title, publishedAt, modifiedAt, url } = concerned[0]!;
  const rows = concerned.map(
    ({ ecosystem, name, versions, ranges }) =>
      html`<tr><th>${purlOf(ecosystem, name)}</th><td>${versionsText(versions, ranges)}</td></tr>`,
  );
  return page(
    id,
    html`<h1>${id}</h1>
<p class="lead">${title}</p>
<dl>
<dt>Says</dt><dd>${kind === "malicious" ? "malware: treat a machine that installed it as compromised" : `vulnerable, ${severity}`}</dd>
<dt>List</dt><dd>${source}</dd>
<dt>Published</dt><dd>${time(publishedAt)}</dd>
<dt>Changed</dt><dd>${time(modifiedAt)}</dd>
${url !== "" && html`<dt>More</dt><dd><code>${url}</code></dd>`}
</dl>
<table><thead><tr><th>Project</th><th>Versions</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

/** Versions that the page of an advisory spells out for a project. */
const MOST_VERSIONS = 100;

function versionsText(versions: readonly string[], ranges: readonly AdvisoryRange[]): string {
  const spans = ranges.map(({ introduced, fixed, lastAffected }) => {
    const from = introduced === "0" ? "all" : `from ${introduced}`;
    return (
      from + (fixed !== undefined ? ` before ${fixed}` : lastAffected !== undefined ? ` up to ${lastAffected}` : "")
    );
  });
  const all = [...spans, ...versions];
  const more = all.length - MOST_VERSIONS;
  return all.slice(0, MOST_VERSIONS).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function exceptionsOf({ exceptions }: Facts): Html {
  if (exceptions.length === 0) return html``;
  const all = exceptions.map(
    ({ id, detector, expiresAt }) => html`<li>${id}: <code>${detector}</code>, until ${time(expiresAt)}</li>`,
  );
  return html`<dt>Exceptions in force</dt><dd><ul>${all}</ul></dd>`;
}

/** What is malicious may be another file of the release; its page has the findings. */
function siblingSection({ decision, facts }: Evidence): Html {
  const { sibling } = facts;
  if (decision.code !== "malicious" || !sibling || !decision.sentence.includes(sibling.filename)) return html``;
  return html`<p>What was found is on the page of <a href="${encodeURIComponent(sibling.filename)}">${sibling.filename}</a>.</p>`;
}

function verdictSection({ assessment }: Evidence, findings: readonly Finding[]): Html {
  if (!assessment) return html``;
  const { verdict } = assessment;
  const { word, score, because, contributions } = verdict;
  const account = accountOf(verdict, findings);
  const rows = contributions.map(
    ({ detector, points }) =>
      html`<tr><td><code>${detector}</code></td><td class="number">${points.toFixed(2)}</td></tr>`,
  );
  const table =
    rows.length > 0 &&
    html`<table><thead><tr><th>Detector</th><th class="number">Points (log-odds)</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<h2>Verdict: ${word}, risk ${score.toFixed(2)}</h2>
${because !== undefined && html`<p>${because}</p>`}
${account ? accountTable(account, findings, word) : table}`;
}

/** What inspection saw in the file, and what comparisons saw round it. */
function findingsOf({ inspection, assessment }: Evidence): readonly Finding[] {
  return [...(inspection?.findings ?? []), ...(assessment ? readSurroundings(assessment).findings : [])];
}

function findingsPart(evidence: Evidence, findings: readonly Finding[]): Html {
  const { feed, purl, artifact, assessment } = evidence;
  const before = assessment && readSurroundings(assessment).before;
  const target = feed.ecosystem === "pypi" ? `${purl}?file_name=${encodeURIComponent(artifact.filename)}` : purl;
  return html`<h2>Findings</h2>
${before !== undefined && html`<p>It was compared with version ${before}.</p>`}
${findingsSection(findings, undefined, "evidence")}
<p>To see them on their lines, with decoded layers and all files, write the page for reviewers:</p>
<pre>portcullis inspect --format html --output review.html '${target}'</pre>`;
}

function advisorySection(facts: Facts): Html {
  const advisories = facts.advisories.map(
    ({ id, kind, severity, source }) => html`<li>${id}: ${kind}, ${severity} (${source})</li>`,
  );
  const urls = facts.blockedUrls.map(({ source, indicator }) => html`<li><code>${indicator}</code> (${source})</li>`);
  if (advisories.length + urls.length === 0) return html``;
  return html`<h2>Advisories and block lists</h2><ul>${advisories}${urls}</ul>`;
}

/** Detectors that are named one by one; for more of them an exception names all. */
const MOST_NAMED = 4;

function wayThroughSection({ ways, purl, feed }: Evidence): Html {
  if (ways?.length === 0) return html``;
  const title = html`<h2>If this is wrong</h2>`;
  if (!ways)
    return html`${title}<p>No exception lets this file through: a rule of the policy denies it, or its bytes are not those that they have to be.</p>`;
  const [codes, detectors] = [
    ways.filter((one) => EXCEPTABLE_CODES.has(one)),
    ways.filter((one) => !EXCEPTABLE_CODES.has(one)),
  ];
  const named = [...(detectors.length > MOST_NAMED ? ["'*'"] : detectors), ...codes];
  const commands = named.map(
    (one) => `portcullis exceptions add '${purl}' --feed ${feed.name} --detector ${one} --expires 30d --reason 'why'`,
  );
  const each = named.length > 1 ? " Each of these withholds it, so that all have to be excepted:" : ":";
  return html`${title}
<p>An administrator can let this one version through for a time, with a reason that is recorded${named.length > 1 && "."}${each}</p>
<pre>${commands.join("\n")}</pre>`;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What these pages have beside what reports have. */
const STYLE = `${REPORT_STYLE}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.6rem .75rem;border:1px solid var(--line);border-radius:6px;background:var(--pane)}
tbody th{white-space:nowrap}.lead{overflow-wrap:anywhere}.state{padding:.05rem .5rem;border-radius:4px;border:1px solid currentColor;color:var(--soft)}.state.blocked{color:var(--malicious)}.state.held{color:var(--suspicious)}.state.visible{color:var(--clean)}`;

function page(title: string, body: Html): Html {
  return html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${raw(STYLE)}</style></head><body>${body}</body></html>`;
}

function raw(text: string): Html {
  return html([text] as unknown as TemplateStringsArray);
}
