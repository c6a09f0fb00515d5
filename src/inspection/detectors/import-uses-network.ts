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
      const apart = file.phase === "import" || file.phase === "start" ? 1 : 0.5;
      for (const deed of deedsOf(file, "http", "upload", "dns", "mail")) {
        if ((deed.phase !== "import" && deed.phase !== "start") || deed.command !== undefined || !reallyAsks(deed))
          continue;
        const share = shareOf(deed) * apart;
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

/** A lookup of a name that only the caller knows tells nobody anything; what is asked and read is a smaller sign than a message. */
function shareOf({ act, ignored, text }: Deed): number {
  if (act === "dns") return /[\w-]\.[a-z]{2,20}(?:[\s:/]|$)/i.test(text) ? 0.7 : 0.2;
  return act === "http" && !ignored ? 0.5 : 1;
}

/** Making a session or a pool asks nothing yet. */
function reallyAsks({ what, text }: Deed): boolean {
  // A path is what a web framework's decorator answers: `@post("/items")`.
  return (
    !/^\s*\//.test(text) &&
    !/(?:Session|session|Client|PoolManager|Connection|Resolver|URLopener|Curl|TeleBot|Bot|SMTP|SMTP_SSL|FTP|SSHClient)$/.test(
      what,
    )
  );
}
