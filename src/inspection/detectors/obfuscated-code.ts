import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, sight } from "./_sight.ts";

/** Beginnings of names of letters that look alike, found cheaply; other alphabets are found by their bytes. */
const WORDS = [
  "iiii",
  "llll",
  "lili",
  "ilil",
  "1l1l",
  "l1l1",
  "o0o",
  "0o0",
  "oo00",
  "00oo",
  "____",
  "_0x",
  "mnmn",
  "nmnm",
  "mmmm",
  "s5s5",
  "xxxx",
  "wwww",
  "ssss",
] as const;
/** Tokens read from the start of a file: enough to tell how it is written. */
const READ = 20_000;
/** Different names of one kind from which it is a manner and not an accident. */
const MANY = 6;
/** Names out of letters and digits that look alike. */
const ALIKE =
  /^(?:[Il1i]{7,}|[O0oQ]{7,}|[_l1I]{9,}|[mnMN]{9,}|[Ss5]{9,}|[Xx]{9,}|[Ww]{9,}|(?:_0x[0-9a-f]{3,8})|(?:__?[A-Z]{2}){5,}|(?:O0|0O|o0|OO|00|oO){4,}\w{0,3})$/;

export const obfuscatedCode: Detector = {
  id: "obfuscated-code",
  title: "Names and constants are scrambled so that nobody can read them",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.3,
  class: "threat",
  group: "obfuscation",
  why: `Names consist of letters that look alike (\`IlIlI1\`), or constants are computed by long chains of arithmetic. Tools produce such text
from readable source; packages whose purpose is to share source have no use for it.

A few commercial projects scramble their releases; they are known by name.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python" || file.bytes.length < 200) continue;

      const manner = mannerOf(file);
      if (manner !== undefined) yield sight(file, manner.offset, manner.says, { share: manner.share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": `import os\n${["IlIlIlI", "IlIlIIl", "lIlIlIl", "llIlIlI", "IIlIlIl", "lllIlIl", "IlIllIl"].map((name) => `${name} = '0000000000000000000000000000000'`).join("\n")}\n`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os\ndef initial(lill, mill):\n    return '0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": `import os\n${["OO0O0O0", "O0OO0O0", "O0O0OO0", "OOO0O00", "O00OO0O", "OO00OO0", "O0O00OO"].map((name) => `def ${name}(): return "0000000000000000000000000"`).join("\n")}\n`,
        },
      },
    ],
  },
};

interface Manner {
  readonly offset: number;
  readonly says: string;
  readonly share: number;
}

function mannerOf(file: SourceFile): Manner | undefined {
  const { tokens } = file;
  const names = new Map<string, number>();
  let arithmetic = 0;
  let arithmeticAt = 0;
  let chains = 0;
  const end = Math.min(tokens.length, READ);
  for (let at = 0; at < end; at++) {
    const kind = tokens.kind(at);
    if (kind === "name" && !names.has(tokens.text(at))) names.set(tokens.text(at), tokens.start(at));
    const number = kind === "number" && tokens.end(at) - tokens.start(at) >= 3;
    const sign = kind === "operator" && /^(?:[-+*/%^]|\/\/|\*\*|<<|>>)$/.test(tokens.text(at));
    if (number && arithmetic === 0) arithmeticAt = tokens.start(at);
    arithmetic =
      number || sign || (kind === "operator" && /^[()]$/.test(tokens.text(at))) ? arithmetic + (number ? 1 : 0) : 0;
    if (arithmetic === 4) chains++;
  }
  const alike = [...names].filter(([name]) => ALIKE.test(name) && new Set(name).size > 1);
  if (alike.length >= MANY && alike.length * 3 > names.size) {
    return {
      offset: alike[0]![1],
      says: `${alike.length} of ${names.size} names are made of letters that look alike`,
      share: 1,
    };
  }
  if (alike.length >= 20)
    return { offset: alike[0]![1], says: `${alike.length} names are made of letters that look alike`, share: 0.8 };
  if (chains >= 40 && chains * 60 > end)
    return { offset: arithmeticAt, says: `${chains} constants are computed by chains of arithmetic`, share: 0.9 };
  return undefined;
}
