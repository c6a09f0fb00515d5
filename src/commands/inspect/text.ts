import { styleText } from "node:util";
import type { Finding, VerdictWord } from "../../catalog/model.ts";
import { printable } from "../../inspection/run-detectors.ts";
import { writeDuration } from "../../lib/duration.ts";
import { explainAccount, explainFinding } from "./explain.ts";
import type { Summary, Writer, WriterOptions } from "./formats.ts";
import { NOT_INSPECTED, type Result } from "./result.ts";

const COLOURS = { clean: "green", suspicious: "yellow", malicious: "red", unknown: "magenta" } as const;
const ORDER: readonly VerdictWord[] = ["malicious", "unknown", "suspicious", "clean"];
const LINE = 1_000;

/** For people: one line per archive, what was found below it, counts at the end. */
export function textWriter({ explain, isColoured }: WriterOptions): Writer {
  const paint = (word: VerdictWord, text: string) =>
    isColoured ? styleText(COLOURS[word], text, { validateStream: false }) : text;
  return {
    result(result) {
      const head = `${paint(result.verdict, result.verdict.padEnd(10))} ${result.score.toFixed(2)}  ${printable(result.path, LINE)}`;
      const details = explain || result.before || result.verdict !== "clean" ? detailsOf(result, explain) : [];
      const account = explain ? explainAccount(result) : [];
      return [head, ...details, ...account].map((line) => `${line}\n`).join("");
    },
    end: (summary) => `${summaryOf(summary, paint)}\n`,
  };
}

function detailsOf({ because, before, findings, review }: Result, explain: boolean): string[] {
  const against = before ? [`    compared with ${printable(before.path, LINE)} (${before.verdict})`] : [];
  const reason = because === undefined ? [] : [`    could not be inspected: ${printable(because, LINE)}`];
  const seen = findings.filter(({ detector }) => detector !== NOT_INSPECTED);
  return [
    ...against,
    ...reason,
    ...seen.flatMap((finding) => [writeFinding(finding), ...(explain ? explainFinding(finding, review) : [])]),
  ];
}

function writeFinding({ severity, path, line, says, detector }: Finding): string {
  const place = printable(path, LINE) + (line === null ? "" : `:${line}`);
  return `    ${severity.padEnd(8)} ${place === "" ? "" : `${place}  `}${printable(says, LINE)} (${detector})`;
}

function summaryOf({ counts, ms }: Summary, paint: (word: VerdictWord, text: string) => string): string {
  const total = ORDER.reduce((sum, word) => sum + counts[word], 0);
  const parts = ORDER.filter((word) => counts[word] > 0).map((word) => paint(word, `${counts[word]} ${word}`));
  return `${total} ${total === 1 ? "archive" : "archives"}${parts.length > 0 ? `: ${parts.join(", ")}` : ""} (${writeDuration(ms)})`;
}
