import { isAscii } from "node:buffer";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isCode, sight } from "./_sight.ts";

/** First bytes of the mathematical alphabets in UTF-8. */
const MATHEMATICAL = Buffer.from([0xf0, 0x9d]);
/** Letters that Python reads as ASCII although they are drawn otherwise. */
const DISGUISED = /[\u{1d400}-\u{1d7ff}]/u;
const MANY = 4;
/** Functions that nobody disguises without a reason: one name is enough. */
const DANGEROUS =
  /^(?:exec|eval|compile|__import__|getattr|globals|builtins|system|popen|subprocess|b64decode|marshal)$/;
/** First bytes of letters that Python reads as ASCII: mathematical, letter-like, superscript and wide ones. */
const OTHER_LETTERS =
  /[\u00aa\u00ba\u02b0-\u02e4\u1d2c-\u1d6a\u2071-\u209c\u2100-\u2149\uff21-\uff5a\u{1d400}-\u{1d7ff}]/u;
/** Tokens read from the start of a file: enough to tell how it is written. */
const READ = 50_000;

export const disguisedNames: Detector = {
  id: "disguised-names",
  title: "Names are written in mathematical alphabets that Python reads as ASCII",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5,
  class: "threat",
  group: "obfuscation",
  why: `Python normalises names: \`exec\` in italic mathematical letters is the same as in plain ones. No search for the word finds it, which
is the only reason to write it so.

Names in Greek, Cyrillic or Chinese are letters of their own and pass.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "python" || !isCode(file)) continue;
      yield* dangerous(file);
      if (!file.bytes.includes(MATHEMATICAL)) continue;
      const names = disguised(file);
      const first = names[0];
      if (first === undefined || names.length < MANY) continue;
      yield sight(file, first, `${names.length} names are written in other letters than they are read in`);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": ["a", "b", "c", "d"].map((letter) => `\u{1d456}\u{1d45a}${letter} = 0`).join("\n") },
      },
    ],
    evasions: [{ ecosystem: "pypi", files: { "demo/a.py": "text = read()\n\u212fx\uff45c(text)\n" } }],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "text = '\u{1d456}\u{1d45a} \u{1d456}b \u{1d456}c \u{1d456}d'\nμ = σ = Ж = 日本 = 1\n" },
      },
    ],
  },
};

/** The first dangerous name that is written otherwise than it is read. */
function* dangerous(file: SourceFile) {
  if (isAscii(file.bytes) || !OTHER_LETTERS.test(file.text)) return;
  const { tokens } = file;
  const end = Math.min(tokens.length, READ);
  for (let at = 0; at < end; at++) {
    if (tokens.kind(at) !== "name" || !OTHER_LETTERS.test(tokens.text(at))) continue;
    const name = tokens.text(at).normalize("NFKC");
    if (!DANGEROUS.test(name)) continue;
    yield sight(file, tokens.start(at), `${name} is written in other letters than it is read in`);
    return;
  }
}

/** Where each name with such letters stands first. */
function disguised({ tokens }: SourceFile): readonly number[] {
  const found = new Map<string, number>();
  const end = Math.min(tokens.length, READ);
  for (let at = 0; at < end; at++) {
    if (tokens.kind(at) !== "name") continue;
    const name = tokens.text(at);
    if (!found.has(name) && DISGUISED.test(name)) found.set(name, tokens.start(at));
  }
  return [...found.values()];
}
