import { turnsList } from "../decode/script/scrambled.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, isMember, sight } from "./_sight.ts";

/** How each tool shows itself; the numbers are what people and bundlers never come near. */
const HEX_NAME = /\b_0x[0-9a-f]{3,8}\b/g;
const LEAST_HEX_NAMES = 40;
/** The same as it looks before the names are shortened. */
const ROTATION = /parseInt\(_0x[0-9a-f]{3,8}\(|\['push'\]\(_0x[0-9a-f]{3,8}\['shift'\]\(\)\)/;
const JSFUCK_CHARACTERS = "[]()!+";
const JSFUCK_LENGTH = 600;
const PACKER =
  /eval\(\s{0,4}function\s{0,4}\(\s{0,4}p\s{0,4},\s{0,4}a\s{0,4},\s{0,4}c\s{0,4},\s{0,4}k\s{0,4},\s{0,4}e\s{0,4},/;
const CHARACTER_CODES = /String\.fromCharCode\((?:\s{0,3}(?:0x[0-9a-f]{1,4}|\d{1,5})\s{0,3},){60}/i;
/** 200 escaped characters in a row that need no escape. */
const ESCAPES = /(?:\\x[2-7][0-9a-f]){200}/i;
const MARKS = [
  "_0x",
  "![]+[]",
  "fromcharcode",
  "eval(function",
  "\\x2",
  "\\x6",
  "\\x7",
  ".shift())",
  "\\x73\\x68\\x69\\x66\\x74",
] as const;
const TURNS = [".shift())", "\\x73\\x68\\x69\\x66\\x74"] as const;
const MOST_BYTES = 4 << 20;

export const scrambledJavascript: Detector = {
  id: "scrambled-javascript",
  title: "JavaScript was made unreadable on purpose",
  severity: "medium",
  ecosystems: ["npm"],
  points: 4.6,
  class: "threat",
  group: "obfuscation",
  why: `The file went through an obfuscator (a rotated string array and \`_0x…\` names, JSFuck, Dean Edwards' packer, long runs of
character codes). Unlike minifying, this saves nothing; it only keeps people and tools from reading the code.

Some commercial packages ship such code. Away from install and import it counts half, so that it needs company to be withheld.`,
  literals: MARKS,
  *detect(tree) {
    for (const file of scriptsWith(tree, MARKS)) {
      if (!isMember(file) || file.bytes.length > MOST_BYTES) continue;
      const found = marksOf(file);
      if (found === undefined) continue;
      const late = isLate(file);
      yield sight(file, found.offset, found.says, { share: (late ? 0.5 : 1) * found.share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.js": `const _0x1a2b=_0x3c4d;while(!![]){try{parseInt(_0x1a2b(0x1))}catch(_0x9f8e){_0x5d6e['push'](_0x5d6e['shift']())}}${"_0xabcd=_0x1a2b(0x2);".repeat(25)}\n`,
        },
      },
      { ecosystem: "npm", files: { "index.js": `${"[][(![]+[])[+[]]]+".repeat(60)}[]\n` } },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "const _0x = 1;\nconst a = [] + [];\nString.fromCharCode(104, 105);\n" },
      },
      { ecosystem: "npm", files: { "index.js": `!function(e,t){return e+t}(1,2);${"var a=b(1);".repeat(100)}\n` } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: { "index.js": "eval(function(p,a,c,k,e,d){return p}('0 1',2,2,'a|b'.split('|'),0,{}))\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "for(;;)try{if(9===parseInt(t(1))/1*(parseInt(t(2))/2)+parseInt(t(3))/3*parseInt(t(4)))break;n.push(n.shift())}catch(e){n.push(n.shift())}\n",
        },
      },
      { ecosystem: "npm", files: { "index.js": `run(String.fromCharCode(${"104,".repeat(70)}105))\n` } },
    ],
  },
};

function marksOf(
  file: SourceFile,
): { readonly offset: number; readonly says: string; readonly share: number } | undefined {
  const { text } = file;
  if (file.has("_0x")) {
    const names = countUpTo(text, HEX_NAME, LEAST_HEX_NAMES);
    const rotation = ROTATION.exec(text);
    if (names >= LEAST_HEX_NAMES) {
      const says = "names and strings are scrambled by javascript-obfuscator";
      return {
        offset: rotation?.index ?? Math.max(0, text.search(HEX_NAME)),
        says,
        share: rotation === null ? 0.7 : 1,
      };
    }
  }
  const turn = TURNS.some((literal) => file.has(literal)) ? turnsList(text) : undefined;
  if (turn !== undefined) return { offset: turn, says: "strings are scrambled by javascript-obfuscator", share: 1 };
  const offset = jsfuckStart(text);
  if (offset !== undefined) return { offset, says: "written with six characters (JSFuck)", share: 1 };
  const marks: readonly (readonly [RegExp, string, number])[] = [
    [PACKER, "packed (p,a,c,k,e,r) and evaluated", 0.7],
    [CHARACTER_CODES, "text is spelt in character codes", 0.8],
    [ESCAPES, "plain text is spelt in \\x escapes", 0.6],
  ];
  for (const [mark, says, share] of marks) {
    const match = mark.exec(text);
    if (match !== null) return { offset: match.index, says, share };
  }
  return undefined;
}

/** Where the first run of JSFuck's six characters begins; a run that long has a character at a multiple of its length. */
function jsfuckStart(text: string): number | undefined {
  const isOne = (at: number) => at < text.length && JSFUCK_CHARACTERS.includes(text.charAt(at));
  for (let at = JSFUCK_LENGTH - 1; at < text.length; at += JSFUCK_LENGTH) {
    if (!isOne(at)) continue;
    let start = at;
    while (start > 0 && at - start < JSFUCK_LENGTH && isOne(start - 1)) start--;
    let end = at + 1;
    while (end - start < JSFUCK_LENGTH && isOne(end)) end++;
    if (end - start >= JSFUCK_LENGTH) return start;
  }
  return undefined;
}

function countUpTo(text: string, pattern: RegExp, most: number): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) if (++count >= most) break;
  return count;
}
