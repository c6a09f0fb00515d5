import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { code, codeBlock, page, table } from "./markdown.ts";

/** docs/reference/limits.md */
export function limitsPage(): string {
  const told = descriptions();
  const rows = Object.entries(DEFAULT_LIMITS).map(([name, value]) => [
    code(name),
    code(String(value)) + inWords(name, value),
    told.get(name) ?? "",
    code(`PORTCULLIS_LIMITS__${name.toUpperCase()}`),
  ]);
  return page("Limits", INTRODUCTION, table(["Limit", "Default", "What it bounds", "Variable"], rows));
}

const INTRODUCTION = `Everything that comes from outside is bounded. What is over a limit is refused or withheld with that reason; it is never read in
part and called clean. Other bounds are set under \`[limits]\`:

${codeBlock("[limits]\nartifactBytes = 4_294_967_296\ninspectionMs = 60_000", "toml")}

\`portcullis inspect\` works with the defaults.`;

/** What the comments in limits.ts say of each limit; one comment may speak of several. */
function descriptions(): ReadonlyMap<keyof Limits | string, string> {
  const source = readFileSync(join(import.meta.dirname, "..", "..", "src", "limits.ts"), "utf8");
  const body = source.slice(source.indexOf("export interface Limits"), source.indexOf("export const"));
  const told = new Map<string, string>();
  let comment = "";
  for (const [, doc, name] of body.matchAll(/\/\*\* ([^*]+) \*\/|readonly (\w+): number;/g)) {
    if (doc !== undefined) comment = doc;
    else if (name !== undefined) told.set(name, comment);
  }
  return told;
}

function inWords(name: string, value: number): string {
  if (/Bytes$|RatioFrom$/.test(name)) return ` (${bytes(value)})`;
  if (/Ms$/.test(name)) return ` (${value / 1000} s)`;
  return "";
}

function bytes(value: number): string {
  return value % (1 << 30) === 0 ? `${value / (1 << 30)} GiB` : `${value / (1 << 20)} MiB`;
}
