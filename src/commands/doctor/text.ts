import { styleText } from "node:util";
import { oneLine } from "../../lib/table.ts";
import type { CommandContext } from "../command.ts";
import type { ClientReport, FileReport, Report, SourceReport } from "./report.ts";

const COLOURS = { through: "green", bypasses: "red", unknown: "magenta", unused: "gray" } as const;
type Word = keyof typeof COLOURS;
type Paint = (word: Word, text?: string) => string;

/** The report for people: what goes through, what does not and why, and below each bypass what fixes it. Coloured as the stream allows. */
export function writeReport(report: Report, stream: CommandContext["stdout"]): string {
  const paint: Paint = (word, text = word.padEnd(8)) =>
    styleText(COLOURS[word], text, { stream: stream as NodeJS.WriteStream });
  const clients = report.clients.flatMap((client) => clientLines(client, paint));
  const lines = [
    `Portcullis at ${oneLine(report.server.url)} is ready.`,
    "",
    "Clients on this machine:",
    ...(clients.length > 0 ? clients : ["  none of those that doctor knows"]),
    "",
    headOfFiles(report),
    ...report.files.flatMap((file) => fileLines(file, paint)),
    "",
    ...report.notes.map((note) => `note: ${oneLine(note)}`),
    paint(report.verdict, conclusion(report)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function clientLines({ client, verdict, why, sources, notes }: ClientReport, paint: Paint): string[] {
  const head = `  ${paint(verdict)}  ${client}`;
  const [first, ...more] = sources;
  const told =
    first !== undefined && more.length === 0 && first.verdict !== "local"
      ? [`${head}: ${oneLine(placeOf(first))}`, ...reasonLines(first, 12)]
      : [head, ...sources.flatMap((source) => sourceLines(source, paint))];
  return [
    ...(why === undefined ? told : [`${head}: ${oneLine(why)}`]),
    ...notes.map((note) => `            note: ${oneLine(note)}`),
  ];
}

function sourceLines(source: SourceReport, paint: Paint): string[] {
  const label = source.verdict === "local" ? "local   " : paint(source.verdict);
  return [`            ${label}  ${oneLine(placeOf(source))}`, ...reasonLines(source, 22)];
}

function reasonLines({ why, fix }: Pick<SourceReport, "why" | "fix">, indent: number): string[] {
  const blanks = " ".repeat(indent);
  return [
    ...(why === undefined ? [] : [`${blanks}${oneLine(why)}`]),
    ...(fix === undefined ? [] : [`${blanks}fix: ${oneLine(fix)}`]),
  ];
}

function placeOf({ what, url, from, feed }: SourceReport): string {
  if (url === null) return from;
  return `${what} ${url} (${from})${feed === undefined ? "" : `, feed ${feed}`}`;
}

function headOfFiles({ filesRead, files, folder }: Report): string {
  const below = `below ${oneLine(folder)}`;
  if (filesRead === 0) return `There is no lock or settings file ${below}.`;
  const read = `${filesRead} lock and settings ${filesRead === 1 ? "file" : "files"} ${below}`;
  return files.length > 0 ? `In ${read}:` : `Nothing in ${read} leads past the gate.`;
}

function fileLines({ file, line, verdict, says, url, fix }: FileReport, paint: Paint): string[] {
  const host = url !== undefined && URL.canParse(url) ? new URL(url).host : "";
  const isSaid = url === undefined || (host !== "" && says.includes(host));
  const address = isSaid ? "" : ` (${url})`;
  return [
    `  ${paint(verdict)}  ${oneLine(`${file}${line === undefined ? "" : `:${line}`}`)}`,
    `            ${oneLine(says + address)}`,
    ...(fix === undefined ? [] : [`            fix: ${oneLine(fix)}`]),
  ];
}

function conclusion({ clients, files, verdict }: Report): string {
  const number = (word: string) => clients.filter((client) => client.verdict === word).length;
  if (verdict === "through") return "Every client here goes through the gate.";
  const past = files.filter((file) => file.verdict === "bypasses").length;
  const parts = [
    `${number("through")} of ${clients.length - number("unused")} clients go through the gate`,
    ...(number("bypasses") > 0 ? [`${number("bypasses")} past it`] : []),
    ...(number("unknown") > 0 ? [`of ${number("unknown")} it could not be told`] : []),
    ...(past > 0
      ? [`${past} ${past === 1 ? "thing" : "things"} in files ${past === 1 ? "leads" : "lead"} past it`]
      : []),
  ];
  return `${parts.join(", ")}.`;
}
