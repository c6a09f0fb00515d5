import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DETECTORS } from "../src/inspection/detectors/index.ts";
import { judge } from "../src/inspection/judge.ts";
import { WEIGHTS, type Weights } from "../src/inspection/weights.ts";
import { isBlocked, isHeld, type Judged } from "./figures.ts";
import { fitPoints, type Row, type Seen } from "./fit.ts";

const POINTS = join(import.meta.dirname, "..", "src", "inspection", "points.ts");
/** What all harmless archives count together, with all campaigns as 1: a release held without cause costs more than one missed. */
const HARMLESS = 6;

interface Line {
  readonly set: string;
  readonly path: string;
  readonly campaign?: string;
  readonly evidence?: readonly Seen[];
}

/**
 * Fits the points anew on a details file of the evaluation (`--details`), writes them to src/inspection/points.ts and says what the
 * verdicts on the same archives were and become; the last figure leaves each campaign out of the fit that judges it.
 */
export function refit(detailsFile: string): string {
  const lines = readFileSync(detailsFile, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const rows = weighed(lines.filter(({ set, evidence }) => set !== "guarddog" && evidence !== undefined));
  const proposed: Weights = { ...WEIGHTS, points: {} };
  const points = fitPoints(rows, DETECTORS, proposed);
  writeFileSync(POINTS, sourceOf(points));
  const fitted = { ...WEIGHTS, points };
  return [
    `fitted on ${rows.filter(({ campaign }) => campaign !== undefined).length} archives of malware and ${rows.filter(({ campaign }) => campaign === undefined).length} harmless ones`,
    `  points as proposed     ${figures(rows, () => proposed)}`,
    `  points as they were    ${figures(rows, () => WEIGHTS)}`,
    `  points as fitted       ${figures(rows, () => fitted)}`,
    `  each campaign left out ${figures(rows, leavingOut(rows, proposed))}`,
    ...Object.entries(points).map(([id, value]) => `    ${id}: ${proposedPoints(id)} -> ${value}`),
    "",
  ].join("\n");
}

/** Campaigns count alike, however many archives they have; so do all harmless archives. */
function weighed(lines: readonly Line[]): readonly Row[] {
  const campaigns = Map.groupBy(lines, ({ campaign }) => campaign);
  const harmless = campaigns.get(undefined)?.length ?? 0;
  return lines.map(({ campaign, evidence = [] }) => ({
    evidence,
    ...(campaign === undefined ? {} : { campaign }),
    weight:
      campaign === undefined ? HARMLESS / harmless : 1 / (campaigns.size - 1) / (campaigns.get(campaign)?.length ?? 1),
  }));
}

function leavingOut(rows: readonly Row[], proposed: Weights): (row: Row) => Weights {
  const known = new Map<string | undefined, Weights>();
  return ({ campaign }) => {
    let weights = known.get(campaign);
    if (weights === undefined) {
      const rest = campaign === undefined ? rows : rows.filter((row) => row.campaign !== campaign);
      weights = { ...proposed, points: fitPoints(rest, DETECTORS, proposed) };
      known.set(campaign, weights);
    }
    return weights;
  };
}

/** Shares of campaigns found and of harmless archives withheld, by the judge itself. */
function figures(rows: readonly Row[], weightsFor: (row: Row) => Weights): string {
  const judged = rows.map((row) => ({ row, one: judgedOf(row, weightsFor(row)) }));
  const campaigns = [...Map.groupBy(judged, ({ row }) => row.campaign)].filter(([name]) => name !== undefined);
  const found = (is: (one: Judged) => boolean) =>
    campaigns.reduce((sum, [, all]) => sum + all.filter(({ one }) => is(one)).length / all.length, 0) /
    Math.max(1, campaigns.length);
  const harmless = judged.filter(({ row }) => row.campaign === undefined);
  const wrong = (is: (one: Judged) => boolean) => harmless.filter(({ one }) => is(one)).length;
  return `campaigns held ${percent(found(isHeld))}, blocked ${percent(found(isBlocked))}; harmless held ${wrong(isHeld)}, blocked ${wrong(isBlocked)}`;
}

function judgedOf({ evidence }: Row, weights: Weights): Judged {
  const found = evidence.map(({ detector, phase, share }) => ({
    finding: { detector, severity: "high" as const, path: "", line: null, says: "" },
    phase,
    share,
  }));
  return { path: "", word: judge(found, [], DETECTORS, weights).word, ms: 0 };
}

function proposedPoints(id: string): number {
  return DETECTORS.find((detector) => detector.id === id)?.points ?? 0;
}

function sourceOf(points: Readonly<Record<string, number>>): string {
  const entries = Object.entries(points).map(([id, value]) => `  ${JSON.stringify(id)}: ${value},\n`);
  const body = entries.length === 0 ? "{}" : `{\n${entries.join("")}}`;
  const head = readFileSync(POINTS, "utf8").split("export const")[0]!;
  return `${head}export const POINTS: Readonly<Record<string, number>> = ${body};\n`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
