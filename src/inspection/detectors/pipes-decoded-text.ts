import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const WORDS = ["base64", "openssl", "xxd", "frombase64string", "b64decode"] as const;
/** Text is decoded by one program and run by the next. */
const PIPED =
  /\b(?:base64[ \t]{1,4}(?:-d|-D|--decode)|openssl[ \t]{1,4}(?:enc|base64)[^|\n]{0,60}-d\b|xxd[ \t]{1,4}-r)[^|\n]{0,60}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?(?:(?:\/usr)?\/bin\/)?(?:(?:ba|z|da|k)?sh|python[\d.]{0,4}|perl|ruby|node|php|gunzip)\b|\b(?:eval|source|(?:ba|z)?sh[ \t]{1,4}-c)[ \t"'(]{1,6}\$\([^)\n]{0,4000}base64[ \t]{1,4}(?:-d|-D|--decode)|\b(?:iex|invoke-expression)\b[^\n]{0,200}frombase64string/i;
const SHELLS = new Set(["shell", "batch", "powershell"]);

export const pipesDecodedText: Detector = {
  id: "pipes-decoded-text",
  title: "A command decodes text and hands it to a shell",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 6.4,
  class: "threat",
  group: "obfuscation",
  why: `\`base64 -d\` and the like write into a shell or an interpreter. What runs is not to be read in the release; there is no other reason
to encode a command that is run in the same line.

Images for containers and provisioning scripts carry files this way; they write them to disk and do not run them.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (SHELLS.has(file.kind)) {
        const match = matchInCode(file, PIPED);
        if (match !== undefined)
          yield sight(file, match.index, `decodes and runs in one line: ${match[0].slice(0, 120)}`);
        continue;
      }
      for (const deed of deedsOf(file, "start")) {
        const match = PIPED.exec(deed.text.slice(0, 20_000));
        if (match === null) continue;
        yield sight(file, deed.offset, `decodes and runs in one line: ${match[0].slice(0, 120)}`, {
          phase: deed.phase,
        });
      }
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('echo dHJ1ZQo= | base64 -d | bash')\n" } },
      { ecosystem: "npm", files: { "install.sh": "#!/bin/sh\necho dHJ1ZQo= | base64 --decode | sh\n" } },
    ],
    passes: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('echo dHJ1ZQo= | base64 -d > true.txt')\n" } },
      { ecosystem: "pypi", files: { "demo/a.py": "# echo dHJ1ZQo= | base64 -d | bash\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "from os import system as s\ns('eval \"$(echo dHJ1ZQo= | base64 -d)\"')\n" },
      },
    ],
  },
};
