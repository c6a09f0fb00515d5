import { marks } from "../behaviour/marks.ts";
import { type Deed, deedsOf, mayActAtLoad } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, sight } from "./_sight.ts";

export const importUsesNetwork: Detector = {
  id: "import-uses-network",
  title: "Importing the module talks to a server",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.2,
  class: "threat",
  group: "import-acts",
  why: `A request is made as soon as the module is loaded, before anybody calls a function. Sending something there reports who uses
the module.

Small scripts published as modules fetch their data this way; a plain request gets half the points.`,
  literals: marks("http", "dns", "socket", "mail"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("http", "dns", "socket", "mail"))) {
      if (file.kind !== "python" || !mayActAtLoad(file, "network")) continue;
      const apart = file.phase === "import" ? 1 : 0.5;
      for (const deed of deedsOf(file, "http", "upload", "dns", "mail")) {
        if (deed.phase !== "import" || deed.command !== undefined || !reallyAsks(deed)) continue;
        const share = (deed.act === "http" && deed.ignored !== true ? 0.5 : deed.act === "dns" ? 0.7 : 1) * apart;
        yield sight(file, deed.offset, `${deed.what} asks ${deed.text.slice(0, 160) || "a server"} at import`, {
          share,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import requests\nrequests.post('http://example.invalid', json={})\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "import requests\nsession = requests.Session()\ndef f():\n    requests.get('http://example.invalid')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py":
            "from urllib.request import urlopen as o\ndef f():\n    o('http://example.invalid')\ndef g():\n    f()\ng()\n",
        },
      },
    ],
  },
};

/** Making a session or a pool asks nothing yet. */
function reallyAsks({ what }: Deed): boolean {
  return !/(?:Session|session|Client|PoolManager|Connection|Resolver|URLopener|Curl|TeleBot|Bot|SMTP|SMTP_SSL|FTP|SSHClient)$/.test(
    what,
  );
}
