import type { Detector } from "../detector.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

/** Marks that packers leave in what they produce, lower case. */
const MARKS: Readonly<Record<string, string>> = {
  __pyarmor__: "PyArmor",
  pyarmor_runtime: "PyArmor",
  "billythegoat356/hyperion": "Hyperion",
  blankobf: "BlankOBF",
  __vareobfuscator__: "Vare",
  __pyobfuscate__: "pyobfuscate",
  "pyobfuscate.com": "pyobfuscate",
  "development-tools.net": "development-tools.net",
  "freecodingtools.org": "freecodingtools.org",
  "obfuscated with kramer": "Kramer",
  "kramer-specter": "Kramer",
  sp3ctre: "Specter",
  "berserker obfuscator": "Berserker",
  plutoobf: "PlutoObf",
  jawbreaker: "jawbreaker",
  wodx: "Wodx",
  "py-fuscate": "py-fuscate",
  "pyprotect.exirt": "pyprotect",
  "oxyry.com": "Oxyry",
};
const NAMES = Object.keys(MARKS);
/** The mark at the place where a packer puts it: an import or call of its runtime, or a signature of its own. */
const PYARMOR = /from[ \t]{1,4}[\w.]{0,80}pyarmor_runtime[\w.]{0,80}[ \t]{1,4}import|__pyarmor__[ \t]{0,4}\(/;

export const packedCode: Detector = {
  id: "packed-code",
  title: "Code was made unreadable by a packer",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.2,
  class: "threat",
  group: "obfuscation",
  why: `The code carries the mark of a tool that encrypts or scrambles Python source so that nobody can review it: PyArmor, Hyperion,
BlankOBF, Vare and the like. Package indexes exist to share source, and most such releases were malware.

PyArmor also protects commercial products; such projects say so and are known by name, so this alone does not withhold them.`,
  literals: NAMES,
  *detect(tree) {
    for (const file of codeWith(tree, NAMES)) {
      if (file.kind !== "python") continue;
      const mark = NAMES.find((name) => file.has(name)) ?? "";
      const packer = MARKS[mark] ?? "";
      if (packer === "PyArmor") {
        const match = matchInCode(file, PYARMOR);
        if (match !== undefined) yield sight(file, match.index, "packed with PyArmor: what it does cannot be read");
      } else if (looksPacked(file.text)) {
        yield sight(
          file,
          Math.max(0, file.text.toLowerCase().indexOf(mark)),
          `packed with ${packer}: what it does cannot be read`,
          {
            severity: "high",
          },
        );
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": `from pyarmor_runtime_000000 import __pyarmor__\n__pyarmor__(__name__, __file__, b'PY')\n`,
        },
      },
      { ecosystem: "pypi", files: { "demo/b.py": `# BlankOBF\n_ = "${"Ab3+".repeat(200)}"\nexec(_)\n` } },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "# BlankOBF and Hyperion are obfuscators\nNAMES = ['pyarmor_runtime']\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "from pyarmor_runtime_123456 import __pyarmor__ as a\nfrom pyarmor_runtime_123456 import __pyarmor__\n__pyarmor__(__name__, __file__, b'PY000')\n",
        },
      },
    ],
  },
};

/** A mention is not yet the thing: packed text has very long lines or hardly any line that a person would write. */
function looksPacked(text: string): boolean {
  const lines = text.split("\n", 5_000);
  return lines.some((line) => line.length > 600);
}
