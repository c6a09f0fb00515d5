import type { Detector } from "../detector.ts";
import { isMember } from "./_sight.ts";

/** Modules of the standard library that programs import early; installing one's own at the top level replaces or follows them. */
const STANDARD = new Set(
  `abc argparse ast asyncio base64 binascii bisect builtins bz2 calendar cgi cmath code codecs collections configparser contextlib copy
csv ctypes datetime decimal difflib dis email encodings enum errno fcntl fileinput fnmatch fractions ftplib functools gc genericpath
getopt getpass gettext glob gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache
locale logging lzma marshal math mimetypes mmap multiprocessing netrc numbers operator os pathlib pickle pkgutil platform posixpath pprint
pty queue random re readline reprlib runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
sqlite3 ssl stat statistics string stringprep struct subprocess sys sysconfig tarfile tempfile textwrap threading time timeit token
tokenize trace traceback tracemalloc types typing unittest urllib uuid warnings weakref webbrowser xml xmlrpc zipfile zipimport zlib`.split(
    /\s/,
  ),
);
/** \`dataclasses\`, \`enum34\`, \`typing\`, \`pathlib\` and others are published honestly as backports of later standard modules. */
const BACKPORTS = new Set(
  "argparse asyncio configparser contextlib enum functools importlib ipaddress html http pathlib selectors statistics typing unittest uuid ssl queue socketserver xmlrpc builtins secrets decimal fractions ctypes readline subprocess tracemalloc signal hmac hashlib sqlite3 lzma bz2 xml email logging multiprocessing ordereddict simplejson".split(
    " ",
  ),
);

export const shadowsStandardModule: Detector = {
  id: "shadows-standard-module",
  title: "A top-level module has the name of a standard one",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 2.2,
  class: "threat",
  group: "interpreter-start",
  why: `The wheel installs a top-level module named like one of the standard library. Where site-packages comes first, every program
that imports the standard module runs this code instead.

Backports of newer standard modules to older interpreters do this honestly; the well-known ones are left out.`,
  *detect(tree) {
    if (tree.form !== "wheel") return;
    const seen = new Set<string>();
    for (const file of tree.files) {
      if (!isMember(file)) continue;
      const top = topModule(file.path);
      if (top === undefined || seen.has(top) || !STANDARD.has(top) || BACKPORTS.has(top)) continue;
      seen.add(top);
      yield {
        path: file.path,
        line: null,
        phase: "import",
        says: `installs a top-level module named ${top}, like the standard one`,
      };
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", form: "wheel", files: { "os.py": "x = 1\n" } },
      { ecosystem: "pypi", form: "wheel", files: { "json/__init__.py": "x = 1\n" } },
    ],
    passes: [
      { ecosystem: "pypi", form: "wheel", files: { "demo/os.py": "x = 1\n", "enum.py": "x = 1\n" } },
      { ecosystem: "pypi", form: "sdist", files: { "json.py": "x = 1\n" } },
    ],
    evasions: [{ ecosystem: "pypi", form: "wheel", files: { "demo-1.0.data/purelib/socket.py": "x = 1\n" } }],
  },
};

/** Name of the top-level module that a wheel's member becomes, or part of: data schemes `purelib` and `platlib` count as the root. */
function topModule(path: string): string | undefined {
  const inside = path.replace(/^[^/]{1,200}\.data\/(?:purelib|platlib)\//, "");
  const parts = inside.split("/", 3);
  const first = parts[0] ?? "";
  if (parts.length === 1) return /^(\w{1,80})\.(?:py|pyd|so|[\w-]{1,60}\.so)$/.exec(first)?.[1];
  return parts[1] === "__init__.py" ? first : undefined;
}
