import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const NETWORK = [
  "urlopen",
  "urlretrieve",
  "requests",
  "httpx",
  "aiohttp",
  "urllib",
  "socket",
  "curl",
  "wget",
  "http.get",
  "fetch(",
  "axios",
  "net.connect",
  "downloadstring",
  "downloadfile",
  "invoke-webrequest",
  "iwr ",
] as const;
const ADDRESS = /(?:https?|ftp|tcp|wss?):\/\/(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::\d{1,5})?[^\s"'`]{0,120}/;
const CONNECT = /\(\s{0,4}["'](\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})["']\s{0,4},\s{0,4}\d{2,5}\s{0,4}\)/;

export const fetchesFromRawAddress: Detector = {
  id: "fetches-from-raw-address",
  title: "Talks to a public address that has no name",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 3,
  class: "threat",
  group: "suspicious-host",
  why: `The code connects to a server by a literal public IPv4 address. Who wants to be found again rents a name; rented machines that
last a few days have none. Phylum counted more than twelve thousand such requests in one quarter of releases.

Examples use private and documentation addresses, name servers are known by theirs; both pass.`,
  literals: NETWORK,
  *detect(tree) {
    for (const file of codeWith(tree, NETWORK)) {
      const match = matchInCode(file, ADDRESS) ?? (file.has("socket") ? matchInCode(file, CONNECT) : undefined);
      if (match === undefined) yield* putTogether(file);
      else if (isPublic(match[1] ?? ""))
        yield sight(file, match.index, `talks to ${match[0].slice(0, 160)}`, { share: shareOf(file) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import requests\nrequests.get('http:' + '//x')\nU = 'tcp://45.67.89.10/x'\n" },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "import socket\ns.connect(('45.67.89.10', 4444))\n" } },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import requests\nrequests.get('tcp://127.0.0.1:80/')\nU = 'tcp://192.168.1.1/'\n" },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "import socket\ns.connect(('8.8.8.8', 80))\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import requests\nhost = '45.67.'\nhost = host + '89.10'\nrequests.get('tcp:' + '//' + host + ':8080/x')\n",
        },
      },
      {
        ecosystem: "pypi",
        files: { "setup.py": "import urllib.request as u\nu.urlopen('ftp://45.67.89.10:8080/x')\n" },
      },
    ],
  },
};

/** An address that stands nowhere as it is, but in what a call is given. */
function* putTogether(file: SourceFile) {
  if (file.kind !== "python") return;
  for (const deed of deedsOf(file, "http", "upload", "socket")) {
    const match = ADDRESS.exec(deed.text.slice(0, 2_000));
    if (match === null || !isPublic(match[1] ?? "")) continue;
    yield sight(file, deed.offset, `${deed.what} talks to ${match[0].slice(0, 160)}`, { share: shareOf(file) });
    return;
  }
}

function shareOf(file: SourceFile): number {
  if (file.phase === "install" || file.phase === "start") return 1;
  const soon = deedsOf(file, "http", "upload", "socket", "start").some((deed) => deed.phase === "import");
  return soon ? 0.9 : 0.4;
}

/** Neither private, local, multicast nor documentation, and none of the well-known name servers. */
function isPublic(address: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  if ([a, b, c, d].some((part) => part > 255)) return false;
  if (a === 0 || a === 10 || a === 127 || a >= 224 || (a === 100 && b >= 64 && b < 128)) return false;
  if ((a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)) return false;
  if (
    (a === 192 && b === 0) ||
    (a === 198 && (b === 51 || b === 18 || b === 19)) ||
    (a === 203 && b === 0 && c === 113)
  )
    return false;
  return !/^(?:8\.8\.[84]\.[84]|1\.[01]\.[01]\.1|1\.2\.3\.4|9\.9\.9\.9|208\.67\.22[02]\.22[02]|5\.6\.7\.8|4\.[42]\.[42]\.[1-4]|11\.22\.33\.44|12\.34\.56\.78|12\.12\.12\.12|111\.111\.111\.111|114\.114\.114\.114|119\.29\.29\.29|223\.5\.5\.5|223\.6\.6\.6)$/.test(
    address,
  );
}
