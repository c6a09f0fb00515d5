import { styleText } from "node:util";
import type { Finding, VerdictWord } from "../../catalog/model.ts";
import { printable } from "../../inspection/run-detectors.ts";
import { writeDuration } from "../../lib/duration.ts";
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
      const details = explain || result.verdict !== "clean" ? detailsOf(result) : [];
      const points = explain ? pointsOf(result) : [];
      return [head, ...details, ...points].map((line) => `${line}\n`).join("");
    },
    end: (summary) => `${summaryOf(summary, paint)}\n`,
  };
}

function detailsOf({ because, findings }: Result): string[] {
  const reason = because === undefined ? [] : [`    could not be inspected: ${printable(because, LINE)}`];
  return [...reason, ...findings.filter(({ detector }) => detector !== NOT_INSPECTED).map(writeFinding)];
}

function writeFinding({ severity, path, line, says, detector }: Finding): string {
  const place = printable(path, LINE) + (line === null ? "" : `:${line}`);
  return `    ${severity.padEnd(8)} ${place === "" ? "" : `${place}  `}${printable(says, LINE)} (${detector})`;
}

function pointsOf({ contributions, engine, ms }: Result): string[] {
  const each = contributions.map(({ detector, points }) => `      ${points.toFixed(2).padStart(6)}  ${detector}`);
  return [...(each.length > 0 ? ["    contributions to the score:", ...each] : []), `    engine ${engine}, ${ms} ms`];
}

function summaryOf({ counts, ms }: Summary, paint: (word: VerdictWord, text: string) => string): string {
  const total = ORDER.reduce((sum, word) => sum + counts[word], 0);
  const parts = ORDER.filter((word) => counts[word] > 0).map((word) => paint(word, `${counts[word]} ${word}`));
  return `${total} ${total === 1 ? "archive" : "archives"}${parts.length > 0 ? `: ${parts.join(", ")}` : ""} (${writeDuration(ms)})`;
}
