import type { FalsePositives, Recall, Times } from "./figures.ts";
import type { Robustness, RobustnessReport } from "./robustness.ts";

export interface ScannerReport {
  /** Scanner with its exact version or engine. */
  readonly name: string;
  /** `absent`: samples that the git store lacks. */
  readonly recall?: Recall & { readonly absent: number };
  /** Present when recall under obfuscations was asked for. */
  readonly robustness?: RobustnessReport;
  readonly falsePositives: Readonly<Record<string, FalsePositives>>;
  /** Milliseconds per archive and set. */
  readonly times: Readonly<Record<string, Times>>;
}

export interface Report {
  /** Archives taken of each campaign. */
  readonly perCampaign: string;
  readonly scanners: readonly ScannerReport[];
  readonly notes: readonly string[];
}

export function writeText({ perCampaign, scanners, notes }: Report): string {
  const parts = scanners.map((scanner) =>
    [
      scanner.name,
      ...writeRecall(scanner, perCampaign),
      ...writeRobustness(scanner, perCampaign),
      ...writeRates(scanner),
      ...writeTimes(scanner),
      "",
    ].join("\n"),
  );
  return [...parts, ...notes, ""].join("\n");
}

function writeRecall({ recall }: ScannerReport, perCampaign: string): string[] {
  if (recall === undefined) return [];
  const { hold, block, archives, campaigns, unknown, absent, strata } = recall;
  const tier = (name: string, { perCampaign, standardError, perArchive }: Recall["hold"]) =>
    `    ${name.padEnd(6)} ${percent(perCampaign)} of campaigns (+-${(standardError * 100).toFixed(1)}), ${percent(perArchive)} of archives`;
  return [
    `  recall on malware (train list without inert ones, ${perCampaign} per campaign): ${archives} archives of ${campaigns} campaigns, ${unknown} unknown, ${absent} not in the store`,
    tier("hold", hold),
    tier("block", block),
    ...Object.entries(strata).map(
      ([name, { campaigns, hold }]) => `      ${name.padEnd(16)} ${percent(hold)} of ${campaigns} campaigns at hold`,
    ),
  ];
}

function writeRobustness({ robustness }: ScannerReport, perCampaign: string): string[] {
  if (robustness === undefined) return [];
  const { archives, campaigns, obfuscations } = robustness;
  const change = ({ before, after, lost }: Robustness["hold"]) =>
    `${percent(before)} -> ${percent(after)}, ${lost.toFixed(1)} points lost`;
  return [
    `  recall under obfuscation (train list without inert ones, ${perCampaign} per campaign): ${archives} archives of ${campaigns} campaigns`,
    ...obfuscations.map(({ name, hold, block, unknown }) => {
      return `    ${name.padEnd(8)} hold ${change(hold)}; block ${change(block)}; ${unknown} unknown`;
    }),
  ];
}

function writeRates({ falsePositives }: ScannerReport): string[] {
  const lines = Object.entries(falsePositives).map(([set, { archives, hold, block, unknown, missing }]) => {
    const rate = ({ count, share, atMost }: FalsePositives["hold"]) =>
      `${count} (${percent(share)}, at most ${percent(atMost)})`;
    const gone = missing > 0 ? `; ${missing} locked ones missing` : "";
    return `    ${set}: of ${archives} held ${rate(hold)}, blocked ${rate(block)}, unknown ${unknown.count}${gone}`;
  });
  return lines.length > 0
    ? ["  false positives on benign archives (with the upper end of the 95 % interval)", ...lines]
    : [];
}

function writeTimes({ times }: ScannerReport): string[] {
  const lines = Object.entries(times).map(([set, { p50, p95, p99, max }]) => {
    return `    ${set}: p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(0)}, p99 ${p99.toFixed(0)}, longest ${max.toFixed(0)}`;
  });
  return lines.length > 0 ? ["  milliseconds per archive", ...lines] : [];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;
}
