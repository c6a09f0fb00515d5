import { isAscii } from "node:buffer";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";

/** UTF-8 lead bytes of variation selectors and tag characters. */
const CARRIER_BYTES = ["\u00f3\u00a0", "\u00ef\u00b8"] as const;
/** Trojan Source: overrides and isolates that make text read in another order than it runs. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;
/** Characters without width that can carry data: variation selectors 1-256 and tags. A visible one follows at most one of them. */
const CARRIERS = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u{e0000}-\u{e007f}]{8,4096}/gu;

export const hiddenUnicode: Detector = {
  id: "hidden-unicode",
  title: "Invisible characters hide code or reorder it",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.5,
  class: "threat",
  group: "hidden-code",
  why: `Bidirectional control characters make code read differently from how it runs ([Trojan Source](https://trojansource.codes/)).
Runs of variation selectors or tag characters carry a payload that no editor shows (GlassWorm, 2025).

Right-to-left text in translations needs marks but hardly ever overrides in program code; emoji carry one variation selector, not eight in a row.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (!isCode(file) || isAscii(file.bytes)) continue;
      if (mayReorder(file.bytes)) yield* reordered(file);
      if (CARRIER_BYTES.some((lead) => file.bytes.includes(lead, 0, "latin1"))) yield* carried(file);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "access = 'user\u202e \u2066# check\u2069 \u2066'\nif access:\n  pass\n" },
      },
      { ecosystem: "npm", files: { "index.js": `const s = "${"\ufe01\ufe05".repeat(40)}";\n` } },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "mark = '\u2764\ufe0f'\nname = '\u05d0\u05d1\u200f'\n" } },
      { ecosystem: "npm", files: { "README.md": "\u202bright to left\u202c\n" } },
    ],
    evasions: [{ ecosystem: "npm", files: { "lib/a.js": `f(\`${"\u{e0101}".repeat(30)}\`)\n` } }],
  },
};

function isCode(file: SourceFile): boolean {
  return (
    file.kind === "python" || file.kind === "javascript" || file.kind === "typescript" || file.kind === "powershell"
  );
}

/** Looks for the controls in UTF-8, so that the text of ordinary files is never made: E2 80 AA to AE, E2 81 A6 to A9. */
function mayReorder(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0xe2); at >= 0; at = bytes.indexOf(0xe2, at + 1)) {
    const last = bytes[at + 2]!;
    if (bytes[at + 1] === 0x80 ? last >= 0xaa && last <= 0xae : bytes[at + 1] === 0x81 && last >= 0xa6 && last <= 0xa9)
      return true;
  }
  return false;
}

function* reordered(file: SourceFile) {
  const marks = [...file.text.matchAll(BIDI)].slice(0, 200);
  const overriding = marks.filter((mark) => mark[0] === "\u202e" || mark[0] === "\u202d" || mark[0] >= "\u2066");
  const first = overriding.find((mark) => lineLength(file.text, mark.index) <= READABLE);
  if (first === undefined) return;
  const lines = new Set(overriding.map((mark) => file.lineAt(mark.index)));
  // A table of all such characters (a sanitiser, a Unicode library) names each once; an attack nests them on one line.
  if (lines.size === overriding.length || new Set(overriding.map((mark) => mark[0])).size > 4) return;
  yield {
    path: file.path,
    line: file.lineAt(first.index),
    says: "bidirectional control characters reorder this line of code",
  };
}

/** Reordering deceives readers; nobody reads lines longer than this, which minifiers write. */
const READABLE = 1_000;

function lineLength(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return (end === -1 ? text.length : end) - text.lastIndexOf("\n", at);
}

function* carried(file: SourceFile) {
  for (const run of file.text.matchAll(CARRIERS)) {
    const count = [...run[0]].length;
    yield {
      path: file.path,
      line: file.lineAt(run.index),
      says: `${count} invisible characters in a row can carry a payload`,
    };
    return;
  }
}
