import type { Finding } from "../../catalog/model.ts";
import type { Summary, Writer } from "./formats.ts";
import { NOT_INSPECTED, type Result } from "./result.ts";

/** JUnit XML as CI systems and the strictest published schema (https://github.com/windyroad/JUnit-Schema) read it: a test case per archive; suspicious and malicious ones failed, unknown ones are errors. */
export function junitWriter(): Writer {
  const cases: string[] = [];
  let ms = 0;
  return {
    result(result) {
      cases.push(writeCase(result));
      ms += result.ms;
      return "";
    },
    end: (summary) => writeSuites(cases, summary, ms),
  };
}

function writeSuites(cases: readonly string[], { counts }: Summary, ms: number): string {
  const failures = counts.suspicious + counts.malicious;
  const numbers = `tests="${cases.length}" failures="${failures}" errors="${counts.unknown}" time="${seconds(ms)}"`;
  // The strictest readers want an identity, a host and the start of the run; the host is nobody's business.
  const start = new Date(performance.timeOrigin).toISOString().slice(0, 19);
  const identity = `id="0" package="portcullis" name="inspect" hostname="localhost" timestamp="${start}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `<testsuite ${identity} ${numbers}>`,
    "<properties/>",
    ...cases,
    "<system-out/>",
    "<system-err/>",
    "</testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function writeCase(result: Result): string {
  const { path, verdict, score, ms, findings, because } = result;
  const opening = `<testcase classname="archive" name="${escaped(path)}" time="${seconds(ms)}"`;
  if (verdict === "clean") return `${opening}/>`;
  const element = verdict === "unknown" ? "error" : "failure";
  const message = because ?? `${verdict}, score ${score}: ${findings[0]?.says ?? ""}`;
  const text = findings.filter(({ detector }) => detector !== NOT_INSPECTED).map(writeFinding);
  return `${opening}><${element} type="${verdict}" message="${escaped(message)}">${escaped(text.join("\n"))}</${element}></testcase>`;
}

function writeFinding({ severity, path, line, says, detector }: Finding): string {
  return `${severity} ${path}${line === null ? "" : `:${line}`} ${says} (${detector})`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** XML 1.0 has no way at all to write most control characters and lone surrogates: they become U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"'\n\r\t]/g, (character) => `&#${character.codePointAt(0)};`);
}
