import type { Finding, Phase, Severity, Verdict, VerdictWord, Weighed } from "../catalog/model.ts";
import type { Limits } from "../limits.ts";
import type { Inspection, InspectionFacts } from "./model.ts";

/** Bytes of one answer; an honest one at the default limits stays below half of it. */
export const ANSWER_BYTES = 4 << 20;

/**
 * An inspection as an inspector process tells it, every member checked: that process has read hostile bytes and is not believed
 * in anything but its opinion. Throws a TypeError that names the first member that is wrong.
 */
export function readInspection(value: unknown, limits: Pick<Limits, "findings" | "pathLength">): Inspection {
  const it = record(value, "inspection");
  return {
    sha256: matching(it["sha256"], /^[0-9a-f]{64}$/, "sha256"),
    engine: text(it["engine"], 100, "engine"),
    findings: list(it["findings"], limits.findings, "findings").map((one) => finding(one, limits)),
    facts: it["facts"] === undefined ? undefined : facts(it["facts"]),
    verdict: verdict(it["verdict"]),
    ms: number(it["ms"], 0, 1e9, "ms"),
  };
}

const WORDS: readonly VerdictWord[] = ["clean", "suspicious", "malicious", "unknown"];
const SEVERITIES: readonly Severity[] = ["info", "low", "medium", "high", "critical"];
const PHASES: readonly Phase[] = ["install", "start", "import", "call", "none"];
const FORMS: readonly InspectionFacts["form"][] = ["sdist", "wheel", "npm", "nupkg", "other"];
const ECOSYSTEMS: readonly InspectionFacts["ecosystem"][] = ["pypi", "npm", "nuget", "unknown"];
const NAME_LENGTH = 300;
const FACT_LENGTH = 64 << 10;
const FACTS_OF_A_KIND = 20_000;

function finding(value: unknown, limits: Pick<Limits, "pathLength">): Finding {
  const it = record(value, "finding");
  return {
    detector: matching(it["detector"], /^[a-z0-9][a-z0-9-]{0,99}$/, "finding.detector"),
    severity: oneOf(it["severity"], SEVERITIES, "finding.severity"),
    // Paths of nested archives are joined, so several may stand in a row.
    path: text(it["path"], limits.pathLength * 4, "finding.path"),
    line: it["line"] === null ? null : number(it["line"], 1, 2 ** 31, "finding.line"),
    says: text(it["says"], 300, "finding.says"),
    ...(it["layer"] === undefined ? {} : { layer: number(it["layer"], 0, 1000, "finding.layer") }),
    ...(it["inside"] === undefined ? {} : { inside: inside(it["inside"]) }),
    ...(it["weighed"] === undefined ? {} : { weighed: weighed(it["weighed"]) }),
  };
}

function inside(value: unknown): NonNullable<Finding["inside"]> {
  const { layer, line } = record(value, "finding.inside");
  return { layer: number(layer, 1, 1e6, "inside.layer"), line: number(line, 1, 2 ** 31, "inside.line") };
}

function weighed(value: unknown): Weighed {
  const it = record(value, "finding.weighed");
  return {
    phase: oneOf(it["phase"], PHASES, "weighed.phase"),
    share: number(it["share"], 0, 1, "weighed.share"),
    worth: number(it["worth"], -1e6, 1e6, "weighed.worth"),
    points: number(it["points"], -1e6, 1e6, "weighed.points"),
  };
}

function verdict(value: unknown): Verdict {
  const it = record(value, "verdict");
  const word = oneOf(it["word"], WORDS, "verdict.word");
  return {
    word,
    score: number(it["score"], 0, 1, "verdict.score"),
    ...(word === "unknown" ? { because: text(it["because"], 2_000, "verdict.because") } : {}),
    contributions: list(it["contributions"], 2_000, "contributions").map((one) => {
      const { detector, points } = record(one, "contribution");
      return { detector: text(detector, 100, "detector"), points: number(points, -1e6, 1e6, "points") };
    }),
    ...(it["scale"] === undefined ? {} : { scale: scale(it["scale"]) }),
  };
}

function scale(value: unknown): NonNullable<Verdict["scale"]> {
  const { prior, hold, block } = record(value, "scale");
  return {
    prior: number(prior, -1e3, 1e3, "scale.prior"),
    hold: number(hold, 0, 1, "scale.hold"),
    block: number(block, 0, 1, "scale.block"),
  };
}

function facts(value: unknown): InspectionFacts {
  const it = record(value, "facts");
  return {
    form: oneOf(it["form"], FORMS, "facts.form"),
    ecosystem: oneOf(it["ecosystem"], ECOSYSTEMS, "facts.ecosystem"),
    ...(it["name"] === undefined ? {} : { name: text(it["name"], NAME_LENGTH, "facts.name") }),
    ...(it["version"] === undefined ? {} : { version: text(it["version"], NAME_LENGTH, "facts.version") }),
    hooks: texts(it["hooks"], "facts.hooks"),
    dependencies: texts(it["dependencies"], "facts.dependencies"),
    urls: list(it["urls"], 500, "facts.urls").map((url) => text(url, 4_096, "facts.urls")),
    files: number(it["files"], 0, 1e9, "facts.files"),
    unpackedBytes: number(it["unpackedBytes"], 0, 1e13, "facts.unpackedBytes"),
  };
}

function texts(value: unknown, what: string): Readonly<Record<string, string>> {
  const entries = Object.entries(record(value, what));
  if (entries.length > FACTS_OF_A_KIND) throw new TypeError(`${what}: too many`);
  return Object.fromEntries(entries.map(([key, one]) => [text(key, FACT_LENGTH, what), text(one, FACT_LENGTH, what)]));
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(`${what}: no object`);
  return value as Record<string, unknown>;
}

function list(value: unknown, most: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new TypeError(`${what}: no list of at most ${most}`);
  return value;
}

function text(value: unknown, most: number, what: string): string {
  if (typeof value !== "string" || value.length > most) throw new TypeError(`${what}: no text of at most ${most}`);
  return value;
}

function matching(value: unknown, pattern: RegExp, what: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw new TypeError(`${what}: malformed`);
  return value;
}

function number(value: unknown, least: number, most: number, what: string): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) throw new TypeError(`${what}: out of range`);
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  if (!allowed.includes(value as T)) throw new TypeError(`${what}: not one of ${allowed.join(", ")}`);
  return value as T;
}
