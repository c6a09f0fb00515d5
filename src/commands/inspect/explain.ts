import type { Finding } from "../../catalog/model.ts";
import { type Account, type AccountEntry, lessThanWorth } from "../../inspection/account.ts";
import type { Excerpt, Review } from "../../inspection/model.ts";
import { printable } from "../../inspection/run-detectors.ts";
import type { Result } from "./result.ts";

/** One line of source as a terminal may show it. */
export interface SourceLine {
  readonly line: number;
  /** Number of the decoded layer; absent for the file as it is. */
  readonly layer?: number;
  readonly text: string;
}

const SOURCE = 160;
const MOST_LINES = 3;
const INDENT = " ".repeat(13);

/** The lines that a finding names: of the file, and of the decoded layer where it lies in one. Control and invisible characters are escaped, long lines cut. */
export function sourceOf({ path, line, inside, column }: Finding, review: Review): readonly SourceLine[] {
  if (line === null) return [];
  const own = review.excerpts.filter((one) => one.path === path && one.layer === undefined && one.line === line);
  const inner = inside && review.excerpts.filter((one) => one.layer === inside.layer && one.line === inside.line);
  const near = (ones: readonly Excerpt[], at: number | undefined) =>
    ones.toSorted((a, b) => distance(a, at) - distance(b, at)).slice(0, 1);
  return [...near(own, inside ? undefined : column), ...near(inner ?? [], column)].map(sourceLine);
}

/** How far the column lies outside of the excerpt. */
function distance({ before, text }: Excerpt, column = 1): number {
  return Math.max(before + 1 - column, column - before - text.length, 0);
}

function sourceLine({ line, layer, before, text, after }: Excerpt): SourceLine {
  const shown = printable(`${before > 0 ? "…" : ""}${text.replaceAll("\t", "  ")}${after > 0 ? "…" : ""}`, SOURCE);
  return { line, ...(layer !== undefined && { layer }), text: before > 0 ? shown : shown.trimStart() };
}

/** What stands below a finding: what it brought, and its source. */
export function explainFinding(finding: Finding, review: Review | undefined): string[] {
  const lines = review === undefined ? [] : sourceOf(finding, review).slice(0, MOST_LINES);
  return [
    ...(finding.weighed ? [INDENT + broughtBy(finding.weighed)] : []),
    ...lines.map(({ line, layer, text }) => {
      const where = layer === undefined ? `${line}` : `decoded layer ${layer}, ${line}`;
      return `${INDENT}${where} | ${text}`;
    }),
  ];
}

function broughtBy({ points, worth, phase, share }: NonNullable<Finding["weighed"]>): string {
  const part = share < 1 ? `, ${Math.round(share * 100)} % of its detector's points` : "";
  if (points === 0)
    return `${signed(0)}: worth ${worth.toFixed(2)} (${RUNS[phase]}${part}), but its detector counts once`;
  return `${signed(points)} (${RUNS[phase]}${part})`;
}

/** When the code runs, in words. */
const RUNS = {
  install: "runs when it is installed",
  start: "runs when an interpreter or tool starts",
  import: "runs when it is imported",
  call: "runs when it is called",
  none: "runs only if something else runs it",
} as const;

/** The account as a sum that a reader can check. */
export function explainAccount({ account, findings, verdict, engine, ms }: Result): string[] {
  const foot = `    engine ${engine}, ${ms} ms`;
  if (account === undefined) return [foot];
  const { prior, sum, probability, hold, block } = account;
  return [
    "    account, in log-odds:",
    `      ${signed(prior)}  prior: what any release has`,
    ...account.entries.map((entry) => `      ${signed(entry.points)}  ${entry.detector}${placeOf(entry, findings)}`),
    `      ${signed(sum)}  sum, a probability of ${probability.toFixed(3)}: ${tierOf(account, verdict)}`,
    `    suspicious from ${hold} (${signed(logOdds(hold)).trim()}), malicious from ${block} (${signed(logOdds(block)).trim()})`,
    foot,
  ];
}

function placeOf(entry: AccountEntry, findings: readonly Finding[]): string {
  const finding = entry.finding === undefined ? undefined : findings[entry.finding];
  const place = finding ? `  ${printable(finding.path, 300)}${finding.line === null ? "" : `:${finding.line}`}` : "";
  const less = lessThanWorth(entry);
  return `${place}${less === undefined ? "" : `  (${less})`}`;
}

function tierOf({ probability, hold, block }: Account, verdict: Result["verdict"]): string {
  const tier = probability >= block ? "malicious" : probability >= hold ? "suspicious" : "clean";
  return tier === verdict ? tier : `${tier} by its findings, ${verdict} all the same`;
}

function signed(points: number): string {
  return `${points < 0 ? "-" : "+"}${Math.abs(points).toFixed(2)}`.padStart(6);
}

function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability));
}
