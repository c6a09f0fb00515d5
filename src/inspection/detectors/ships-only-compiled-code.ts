import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { isMember } from "./_sight.ts";

/** Python beside a compiled module that only names it, in bytes. */
const LITTLE = 1_500;
/** Sources that such a module may have been made of. */
const SOURCE = /\.(?:c|cc|cpp|cxx|h|hpp|pyx|pxd|rs|go|f|f90|cs|m|mm|swift|zig|nim|java|cu|s|asm|proto|i)$/i;
const MODULE = /\.(?:pyd|so|dylib|dll|exe)$/i;

export const shipsOnlyCompiledCode: Detector = {
  id: "ships-only-compiled-code",
  title: "A source release whose code is compiled",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.3,
  class: "threat",
  group: "unreadable",
  why: `What calls itself a source release holds a compiled module or program for one system, nothing it could have been made of, and a few lines of
Python that start it. Nobody can say what it does, which is the only reason to publish it in this form: compiled modules belong into wheels.

Authors who hide how their programs work do the same with honest ones. Whether theirs is one cannot be seen.`,
  *detect(tree) {
    if (tree.form !== "sdist") return;
    const members = tree.files.filter(isMember);
    const compiled = members.find((file) => isCompiled(file));
    if (compiled === undefined || members.some(({ path }) => SOURCE.test(path))) return;
    const python = members.filter(({ kind, path }) => kind === "python" && !/(?:^|\/)setup\.py$/.test(path));
    const bytes = python.reduce((sum, file) => sum + file.bytes.length, 0);
    if (bytes > LITTLE || !isNamed(tree, compiled)) return;
    const says = `the code is in ${compiled.path.slice(-100)}, ${compiled.bytes.length} bytes; ${bytes} bytes of Python are beside it`;
    yield { path: compiled.path, line: null, phase: "import", share: systemsOf(members) > 1 ? 0.6 : 1, says };
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/start.py": "from .main import main\nmain()\n", "demo/main.pyd": program() },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/start.py": "from .main import main\n",
          "demo/main.pyx": "def main():\n    pass\n",
          "demo/main.so": program(),
        },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/start.py": "from .main import main\n", "demo/main.pyd": program() },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "src/demo/__init__.py": "import os\nos.startfile('tool.exe')\n", "src/demo/tool.exe": program() },
      },
    ],
  },
};

function isCompiled({ kind, path }: SourceFile): boolean {
  return (kind === "executable" || kind === "dotnet") && MODULE.test(path);
}

/** For how many systems there are programs: who carries a tool for everybody carries it for each. */
function systemsOf(members: readonly SourceFile[]): number {
  const programs = members.filter(({ kind }) => kind === "executable");
  const systems = programs.map(({ bytes }) => bytes.subarray(0, 2).toString("latin1"));
  return new Set(systems.map((head) => (head === "\u007fE" ? "ELF" : head === "MZ" ? "PE" : "Mach-O"))).size;
}

/** Whether some Python or the setup script speaks of it by its name without endings. */
function isNamed({ files }: ReleaseTree, { path }: SourceFile): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).split(".", 1)[0]!;
  return name.length > 0 && files.some(({ kind, text }) => kind === "python" && text.includes(name));
}

/** The least that is taken for a program: the head of an ELF file without content. */
function program(): string {
  return `\u007fELF\u0002\u0001\u0001${"\u0000".repeat(120)}`;
}
