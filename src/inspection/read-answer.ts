import type { Finding, Severity, Verdict, VerdictWord, Weighed } from "../catalog/model.ts";
import type { Limits } from "../limits.ts";
import { CORE_METADATA_BYTES } from "./core-metadata.ts";
import { readFingerprint } from "./fingerprint/fingerprint.ts";
import type { FileFact, Inspection, InspectionFacts } from "./model.ts";
import { readReview } from "./read-review.ts";
import { list, matching, number, oneOf, record, text, texts } from "./read-values.ts";
import { FILE_KINDS, PHASES } from "./words.ts";

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
    ...(it["review"] === undefined ? {} : { review: readReview(it["review"]) }),
    ...(it["coreMetadata"] === undefined ? {} : { coreMetadata: coreMetadata(it["coreMetadata"]) }),
  };
}

const WORDS: readonly VerdictWord[] = ["clean", "suspicious", "malicious", "unknown"];
const SEVERITIES: readonly Severity[] = ["info", "low", "medium", "high", "critical"];
const FORMS: readonly InspectionFacts["form"][] = ["sdist", "wheel", "npm", "nupkg", "other"];
const ECOSYSTEMS: readonly InspectionFacts["ecosystem"][] = ["pypi", "npm", "nuget", "unknown"];
const NAME_LENGTH = 300;

function coreMetadata(value: unknown): string {
  const base64 = text(value, Math.ceil(CORE_METADATA_BYTES / 3) * 4, "coreMetadata");
  return matching(base64, /^[A-Za-z0-9+/]+={0,2}$/, "coreMetadata");
}

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
    ...(it["column"] === undefined ? {} : { column: number(it["column"], 1, 2 ** 31, "finding.column") }),
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
    ...(it["fingerprint"] === undefined ? {} : { fingerprint: readFingerprint(it["fingerprint"]) }),
    ...(it["code"] === undefined ? {} : { code: list(it["code"], 1_000, "facts.code").map(fileFact) }),
    ...(it["codeComplete"] === undefined ? {} : { codeComplete: it["codeComplete"] === true }),
    ...(it["hosts"] === undefined
      ? {}
      : { hosts: list(it["hosts"], 300, "facts.hosts").map((host) => text(host, 253, "facts.hosts")) }),
    ...(it["metadataDigest"] === undefined
      ? {}
      : { metadataDigest: matching(it["metadataDigest"], /^sha256:[0-9a-f]{64}$/, "facts.metadataDigest") }),
  };
}

function fileFact(value: unknown): FileFact {
  const it = record(value, "facts.code");
  return {
    place: text(it["place"], 300, "code.place"),
    digest: matching(it["digest"], /^[0-9a-f]{16}$/, "code.digest"),
    size: number(it["size"], 0, 1e13, "code.size"),
    kind: oneOf(it["kind"], FILE_KINDS, "code.kind"),
    phase: oneOf(it["phase"], PHASES, "code.phase"),
    ...(it["dense"] === true && { dense: true }),
  };
}
