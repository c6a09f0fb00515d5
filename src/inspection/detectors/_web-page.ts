import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { inComment } from "./_sight.ts";

/** What detectors of code for web pages share: where a page's data goes, told from addresses that stand in the code as they are. */

/** Something is sent to an address that the code itself names, not one that is configured or relative to the page. */
const SENDS =
  /(?:\bfetch|sendBeacon|\.open|axios(?:\.\w{2,8})?|\$\.(?:post|ajax|get)|new[ \t]{1,3}WebSocket)[ \t]{0,3}\((?:[ \t\n]{0,8}["'`](?:POST|GET|PUT)["'`],)?[^;\n]{0,80}?["'`](?:https?:|wss?:)?\/\/[\w.-]{4,253}|\.src[ \t]{0,3}=[ \t]{0,3}["'`](?:https?:)?\/\/[\w.-]{4,253}[^"'`\n]{0,200}[=?&/]?(?:["'`][ \t]{0,3}\+|\$\{)/g;
const NEAR = 1_200;
const NEAR_IN_BUNDLE = 300;
const MOST_TRIES = 40;

/** The first place where `pattern` matches and something is sent near it to an address that stands there. */
export function takenAndSent(
  file: SourceFile,
  pattern: RegExp,
  holds: (around: string) => boolean = () => true,
): { readonly offset: number; readonly taken: string; readonly sends: string } | undefined {
  const within = isBundle(file) ? NEAR_IN_BUNDLE : NEAR;
  let tries = 0;
  for (const match of file.text.matchAll(pattern)) {
    if (++tries > MOST_TRIES) return undefined;
    const around = file.text.slice(Math.max(0, match.index - within), match.index + within);
    const sends = SENDS.exec(around);
    SENDS.lastIndex = 0;
    if (sends === null || !holds(around) || inComment(file, match.index)) continue;
    return { offset: match.index, taken: match[0].trim().slice(0, 60), sends: sends[0].slice(0, 100) };
  }
  return undefined;
}
