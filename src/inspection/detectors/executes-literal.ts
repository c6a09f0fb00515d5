import { marks } from "../behaviour/marks.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

/** Characters of program text from which a literal is more than a formula. */
const LONG = 160;
/** What a program would do that is worth hiding in a string. */
const ACTS =
  /subprocess|os\.system|popen|urlopen|requests\.|urlretrieve|socket\.|b64decode|\bexec\(|\beval\(|__import__|child_process|\.decompress|fernet|startfile|environ\b|ctypes/i;

export const executesLiteral: Detector = {
  id: "executes-literal",
  title: "Executes a program that is written as one string",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5.6,
  class: "threat",
  group: "obfuscation",
  why: `\`exec\` is given a long constant string that starts programs, opens connections or decodes more code. The same text could stand
in the file as code; as a string it is passed over by editors, linters and simple scanners.

Templates that build functions (named tuples, data classes) execute text too; it is put together from parts and opens no connection.`,
  literals: marks("run-code"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("run-code"))) {
      if (file.kind !== "python") continue;
      for (const deed of deedsOf(file, "run-code")) {
        if (deed.text.length < LONG || !ACTS.test(deed.text.slice(0, 100_000))) continue;
        const late = isLate(deed);
        yield sight(file, deed.offset, `${deed.what} runs ${deed.text.length} characters of program text`, {
          phase: deed.phase,
          share: late ? 0.97 : 1,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": `exec("import os\\nx = 1\\n${"y = 2\\n".repeat(40)}os.system('true')\\n")\n` },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "setup.py": "exec('import os')\nexec(open('version.py').read())\n" } },
      { ecosystem: "pypi", files: { "demo/a.py": `exec("def f(a):\\n${"    a = a + 1\\n".repeat(20)}")\n` } },
      {
        ecosystem: "pypi",
        files: { "demo/a.py": `exec("e = Environment()\\n${"f = e.inner(0)\\n".repeat(20)}g = literal_eval(f)\\n")\n` },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py": `run = exec\nrun("import os\\nx = 1\\n${"y = 2\\n".repeat(40)}os.system('true')\\n")\n`,
        },
      },
    ],
  },
};
