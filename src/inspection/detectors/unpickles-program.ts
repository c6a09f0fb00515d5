import { mayName } from "../behaviour/named-acts.ts";
import type { Detector } from "../detector.ts";
import { argumentText, type Call, calls } from "../languages/calls.ts";
import { sight } from "./_sight.ts";

const WORDS = ["pickle", "dill.loads"] as const;
const LOADS = /(?:^|\.)(?:c?pickle|_pickle|dill|cloudpickle)\.loads?$/i;
/** A global that a pickle calls when it is loaded: both names as protocol 0 writes them, or as counted strings. */
const CALLS_GLOBAL =
  /(?:builtins|__builtin__|posix|nt|os|subprocess|runpy|importlib|socket|ctypes|pty)(?:\n|[\x00-\x1f\x80-\xff]{1,6})(?:exec|eval|system|popen|Popen|getattr|__import__|call|check_output|run|compile|spawn|import_module|_run_code)/;

export const unpicklesProgram: Detector = {
  id: "unpickles-program",
  title: "A pickle written in the code calls a function when it is loaded",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 6.6,
  class: "threat",
  group: "obfuscation",
  why: `The bytes given to \`pickle.loads\` are a constant, and they name \`exec\`, \`os.system\` or the like: loading them runs a program that
no reader sees. A pickle that is written into source has no other use; data would be written as data.

Test suites of serialisation and security tools hold such pickles as strings; they do not load them at import.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of tree.files) {
      if (file.kind !== "python" || !file.hits.hasAny(WORDS) || !mayName(file, ["decode"])) continue;
      for (const call of calls(file)) {
        const what = LOADS.test(call.name) ? calledIn(call) : undefined;
        if (what !== undefined) yield sight(file, call.offset, `${call.name} of a constant calls ${what}`);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import pickle\npickle.loads(b'cos\\nsystem\\n(S\\'true\\'\\ntR.')\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import pickle\nx = pickle.loads(data)\ny = pickle.loads(b'N.')\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "from pickle import loads as l\nimport base64\nl(base64.b64decode('Y29zCnN5c3RlbQooUyd0cnVlJwp0Ui4='))\n",
        },
      },
    ],
  },
};

function calledIn(call: Call): string | undefined {
  const bytes = argumentText(call, 0)?.slice(0, 1 << 20);
  return bytes === undefined ? undefined : CALLS_GLOBAL.exec(bytes)?.[0].replace(/[^\x20-\x7e]+/g, ".");
}
