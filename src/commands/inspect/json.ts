import { type SourceLine, sourceOf } from "./explain.ts";
import type { Writer, WriterOptions } from "./formats.ts";
import { lineOf, type Result } from "./result.ts";

/** `jsonl`: one line per archive as it is done. `json`: one document with the same objects and the counts, written piece by piece. */
export function jsonWriter(format: "json" | "jsonl", { explain }: WriterOptions): Writer {
  const write = (result: Result) => JSON.stringify(explain ? explained(result) : lineOf(result));
  if (format === "jsonl") return { result: (result) => `${write(result)}\n`, end: () => "" };
  let before = '{"archives":[\n';
  return {
    result(result) {
      const piece = before + write(result);
      before = ",\n";
      return piece;
    },
    end({ counts, ms }) {
      const opening = before.startsWith("{") ? before : "\n";
      return `${opening}],"counts":${JSON.stringify(counts)},"ms":${Math.round(ms)}}\n`;
    },
  };
}

function explained(result: Result) {
  const { because, before, contributions, engine, lockfile } = result;
  return {
    ...lineOf(result),
    contributions,
    account: accountLine(result),
    engine,
    ...(before && { before: { path: before.path, sha256: before.sha256, verdict: before.verdict } }),
    ...(because && { because }),
    ...(lockfile && { lockfile }),
  };
}

/** The account with each finding's own part and source, in the order of `findings`; null where nothing was weighed. */
function accountLine({ account, findings, review }: Result) {
  if (account === undefined) return null;
  const { prior, sum, probability, hold, block } = account;
  const each = findings.map((finding) => ({
    detector: finding.detector,
    ...finding.weighed,
    ...(finding.layer && { layer: finding.layer }),
    source: review === undefined ? [] : sourceOf(finding, review).map(sourceLine),
  }));
  return { prior, sum, probability, hold, block, findings: each };
}

function sourceLine({ line, layer, text }: SourceLine) {
  return { line, ...(layer !== undefined && { layer }), text };
}
