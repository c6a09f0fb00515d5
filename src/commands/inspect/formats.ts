import { jsonWriter } from "./json.ts";
import type { Counts, Result } from "./result.ts";
import { textWriter } from "./text.ts";

/** What is known when all is done. */
export interface Summary {
  readonly counts: Counts;
  readonly ms: number;
}

export interface WriterOptions {
  /** Whether to print what each detector contributed to the score. */
  readonly explain: boolean;
  readonly isColoured: boolean;
  readonly version: string;
}

/** One output format: text for each result as it comes, and for the end; either may be empty. */
export interface Writer {
  result(result: Result): string;
  end(summary: Summary): string;
}

export const FORMATS = ["text", "json", "jsonl", "sarif", "junit", "html"] as const;
export type Format = (typeof FORMATS)[number];

/** The writer of a format; SARIF, JUnit and HTML are loaded when asked for. */
export async function openWriter(format: Format, options: WriterOptions): Promise<Writer> {
  switch (format) {
    case "text":
      return textWriter(options);
    case "json":
    case "jsonl":
      return jsonWriter(format, options);
    case "sarif":
      return (await import("./sarif.ts")).sarifWriter(options);
    case "junit":
      return (await import("./junit.ts")).junitWriter();
    case "html":
      return (await import("./html.ts")).htmlWriter(options);
  }
}
