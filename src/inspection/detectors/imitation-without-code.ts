import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { builtInLookalikes } from "../names/index.ts";
import { LEAST_SCORE } from "../names/lookalikes.ts";
import { isCode, isMember } from "./_sight.ts";

/** Characters of code, without comments and blanks, that do nothing for anybody. */
const NOTHING = 200;

export const imitationWithoutCode: Detector = {
  id: "imitation-without-code",
  title: "An empty release under a name that is mistaken for a popular one",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.4,
  class: "threat",
  group: "name",
  why: `The name is a popular one with a slip of the finger in it, and the release holds no code of its own. Nobody can want to install it; the
only use of such a release is that somebody installs it by mistake, this version or the next.

Owners of popular names and researchers register such names so that nobody else can. Withholding those harms nobody either.`,
  *detect(tree) {
    const { manifest, ecosystem } = tree;
    if (ecosystem === "unknown" || manifest === undefined || manifest.name.length > 100) return;
    if (codeIn(tree) > NOTHING) return;
    const found = builtInLookalikes(ecosystem).find(manifest.name);
    if (found === undefined || found.score < LEAST_SCORE) return;
    const says = `${manifest.name} is easily mistaken for ${found.popular} (popular, place ${found.rank}) and holds no code`;
    yield { path: manifest.path, line: null, phase: "install", says };
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO": "Metadata-Version: 2.1\nName: reqeusts\nVersion: 1.0\n",
          "setup.py": "from setuptools import setup\nsetup(name='reqeusts')\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO": "Metadata-Version: 2.1\nName: reqeusts\nVersion: 1.0\n",
          "reqeusts.py": `NAMES = [${"'one', 'two', ".repeat(30)}]\n`,
        },
      },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: tidycolours\nVersion: 1.0\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO": "Metadata-Version: 2.1\nName: reqeusts\nVersion: 1.0\n",
          "reqeusts/__init__.py": `__version__ = "1.0"  # ${"nothing to see here ".repeat(30)}\n`,
        },
      },
    ],
  },
};

/** Characters of code that is not the setup script's; programs and other archives count as very much. */
function codeIn({ files }: ReleaseTree): number {
  let sum = 0;
  for (const file of files) {
    if (!isMember(file) || sum > NOTHING) continue;
    if (OTHER.has(file.kind)) return Number.POSITIVE_INFINITY;
    if (isCode(file) && !/(?:^|\/)setup\.py$/.test(file.path)) sum += codeOf(file);
  }
  return sum;
}

const OTHER: ReadonlySet<string> = new Set(["executable", "dotnet", "pyc", "archive", "binary"]);

function codeOf({ tokens, bytes }: SourceFile): number {
  if (tokens.length === 0) return bytes.length > 1 << 20 ? bytes.length : 0;
  let sum = 0;
  for (let at = 0; at < tokens.length && sum <= NOTHING; at++) sum += tokens.end(at) - tokens.start(at);
  return sum;
}
