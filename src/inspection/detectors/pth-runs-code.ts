import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";

/** A line of a `.pth` file that the interpreter executes at every start. */
const EXECUTED_LINE = /^import[ \t]/;
/** Lines that well-known build tools write into `.pth` files: editable-install finders and namespace packages. */
const HONEST_LINE =
  /^import (?:__editable__\w{1,200}|_virtualenv|distutils_precedence|coverage|pytest_cov\.embed|sys, types, os;)|^import os; var = 'SETUPTOOLS_USE_DISTUTILS'/;
/** Words of a line that do more than import a finder. */
const DOES_MORE =
  /exec|eval|compile|base64|b64decode|subprocess|popen|system\(|urlopen|requests|socket|__import__|marshal|zlib|http/i;

export const pthRunsCode: Detector = {
  id: "pth-runs-code",
  title: "A .pth file runs code at every interpreter start",
  severity: "high",
  ecosystems: ["pypi"],
  points: 4.2,
  class: "threat",
  group: "interpreter-start",
  why: `Lines of a \`.pth\` file in site-packages that begin with \`import\` are executed whenever Python starts, even when nobody
imports the project. The attacks on litellm 1.82.8 and durabletask 1.4.1 (2026) started their payload this way.

Harmless in editable installs, coverage measuring and namespace packages, whose known lines are recognised.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "pth" && !file.path.endsWith(".pth")) continue;
      const lines = file.text.split("\n", 2_000);
      for (const [index, line] of lines.entries()) {
        if (!EXECUTED_LINE.test(line) || HONEST_LINE.test(line)) continue;
        const worse = DOES_MORE.test(line);
        yield {
          path: file.path,
          line: index + 1,
          phase: "start",
          says: `runs at every interpreter start: ${line.slice(0, 160)}`,
          ...(worse ? { severity: "critical" as const } : {}),
          share: worse || !importsOwnModule(line, tree) ? 1 : 0.5,
        };
      }
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", form: "wheel", files: { "demo.pth": "import demo_start; demo_start.begin()\n" } },
      { ecosystem: "pypi", files: { "x-setup.pth": 'import os; exec("print(1)")\n' } },
    ],
    passes: [
      { ecosystem: "pypi", form: "wheel", files: { "demo.pth": "src\n# import nothing\n" } },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "__editable__.demo.pth": "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()\n",
        },
      },
    ],
    evasions: [{ ecosystem: "pypi", form: "wheel", files: { "demo.pth": "src\nimport\tdemo_start\n" } }],
  },
};

/** A line that imports one module of this release, whose text is read as what runs at every start, and calls it at most. */
function importsOwnModule(line: string, { files }: ReleaseTree): boolean {
  const module =
    /^import[ \t]{1,20}(\w{1,100})[ \t]{0,20}(?:;[ \t]{0,20}\1\.\w{1,100}\([ \t]{0,20}\)[ \t]{0,20})?;?\s{0,20}$/.exec(
      line,
    )?.[1];
  return module !== undefined && files.some(({ path }) => path.endsWith(`/${module}.py`) || path === `${module}.py`);
}
