import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";

/** Blanks in a row after which a reader's screen shows nothing any more. */
const SCREEN = 120;
/** Found by the prefilter: a run this long is rare, so that only few files are looked at closely. */
const BLANKS = " ".repeat(SCREEN);

export const offScreenCode: Detector = {
  id: "off-screen-code",
  title: "Code is pushed off the screen by a long run of blanks",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.5,
  class: "threat",
  group: "hidden-code",
  why: `A statement follows another on the same line after more blanks than a screen is wide, so that editors without line
wrapping and code review pages do not show it. Nothing but hiding explains that.

Generated tables and aligned comments may hold long runs of blanks, but not a statement separator followed by a call.`,
  literals: [BLANKS],
  *detect(tree) {
    for (const file of tree.files) {
      if (!isCode(file) || !file.has(BLANKS)) continue;
      const offset = hiddenStatement(file.text);
      if (offset === -1) continue;
      const says = `after ${SCREEN} blanks or more: ${file.text.slice(offset, offset + 120).split("\n", 1)[0]}`;
      yield { path: file.path, line: file.lineAt(offset), says };
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": `print('\\n')${" ".repeat(300)};exec('pass')\n` } },
      { ecosystem: "npm", files: { "index.js": `module.exports = 1;${" ".repeat(300)}eval("0")\n` } },
    ],
    passes: [
      { ecosystem: "pypi", files: { "setup.py": `x = 1${" ".repeat(300)}# a comment far to the right\n` } },
      { ecosystem: "npm", files: { "index.js": `const table = "${" ".repeat(300)}";\n` } },
    ],
    evasions: [{ ecosystem: "pypi", files: { "demo/__init__.py": `import os;${" ".repeat(130)}os.system('x')\n` } }],
  },
};

function isCode(file: SourceFile): boolean {
  return (
    file.kind === "python" || file.kind === "javascript" || file.kind === "typescript" || file.kind === "powershell"
  );
}

/** Offset of the first statement with a call that stands behind a run of blanks on a line that has code before it, else -1. */
function hiddenStatement(text: string): number {
  let at = text.indexOf(BLANKS);
  for (let found = 0; at !== -1 && found < 1_000; found++) {
    let end = at + SCREEN;
    while (text.charCodeAt(end) === 32) end++;
    const before = text.slice(Math.max(text.lastIndexOf("\n", at) + 1, at - 200), at).trimEnd();
    const after = text.slice(end, end + 400);
    const separated = before.endsWith(";") || after.startsWith(";");
    if (before !== "" && separated && /^;?[ \t]{0,8}[\w$.]{1,80}[ \t]{0,8}[\w$.]{0,80}[ \t]{0,4}[(=,;]/.test(after))
      return end;
    at = text.indexOf(BLANKS, end);
  }
  return -1;
}
