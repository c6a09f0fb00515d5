import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { codeOf, codeWith, inComment, isMember, sight } from "./_sight.ts";

const WORDS = ["calc", "pwned", "payload executed", "payload was executed", "been hacked", "got hacked"] as const;
/** Opens the calculator of one of the systems, and nothing else. */
const CALCULATOR =
  /^[\s"'(]{0,4}(?:(?:start|cmd|open|exec|powershell|gtk-launch)(?:\.exe)?[ \t]{1,4}(?:["'/-]?[acb]?["']?[ \t]{0,4}){0,3}(?:start[ \t]{1,4})?)?["']?(?:[\w.:~-]{0,40}[/\\]){0,8}(?:calc|calculator|gnome-calculator|kcalc|xcalc|mate-calc|galculator|calculator\.app)(?:\.exe)?[\s"'&)]{0,8}$/i;
/** What those say who show that their code ran. */
const BOAST =
  /\b(?:you (?:have been|have got|got|are|were)|been|got) (?:pwned|hacked|owned)\b|[\\/]pwned\b|\bpwned (?:by|via|!)|\bpayload (?:was |has been )?executed\b/i;
/** In a larger release such words and commands stand for something else. */
const MOST_CODE = 60_000;
const TRIALS = /(?:^|\/)(?:tests?|testing|examples?|docs?|samples?)\//i;

export const provesCodeExecution: Detector = {
  id: "proves-code-execution",
  title: "Opens the calculator or leaves a message to show that its code ran",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 5.4,
  class: "threat",
  group: "demonstration",
  why: `A small release starts the calculator of Windows, macOS or Linux, or prints or writes that somebody has been "pwned" or that
a payload was executed. That is how those show that their code runs who try out an attack on people who install packages; the same code
with another command is the attack.

Libraries that drive desktop programs open calculators in their examples; tests, examples and larger releases are passed over.`,
  literals: WORDS,
  *detect(tree) {
    if (codeSize(tree) > MOST_CODE) return;
    for (const file of codeWith(tree, WORDS)) {
      if (TRIALS.test(file.path)) continue;
      for (const deed of deedsOf(file, "start")) {
        if (!CALCULATOR.test(deed.text)) continue;
        yield sight(file, deed.offset, `${deed.what} opens the calculator: ${deed.text.trim()}`, { phase: deed.phase });
      }
      yield* boasts(file);
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('calc.exe')\n" } },
      {
        ecosystem: "pypi",
        files: { "setup.py": "import os\nos.system(\"echo 'you have been pwned' > /tmp/pwned\")\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import subprocess\n# you have been pwned\nsubprocess.run(['calc', '--sum', path])\n" },
      },
      { ecosystem: "pypi", files: { "examples/a.py": "import os\nos.system('calc.exe')\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import subprocess as s\ndef f():\n    s.run(['open', '-a', 'Calculator'], check=True)\nf()\n",
        },
      },
    ],
  },
};

/** A message in a text of code that installing runs; what is said when somebody calls it may be a joke of a game. */
function* boasts(file: SourceFile) {
  if (file.phase !== "install" && file.phase !== "import" && file.phase !== "start") return;
  const match = BOAST.exec(file.text);
  if (match === null || inComment(file, match.index)) return;
  yield sight(file, match.index, `says: ${match[0]}`, { share: file.phase === "install" ? 0.6 : 0.4 });
}

function codeSize(tree: ReleaseTree): number {
  return codeOf(tree).reduce((sum, file) => sum + (isMember(file) ? file.bytes.length : 0), 0);
}
