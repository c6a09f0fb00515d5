import { isAbsolute, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding, Severity } from "../../catalog/model.ts";
import { COMPARISONS } from "../../inspection/comparisons/index.ts";
import { DETECTORS } from "../../inspection/detectors/index.ts";
import type { Writer, WriterOptions } from "./formats.ts";
import { NOT_INSPECTED, type Result } from "./result.ts";

/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html): a result for each finding in an archive that is
 * not clean. It stands at the archive, or at the line of the lock file that names it; the member is its logical location.
 */
export function sarifWriter({ version }: WriterOptions): Writer {
  const results: object[] = [];
  return {
    result(result) {
      if (result.verdict !== "clean") results.push(...result.findings.map((finding) => writeResult(result, finding)));
      return "";
    },
    end: () => `${JSON.stringify(writeLog(version, results), null, 1)}\n`,
  };
}

const RULES = [
  ...[...DETECTORS, ...COMPARISONS].map(({ id, title, why, severity }) => ({ id, title, why, severity })),
  {
    id: NOT_INSPECTED,
    title: "The archive could not be inspected",
    why: "What could not be inspected is not known to be harmless.",
    severity: "high" as Severity,
  },
];
const RULE_INDEX = new Map(RULES.map(({ id }, index) => [id, index]));
const LEVELS = { critical: "error", high: "error", medium: "warning", low: "note", info: "note" } as const;

function writeLog(version: string, results: readonly object[]): object {
  const rules = RULES.map(({ id, title, why, severity }) => ({
    id,
    shortDescription: { text: title },
    help: { text: why, markdown: why },
    defaultConfiguration: { level: LEVELS[severity] },
  }));
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "Portcullis", version, rules } }, columnKind: "utf16CodeUnits", results }],
  };
}

function writeResult(result: Result, finding: Finding): object {
  const { detector, severity, path, line, says } = finding;
  const member = path === "" ? "" : `${path}${line === null ? "" : `:${line}`}`;
  const index = RULE_INDEX.get(detector);
  return {
    ruleId: detector,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: LEVELS[severity],
    message: { text: `${result.path}${member === "" ? "" : `, ${member}`}: ${says}` },
    locations: [
      {
        physicalLocation: placeOf(result),
        ...(member === "" ? {} : { logicalLocations: [{ fullyQualifiedName: member, kind: "resource" }] }),
      },
    ],
    partialFingerprints: { "finding/v1": [result.sha256 ?? result.path, detector, path, line ?? ""].join(" ") },
    properties: { verdict: result.verdict, score: result.score, ...(result.sha256 && { sha256: result.sha256 }) },
  };
}

function placeOf({ path, lockfile }: Result): object {
  const uri = uriOf(lockfile?.path ?? path);
  return {
    artifactLocation: { uri },
    ...(lockfile?.line === undefined ? {} : { region: { startLine: lockfile.line } }),
  };
}

/** A file URL for absolute paths, a relative reference for others; package URLs are URIs already. */
function uriOf(path: string): string {
  if (path.startsWith("pkg:")) return path;
  if (isAbsolute(path)) return pathToFileURL(resolve(path)).href;
  return path
    .replace(/^\.[/\\]/, "")
    .split(sep)
    .map(encodeURIComponent)
    .join("/");
}
