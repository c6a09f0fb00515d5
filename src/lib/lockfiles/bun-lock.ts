import { items, type LockedEntry, members, text } from "./lockfile.ts";
import { readNpmEntry } from "./npm-lock.ts";

/** bun.lock, the text form. Throws a SyntaxError when it is not JSON with comments and trailing commas. */
export function* readBunLock(source: string): Generator<LockedEntry> {
  const document = members(JSON.parse(plainJson(source)));
  for (const value of Object.values(members(document["packages"]))) {
    const [first, ...rest] = items(value);
    const resolution = text(first);
    const at = resolution.indexOf("@", 1);
    const name = resolution.slice(0, at);
    const version = resolution.slice(at + 1);
    if (at === -1 || /^(workspace|link|root):/.test(version)) continue;
    if (/^[\w+.-]+:/.test(version)) yield readNpmEntry(name, "", version, "");
    else yield readNpmEntry(name, version, "", text(rest.findLast((one) => /^sha\d+-/.test(text(one)))));
  }
}

/** JSON with comments and trailing commas as plain JSON; strings stay as they are. */
export function plainJson(source: string): string {
  const kept: string[] = [];
  // One alternative each for: a string, a comment, a comma before a closing bracket (comments may stand between), anything else. What is
  // never closed goes on to the end, so that nothing looks for its end twice.
  const pieces = /"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n]*|\/\*[^*]*(?:\*+[^/*][^*]*)*(?:\*+\/?)?|,|[^"/,]+|[\s\S]/g;
  for (const [piece] of source.matchAll(pieces)) {
    if (piece.startsWith("//") || piece.startsWith("/*")) continue;
    if (/^\s*[\]}]/.test(piece)) dropTrailingComma(kept);
    kept.push(piece);
  }
  return kept.join("");
}

function dropTrailingComma(kept: string[]): void {
  let last = kept.length - 1;
  while (last >= 0 && kept[last]!.trim() === "") last--;
  if (kept[last] === ",") kept[last] = "";
}
