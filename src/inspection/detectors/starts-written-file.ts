import { marks } from "../behaviour/marks.ts";
import { statementsOf } from "../behaviour/statements.ts";
import { deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isSetup } from "./_setup.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

const MAKES = ["temporaryfile", "mkstemp", "open("] as const;
/** What makes a file whose name nobody knows before. */
const TEMPORARY = /^tempfile\.(?:NamedTemporaryFile|mkstemp)$/;
/** The variable that holds the path of a file that is opened for writing. */
const WRITTEN =
  /\bopen\([ \t]{0,4}([A-Za-z_]\w{0,80})[ \t]{0,4},[ \t]{0,4}(?:mode[ \t]{0,2}=[ \t]{0,2})?["'][wax]b?\+?["']/g;
/** The start names an interpreter, a script, or nothing but the file. */
const RUNS =
  /python|\bexecutable\b|\bstart\b|\.(?:pyw?|bat|cmd|vbs|ps1|exe|sh)\b|wscript|cscript|powershell|\b(?:ba)?sh\b|^\(\s{0,4}\[?\s{0,4}[A-Za-z_]\w{0,80}(?:\.name)?\s{0,4}[\]),]/;
/** The name that is written down of a program that is opened for writing or moved to where it stays. */
const NAMED =
  /\b(?:open|rename|replace|copy|copyfile|move|Path)\([^\n]{0,160}?["'](?:[^"'\n]{0,120}[/\\])?([\w-]{2,60}\.(?:pyw?|bat|cmd|vbs|vbe|ps1|exe|scr|hta|sh))["'][^\n]{0,120}?["'][wax]b?\+?["']/g;
const SHELL = /^\s{0,4}(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh\b/;
const MOST = 200;

export const startsWrittenFile: Detector = {
  id: "starts-written-file",
  title: "Installing or importing the package writes a file and starts it",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5,
  class: "threat",
  group: "download-and-run",
  why: `As soon as the release is installed or imported it writes a file, usually a temporary one, and starts it as a program. The second
program lives on when the first has ended, and can be written so that only the file on disk shows what it does.

Build scripts compile a small test program to learn what the compiler can do; they start the compiler with it, not the file.`,
  literals: MAKES,
  *detect(tree) {
    for (const file of codeWith(tree, MAKES)) {
      if (file.kind !== "python" || !marks("start").some((mark) => file.has(mark))) continue;
      if (!isSetup(file) && !mayActAtLoad(file, "start")) continue;
      const names = namesOfWritten(file);
      if (names.size === 0) continue;
      for (const deed of deedsOf(file, "start")) {
        if (isLate(deed)) continue;
        if (deed.command?.builds === true && !SHELL.test(deed.text)) continue;
        const program = programOf(deed.words);
        const used =
          (program.match(/(?<![\w.])[A-Za-z_]\w{0,80}/g) ?? []).find((word) => names.has(word)) ??
          (program.match(/[\w-]{2,60}\.\w{2,4}(?=["'\s])/g) ?? []).find((word) => names.has(word));
        if (used === undefined || (!RUNS.test(deed.words) && deed.what !== "os.startfile")) continue;
        yield sight(file, deed.offset, `${deed.what} starts ${used}, which was just written`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "from tempfile import NamedTemporaryFile\nimport os, sys\nt = NamedTemporaryFile(delete=False)\nt.write(b'pass')\nt.close()\nos.system(f'start {sys.executable} {t.name}')\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import os, sys, subprocess, tempfile\nfd, path = tempfile.mkstemp()\nopen(path, 'w').write('x')\nsubprocess.Popen([sys.executable, os.path.join(HERE, 'run.py'), '-c', path])\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import subprocess, tempfile\nt = tempfile.NamedTemporaryFile(suffix='.c')\nt.write(b'int main() {}')\nsubprocess.call(['gcc', t.name])\n",
        },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import subprocess\ndef run(p):\n    open(p, 'w').write('x')\n    subprocess.call(['sh', p])\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "from os import environ, startfile\nopen(environ['appdata'] + '\\\\agent.pyw', 'w').write(text)\nstartfile(environ['appdata'] + '\\\\agent.pyw')\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import subprocess as s\nhere = '/tmp/x'\nwith open(here, 'w') as f:\n    f.write('true')\ns.Popen(['sh', here])\n",
        },
      },
    ],
  },
};

function namesOfWritten(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const statements = statementsOf(file);
  for (const deed of deedsOf(file, "open").filter(({ what }) => TEMPORARY.test(what))) {
    for (const name of statements.names(deed.statement).gives) names.add(name);
  }
  for (const match of file.text.matchAll(WRITTEN)) {
    if (match[1] !== undefined) names.add(match[1]);
    if (names.size >= MOST) break;
  }
  for (const match of file.text.matchAll(NAMED)) {
    if (match[1] !== undefined) names.add(match[1]);
    if (names.size >= MOST) break;
  }
  return names;
}

/** What an interpreter is given to run, without what that is given in turn: of `[sys.executable, "a.py", config]` not the last. */
function programOf(words: string): string {
  const after = /^\(\s{0,20}\[\s{0,20}sys\.executable[^,\]]{0,60},(.{0,600})$/s.exec(words)?.[1];
  if (after === undefined || /^\s{0,20}["']-/.test(after)) return words;
  let depth = 0;
  for (let at = 0; at < after.length; at++) {
    if (/[([{]/.test(after[at]!)) depth++;
    else if (/[)\]}]/.test(after[at]!)) depth--;
    if (depth < 0 || (depth === 0 && after[at] === ",")) return after.slice(0, at);
  }
  return words;
}
