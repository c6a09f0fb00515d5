import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { withinEdits } from "../names/spelling.ts";
import { isMember, sight } from "./_sight.ts";

/** Files whose imports are read, and how much of each; more of either is a program whose parts are well known. */
const MOST_FILES = 60;
const MOST_READ = 20_000;
const MOST_NAMES = 400;
/** Shorter names are one letter apart by chance. */
const SHORTEST = 7;
const IMPORT = /^[ \t]{0,12}(?:from|import)[ \t]{1,4}([A-Za-z_]\w{0,100})/gm;
const REQUIRES = /^(?:[^/]{1,200}\/)?(?:[^/]{1,100}\/)?[^/]{1,200}\.egg-info\/requires\.txt$/;

export const requiresMisspelledName: Detector = {
  id: "requires-misspelled-name",
  title: "Requires a release whose name is a misspelling of the module that the code imports",
  severity: "high",
  ecosystems: ["pypi"],
  points: 4.6,
  class: "threat",
  group: "dependencies",
  why: `The code imports a module, and what the release requires to be installed has nearly the name of it: letters are swapped, or one in the
middle is missing or doubled. Installing this brings in whatever lies under the misspelled name, and the code works all the same, because
that release carries a copy of the module. Copies of well-known libraries lead to a prepared dependency this way.

Names of distributions often differ from those of their modules, but by a word or an ending. A slip of an honest author breaks his release
at once, or installs a stranger's.`,
  *detect(tree) {
    const required = requiredIn(tree);
    if (required.size === 0) return;
    const imported = importedIn(tree);
    for (const [name, file] of required) {
      const module = name.toLowerCase().replace(/[-.]/g, "_");
      if (module.length < SHORTEST || imported.has(module)) continue;
      const meant = [...imported].find((one) => isSlip(module, one));
      if (meant === undefined || required.has(meant) || required.has(meant.replaceAll("_", "-"))) continue;
      const at = Math.max(0, file.text.indexOf(name));
      yield sight(file, at, `requires ${name}, the code imports ${meant}`, { phase: "install" });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: exapmle-client (>=1.0)\n",
          "demo/a.py": "from example_client.api import Client\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO":
            "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: example-clients\nRequires-Dist: pyexample\n",
          "demo/a.py": "import example_client\nimport example\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO":
            "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: exapmle-client\nRequires-Dist: example-client\n",
          "demo/a.py": "import example_client\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
          "demo.egg-info/requires.txt": "exammple_client<2,>=1\n",
          "demo/a.py": "def f():\n    import example_client.api as e\n    return e\n",
        },
      },
    ],
  },
};

/** Names that installing brings in, and where they stand. */
function requiredIn({ manifest, files, file }: ReleaseTree): ReadonlyMap<string, SourceFile> {
  const required = new Map<string, SourceFile>();
  const from = manifest === undefined ? undefined : file(manifest.path);
  if (manifest !== undefined && from !== undefined)
    for (const name of Object.keys(manifest.dependencies).slice(0, MOST_NAMES)) required.set(name.toLowerCase(), from);
  const list = files.find((one) => isMember(one) && REQUIRES.test(one.path));
  for (const line of list?.text.slice(0, MOST_READ).split("\n", MOST_NAMES) ?? []) {
    const name = /^[A-Za-z][\w.-]{0,100}/.exec(line)?.[0];
    if (name !== undefined) required.set(name.toLowerCase(), list!);
  }
  return required;
}

function importedIn({ files }: ReleaseTree): ReadonlySet<string> {
  const imported = new Set<string>();
  let read = 0;
  for (const file of files) {
    if (file.kind !== "python" || !isMember(file)) continue;
    if (++read > MOST_FILES) break;
    for (const [, name] of file.text.slice(0, MOST_READ).matchAll(IMPORT)) {
      imported.add(name!.toLowerCase());
      if (imported.size >= MOST_NAMES) return imported;
    }
  }
  return imported;
}

/** Whether one is the other with two neighbours swapped, or with one letter more inside: endings and beginnings are meant. */
function isSlip(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1 || one === other) return false;
  const [long, short] = one.length >= other.length ? [one, other] : [other, one];
  let at = 0;
  while (at < short.length && long[at] === short[at]) at++;
  if (long.length === short.length) return areSwapped(long, short, at);
  return at > 1 && at < short.length - 1 && /[a-z]/.test(long[at]!) && long.slice(at + 1) === short.slice(at);
}

/** Whether letters changed places: two neighbours, or in long names more of them nearby. */
function areSwapped(one: string, other: string, at: number): boolean {
  const letters = (name: string) => [...name].toSorted().join("");
  if (letters(one) !== letters(other)) return false;
  const swapped = one[at] === other[at + 1] && one[at + 1] === other[at];
  return (swapped && one.slice(at + 2) === other.slice(at + 2)) || (one.length >= LONG && withinEdits(one, other, 2));
}

const LONG = 12;
