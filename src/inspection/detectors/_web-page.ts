import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { inComment } from "./_sight.ts";

/** What detectors of code for web pages share: where a page's data goes, told from addresses that stand in the code as they are. */

/** Something is sent to an address that the code itself names, not one that is configured or relative to the page. */
const SENDS =
  /(?:\bfetch|sendBeacon|\.open|axios(?:\.\w{2,8})?|\$\.(?:post|ajax|get)|new[ \t]{1,3}WebSocket)[ \t]{0,3}\((?:[ \t\n]{0,8}["'`](?:POST|GET|PUT)["'`],)?[^;\n]{0,80}?["'`](?:https?:|wss?:)?\/\/[\w.-]{4,253}|\.src[ \t]{0,3}=[ \t]{0,3}["'`](?:https?:)?\/\/[\w.-]{4,253}[^"'`\n]{0,200}[=?&/]?(?:["'`][ \t]{0,3}\+|\$\{)/;
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
    const sends = sendingIn(around, addressNames(file));
    if (sends === undefined || !holds(around) || inComment(file, match.index)) continue;
    return { offset: match.index, taken: match[0].trim().slice(0, 60), sends: sends.slice(0, 100) };
  }
  return undefined;
}

/** A name or template that begins with a name in the place of an address. */
const SENDS_TO_NAME =
  /(?:\bfetch|\bf|sendBeacon|\.open|axios(?:\.\w{2,8})?|https?\.(?:request|get)|\$\.(?:post|ajax|get)|new[ \t]{1,3}WebSocket)[ \t]{0,3}\((?:[ \t\n]{0,8}["'`](?:POST|GET|PUT)["'`],)?[ \t\n]{0,8}(?:`\$\{)?([A-Za-z_$][\w$]{0,40})\b(?![ \t]{0,2}[(.])|\.src[ \t]{0,3}=[ \t]{0,3}(?:`\$\{)?([A-Za-z_$][\w$]{0,40})\b(?![ \t]{0,2}[(.])/g;

/** What in this code sends to an address that stands in it, or in a constant of the file among `names`. */
export function sendingIn(code: string, names: ReadonlySet<string>): string | undefined {
  const plain = SENDS.exec(code)?.[0];
  if (plain !== undefined || names.size === 0) return plain;
  let tries = 0;
  for (const match of code.matchAll(SENDS_TO_NAME)) {
    if (++tries > MOST_TRIES) return undefined;
    if (names.has(match[1] ?? match[2] ?? "")) return match[0];
  }
  return undefined;
}

const ADDRESS =
  /\b(?:const|let|var)[ \t]{1,3}([A-Za-z_$][\w$]{0,40})[ \t]{0,3}=[ \t]{0,3}["'`](?:https?|wss?):\/\/[\w-]{1,60}\.[\w.-]{2,200}/g;
const MOST_NAMES = 200;
const namesByFile = new WeakMap<SourceFile, ReadonlySet<string>>();

/** Names that the file gives to addresses; none in bundles, where one name means another thing in each part. */
export function addressNames(file: SourceFile): ReadonlySet<string> {
  let names = namesByFile.get(file);
  if (names === undefined) {
    const matches = isBundle(file) ? [] : file.text.matchAll(ADDRESS).take(MOST_NAMES);
    names = new Set([...matches].map(([, name = ""]) => name));
    namesByFile.set(file, names);
  }
  return names;
}
