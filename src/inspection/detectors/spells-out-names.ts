import type { Detector } from "../detector.ts";
import { folds } from "../languages/calls.ts";
import type { SourceFile } from "../model.ts";
import { isMember, sight } from "./_sight.ts";

/** Names that only somebody who hides something writes in another way. */
const NAMES =
  /^(?:__import__|__builtins__|builtins|exec|eval|compile|getattr|globals|system|popen|subprocess|Popen|b64decode|base64|marshal|loads|ctypes|urlopen|urllib\.request|os\.system|requests|socket|child_process|exec(?:Sync|File)|powershell(?:\.exe)?|cmd(?:\.exe)?)$/;
const DECODES =
  /b(?:64|32|16|85)|a85|hex|rot.?13|decompress|decrypt|a slice|reverse|translate|chr|join|function of the file/i;
/** How text is made from character codes, encodings or backwards; and where the names would be used. */
const MAKES = [
  "chr(",
  "chr)",
  "map(chr",
  "fromhex",
  "unhexlify",
  "b64decode",
  "b32decode",
  "::-1",
  "rot13",
  "rot_13",
] as const;
const USES = /__import__|getattr|globals|builtins|exec|eval|import_module|vars\(/;
/** One name may be chance: test data, a table of words. */
const SEVERAL = 2;

export const spellsOutNames: Detector = {
  id: "spells-out-names",
  title: "Names of dangerous functions are put together from codes",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5.6,
  class: "threat",
  group: "obfuscation",
  why: `\`exec\`, \`__import__\`, \`subprocess\` and the like are not written but made from character codes, encoded text or text read
backwards, and then looked up by that name. People write that only to keep readers and scanners from seeing what is called.

One such name may be test data; two of them are not.`,
  literals: MAKES,
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "python" && file.kind !== "pth") continue;
      if (!isMember(file) && file.layer! > 3) continue;
      if (!file.hits.hasAny(MAKES) || !USES.test(file.text)) continue;
      const names = spelt(file);
      if (names.length < SEVERAL) continue;
      const said = names.map(({ text }) => text).join(", ");
      yield sight(
        file,
        file.tokens.start(names[0]!.token),
        `the names ${said.slice(0, 120)} are put together from codes`,
      );
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "j = ''.join\nm = __import__(j([chr(c) for c in [115, 117, 98, 112, 114, 111, 99, 101, 115, 115]]))\ngetattr(m, j([chr(c) for c in [80, 111, 112, 101, 110]]))('true')\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "n = ''.join(chr(c) for c in [101, 120, 101, 99])\nprint(getattr(a, 'b'), n)\n" },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "names = 'exec eval'.split()\nx = getattr(a, names[0])\nchr(1)\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "m = __import__('ssecorpbus'[::-1])\ngetattr(m, bytes.fromhex('506f70656e').decode())('true')\n",
        },
      },
    ],
  },
};

function spelt(file: SourceFile) {
  return folds(file).filter(({ text, how }) => text.length < 32 && NAMES.test(text) && DECODES.test(how));
}
