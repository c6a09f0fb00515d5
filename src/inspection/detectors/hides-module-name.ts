import type { Detector } from "../detector.ts";
import type { Sighting, SourceFile } from "../model.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, matchInCode, sight } from "./_sight.ts";

/** Pieces of constant text that are put together where a module's name is expected. */
const JOINED =
  /(?:require|import)\(\s{0,4}(['"`][\w:/-]{1,20}['"`](?:\s{0,4}\+\s{0,4}['"`][\w:/-]{1,20}['"`]){1,8})\s{0,4}\)/;
/** A name that is decoded, reversed or spelt where it is needed. */
const COMPUTED =
  /(?:require|import)\(\s{0,4}(?:\[\s{0,4}['"`][\w:]{1,12}['"`]\s{0,4},|atob\(|Buffer\.from\(|String\.fromCharCode|['"`][\w:+=]{1,60}['"`]\s{0,4}\.\s{0,4}(?:split|replace|concat)\()/;
const DECODED =
  /require\(\s{0,4}[\w$]{1,20}\(\s{0,4}(?:['"`](?=[A-Za-z+]{0,60}[0-9=])[A-Za-z0-9+=]{6,60}['"`]|0x[0-9a-f]{1,6})\s{0,4}\)\s{0,4}\)/i;
const ASSIGNED =
  /(?:const|let|var)\s{1,4}([\w$]{1,30})\s{0,4}=\s{0,4}(['"`][\w:]{1,12}['"`](?:\s{0,4}\+\s{0,4}['"`][\w:]{1,12}['"`]){1,6})/y;
/** What stands before the first plus of that, in so many characters at most. */
const ASSIGNED_BEFORE = /(?:const|let|var)\s{1,4}[\w$]{1,30}\s{0,4}=\s{0,4}['"`][\w:]{1,12}['"`]\s{0,4}$/;
const BEFORE_PLUS = 80;
/** Modules that reach out of the program; Rollup joins `url` out of pieces so that other bundlers overlook it. */
const MODULES =
  /^(?:node:)?(?:child_process|https?|net|dns|fs|os|vm|tls|http2|dgram|worker_threads|crypto|axios|fs\/promises)$/;
const MOST_ASSIGNED = 200;
const CALLS = ["require(", "import("] as const;

export const hidesModuleName: Detector = {
  id: "hides-module-name",
  title: "Puts together the name of a module so that it cannot be searched for",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.6,
  class: "threat",
  group: "obfuscation",
  why: `The argument of \`require\` or \`import\` is joined from pieces, decoded, or reversed, so that \`child_process\` appears nowhere. There is
no reason to do so but to escape searches like ours.

Loaders put together paths from variables; this is about pieces of constant text that make up one word.`,
  literals: CALLS,
  *detect(tree) {
    for (const file of scriptsWith(tree, CALLS)) {
      const { areOdd, haveNames } = callsIn(file);
      if (areOdd) yield* oddCalls(file);
      if (haveNames) yield* assignedNames(file);
    }
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "index.js": "require('chi' + 'ld_pro' + 'cess').exec(c);\n" } },
      { ecosystem: "npm", files: { "index.js": "const m = require(Buffer.from('aHR0cHM=', 'base64').toString());\n" } },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "require('./lib/' + name);\nrequire(path.join(a, 'b'));\nrequire('https');\n" },
      },
      { ecosystem: "npm", files: { "index.js": "new (require('url'.replace('', ''))).URL(a);\n" } },
      { ecosystem: "npm", files: { "index.js": "const a = 'one' + 'two';\nrequire(a);\nrequire('u' + 'rl');\n" } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: { "index.js": "const m = 'chi' + 'ld_pro' + 'cess';\nrequire(m)['ex' + 'ec'](c);\n" },
      },
      { ecosystem: "npm", files: { "index.js": "require(['chi', 'ld_process'].join(''));\n" } },
      { ecosystem: "npm", files: { "index.js": "require('child_x'.replace('x', 'process'));\n" } },
      { ecosystem: "npm", files: { "index.js": "const d = (s) => atob(s);\nrequire(d('aHR0cHM='));\n" } },
    ],
  },
};

/**
 * Whether any call that loads a module may have an argument of the kinds above, or a plain name. Nearly every file has hundreds of
 * ordinary calls, so these are told apart where they stand instead of searching the whole text for each kind.
 */
function callsIn(file: SourceFile): { readonly areOdd: boolean; readonly haveNames: boolean } {
  let areOdd = false;
  let haveNames = false;
  for (const call of CALLS) {
    if (!file.has(call)) continue;
    const { text } = file;
    // The first letter may be a capital.
    const rest = call.slice(1);
    for (let at = text.indexOf(rest); at >= 0 && !(areOdd && haveNames); at = text.indexOf(rest, at + 1)) {
      ODD_ARGUMENT.lastIndex = PLAIN_NAME.lastIndex = at + rest.length;
      areOdd ||= ODD_ARGUMENT.test(text);
      haveNames ||= PLAIN_NAME.test(text);
    }
  }
  return { areOdd, haveNames };
}

/** What JOINED, COMPUTED and DECODED begin with, and little else does. */
const ODD_ARGUMENT = /\s{0,4}(?:['"`][\w:/+=-]{1,60}['"`]\s{0,4}[+.]|\[|[\w$]{1,20}(?:\(|\.from))/y;
const PLAIN_NAME = /[\w$]{1,30}\)/y;

function* oddCalls(file: SourceFile): Iterable<Sighting> {
  const joined = matchInCode(file, JOINED);
  const computed = matchInCode(file, COMPUTED) ?? matchInCode(file, DECODED);
  if (joined !== undefined && MODULES.test(joinedText(joined[1] ?? ""))) {
    yield sight(file, joined.index, `hides that it loads ${joinedText(joined[1] ?? "")}`, { share: shareOf(file) });
  } else if (computed !== undefined && !REPLACES_NOTHING.test(file.text.slice(computed.index, computed.index + 120))) {
    yield sight(file, computed.index, `hides what it loads: ${computed[0].slice(0, 80)}`, { share: shareOf(file) });
  }
}

/** `require("url".replace("", ""))`, by which bundlers keep other bundlers off; the name stands there as it is. */
const REPLACES_NOTHING = /^[^)\n]{0,80}\.replace\(\s{0,4}(?:""|'')\s{0,4},\s{0,4}(?:""|'')\s{0,4}\)/;

/** Where two constants are joined by a plus; minifiers leave none. */
function* joinedConstants(text: string): Iterable<number> {
  for (let at = text.indexOf("+"); at >= 0; at = text.indexOf("+", at + 1)) {
    let before = at - 1;
    while (at - before <= 4 && isBlank(text.charCodeAt(before))) before--;
    if (!isQuote(text.charCodeAt(before))) continue;
    let after = at + 1;
    while (after - at <= 4 && isBlank(text.charCodeAt(after))) after++;
    if (isQuote(text.charCodeAt(after))) yield at;
  }
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27 || code === 0x60;
}

/** The blanks that ASSIGNED allows between pieces. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 9 && code <= 13) || code > 0x7f;
}

function* assignedNames(file: SourceFile): Iterable<Sighting> {
  const { text } = file;
  let seen = 0;
  let end = 0;
  for (const plus of joinedConstants(text)) {
    const from = Math.max(0, plus - BEFORE_PLUS);
    const start = plus < end ? -1 : text.slice(from, plus).search(ASSIGNED_BEFORE);
    if (start < 0) continue;
    ASSIGNED.lastIndex = from + start;
    const match = ASSIGNED.exec(text);
    if (match === null) continue;
    end = ASSIGNED.lastIndex;
    if (++seen > MOST_ASSIGNED) return;
    const [, name = "", pieces = ""] = match;
    const value = joinedText(pieces);
    if (!MODULES.test(value) || !text.includes(`require(${name})`)) continue;
    yield sight(file, match.index, `hides that it loads ${value}`, { share: shareOf(file) });
  }
}

/** `'chi' + 'ld'` → `child`. */
function joinedText(pieces: string): string {
  return pieces.replace(/['"`\s+]/g, "");
}

function shareOf(file: SourceFile): number {
  return isLate(file) ? 0.5 : 1;
}
