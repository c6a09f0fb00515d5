import { isUnknown } from "../behaviour/commands.ts";
import { marks } from "../behaviour/marks.ts";
import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";
import { isSetup, runsAtInstall } from "./_setup.ts";
import { codeWith, sight } from "./_sight.ts";

export const setupUsesNetwork: Detector = {
  id: "setup-uses-network",
  title: "setup.py talks to a server",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.3,
  class: "threat",
  group: "setup-acts",
  why: `\`setup.py\` opens a connection while the release is installed. Sending something, or looking up a constant host name, has no use
for building and reports each installation to somebody.

Some releases download a compiler, a library or test data at this point: plain downloads get few points, but in a release that holds nothing
beside its \`setup.py\`.`,
  literals: marks("http", "dns", "socket", "mail"),
  *detect(tree) {
    let alone: boolean | undefined;
    for (const file of codeWith(tree, marks("http", "dns", "socket", "mail"))) {
      if (!isSetup(file)) continue;
      for (const deed of deedsOf(file, "http", "upload", "dns", "socket", "mail")) {
        if (deed.command !== undefined || !runsAtInstall(deed) || isLocal(deed)) continue;
        yield sight(
          file,
          deed.offset,
          `${deed.what} connects to ${deed.text.slice(0, 160) || "an address known only when it runs"}`,
          {
            phase: "install",
            // Where nothing is installed, nothing can be built from what is fetched either.
            share: (alone ??= isAlone(tree)) && !isUnknown(deed.text) ? 1 : shareOf(deed),
          },
        );
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import requests\nrequests.post('http://example.invalid/hello', json={'a': 1})\n" },
      },
      { ecosystem: "pypi", files: { "setup.py": "import socket\nsocket.gethostbyname('x.example.invalid')\n" } },
      {
        ecosystem: "pypi",
        files: { "setup.py": "import requests\nr = requests.get('http://example.invalid/hello')\nprint(r.text)\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "from setuptools import setup\nsetup(install_requires=['requests'])\n" },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "import requests\nrequests.get(url)\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "u = __import__('urllib.request').request\nu.urlopen('http://example.invalid/')\n" },
      },
    ],
  },
};

/** A socket of this machine only: https://man7.org/linux/man-pages/man7/unix.7.html */
function isLocal({ act, words }: Deed): boolean {
  return act === "socket" && /^\s{0,10}\(?\s{0,10}(?:family\s{0,4}=\s{0,4})?(?:socket\.)?AF_UNIX\b/.test(words);
}

/** Whether the setup script is all the code and data there is. */
function isAlone({ files }: ReleaseTree): boolean {
  return !files.some(({ place, kind, bytes, layer }) => {
    if (layer !== undefined || bytes.length === 0 || /(?:^|\/)setup\.py$/.test(place)) return false;
    return kind !== "text" && kind !== "markdown" && kind !== "toml" && kind !== "ini";
  });
}

function shareOf({ act, ignored, what, text }: Deed): number {
  // A connection to where only the caller knows, before anything was sent through it.
  if (isUnknown(text) && (act === "socket" || OPENS.test(what))) return 0.5;
  if (act !== "http") return 1;
  // Written to a file by the call itself.
  const keeps = !ignored || /(?:urlretrieve|download)$/.test(what);
  // What is fetched and not looked at was never wanted: the request itself is the message.
  return keeps ? 0.5 : 1;
}

const OPENS = /(?:FTP|FTP_TLS|SMTP|SMTP_SSL|Client|Session|Connection|Telnet)$/;
