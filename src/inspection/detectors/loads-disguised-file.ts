import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { codeWith, isMember, matchInCode, sight } from "./_sight.ts";

/** What gives a file's content to an interpreter, to the loader of modules or to the system. */
const LOADERS = [
  "zipimport",
  "sys.path",
  "marshal",
  "importlib",
  "ctypes",
  "runpy",
  "exec(",
  "subprocess",
  "os.system",
  "startfile",
  "load_module",
  "require(",
  "child_process",
] as const;
/** Endings of files that no interpreter and no system runs. */
const HARMLESS =
  /\.(?:crt|cer|pem|pub|key|png|jpe?g|gif|ico|bmp|svg|webp|txt|md|rst|css|html?|csv|tsv|log|ttf|otf|woff2?|mp[34]|wav|ogg|pdf|typed|lock|cfg|ini|ya?ml|json|xml)$/i;
const PROGRAMS: ReadonlySet<string> = new Set(["archive", "executable", "dotnet", "pyc"]);
const MOST = 20;

export const loadsDisguisedFile: Detector = {
  id: "loads-disguised-file",
  title: "Loads a program that is called a picture, a certificate or a text",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 5.6,
  class: "threat",
  group: "obfuscation",
  why: `A file of the release has the ending of a picture, a certificate, a font or a text, and is an archive of modules or a native program. The
code names it beside something that loads or starts programs. The ending is there for whoever looks through the release.

Test data with a wrong ending is not named by code that runs.`,
  literals: LOADERS,
  *detect(tree) {
    const disguised = disguisedIn(tree);
    if (disguised.length === 0) return;
    for (const file of codeWith(tree, LOADERS)) {
      if (file.apart === true) continue;
      for (const { name, path, kind } of disguised) {
        const match = matchInCode(file, new RegExp(name.replace(/[^\w]/g, "\\$&")));
        if (match === undefined) continue;
        yield sight(file, match.index, `names ${path.slice(-100)}, whose content is ${SAYS[kind] ?? "a program"}`);
        return;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "import zipimport\nm = zipimport.zipimporter('demo/server.crt').load_module('a')\n",
          "demo/server.crt": program(),
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "import importlib, ssl\nc = ssl.create_default_context(cafile='demo/server.crt')\n",
          "demo/server.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n",
        },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import importlib\n", "tests/broken.png": program() },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import os, subprocess as s\ns.Popen([os.path.join(os.path.dirname(__file__), 'logo.png')])\n",
          "demo/logo.png": program(),
        },
      },
    ],
  },
};

/** The least that is taken for a program: the head of an ELF file without content. */
function program(): string {
  return `\u007fELF\u0002\u0001\u0001${"\u0000".repeat(120)}`;
}

const SAYS: Readonly<Record<string, string>> = {
  archive: "an archive",
  executable: "a native program",
  dotnet: "a .NET program",
  pyc: "compiled Python",
};

function disguisedIn({ files }: ReleaseTree): readonly { name: string; path: string; kind: SourceFile["kind"] }[] {
  return files
    .filter((file) => isMember(file) && PROGRAMS.has(file.kind) && HARMLESS.test(file.path))
    .slice(0, MOST)
    .map(({ path, kind }) => ({ name: path.slice(path.lastIndexOf("/") + 1), path, kind }))
    .filter(({ name }) => name.length <= 100);
}
