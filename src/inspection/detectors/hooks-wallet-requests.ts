import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { scriptsWith } from "./_npm.ts";
import { matchInCode, sight } from "./_sight.ts";

const WALLETS = ["ethereum", "solana", "tronweb", "phantom", "0x[a-f", "[13][a-km-z", "bc1["] as const;
/** Something is put in the place of a function through which payments go. */
const REPLACES_WALLET =
  /(?:ethereum|solana|phantom|tronweb|provider)\s?(?:\.\s?|\[\s?['"`])(?:request|send|sendasync|signtransaction|signandsendtransaction)(?:['"`]\s?\])?\s?=[^=>]/i;
const REPLACES_NETWORK =
  /XMLHttpRequest\s?\.\s?prototype\s?(?:\.\s?|\[\s?['"`])(?:open|send)(?:['"`]\s?\])?\s?=[^=>]|(?:window|globalThis|self|global)\s?(?:\.\s?|\[\s?['"`])fetch(?:['"`]\s?\])?\s?=[^=>]|(?:^|[;{}\s])fetch\s?=\s?(?:async\s?)?function/;
/** Addresses of wallets as constants. */
const ADDRESS =
  /['"`](?:0x[0-9a-fA-F]{40}|bc1[a-z0-9]{25,60}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}|T[A-Za-z1-9]{33}|ltc1[a-z0-9]{25,60})['"`]/g;
/** Patterns that recognise them in what passes by. */
const RECOGNISES = /0x\[a-fA-F0-9\]\{40\}|\[13\]\[a-km-z|bc1\[|\(bc1\||\^T\[|\[1-9A-HJ-NP-Za-km-z\]/;
const LEAST_ADDRESSES = 3;
/** The recipient of a payment becomes a constant: `params[0].to = "0x…"`. */
const REDIRECTS =
  /(?:\.to|\[["']to["']\]|\bto|recipient|toPubkey)\s?[=:]\s?["'`](?:0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}|bc1[a-z0-9]{25,60})["'`]/;
/** What recognises addresses is given to a replacement. */
const REPLACES_ADDRESS =
  /\.replace(?:All)?\(\s{0,4}\/[^\n]{0,60}(?:0x\[a-fA-F0-9\]\{40\}|\[13\]\[a-km-z|bc1\[|\(bc1\||\^T\[|\[1-9A-HJ-NP-Za-km-z\])/;

export const hooksWalletRequests: Detector = {
  id: "hooks-wallet-requests",
  title: "Puts itself between web pages and wallets",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.8,
  class: "threat",
  group: "clipboard",
  why: `The code replaces a wallet's request function, or \`fetch\` and \`XMLHttpRequest\`, and carries wallet addresses or patterns that
recognise them: what is paid goes to another address than the page shows. The release of chalk and debug of 8 September 2025 did this.

Monitoring libraries replace \`fetch\` and know nothing of wallets; wallet libraries know addresses and replace nothing.`,
  literals: WALLETS,
  *detect(tree) {
    for (const file of scriptsWith(tree, WALLETS)) {
      const wallet = matchInCode(file, REPLACES_WALLET);
      const network = matchInCode(file, REPLACES_NETWORK);
      const hook = wallet ?? network;
      if (hook === undefined) continue;
      const redirects = wallet !== undefined && REDIRECTS.test(file.text);
      if (!redirects && !knowsAddresses(file)) continue;
      const isPlain = redirects || REPLACES_ADDRESS.test(file.text);
      const share = isPlain || (wallet !== undefined && network !== undefined) ? 1 : 0.75;
      yield sight(file, hook.index, `replaces ${hook[0].trim().slice(0, 60)} and knows wallet addresses`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const mine = ['0x" +
            `${"a".repeat(40)}', '0x${"b".repeat(40)}', '0x${"c".repeat(40)}'];\nconst o = window.ethereum.request;\nwindow.ethereum.request = (a) => o(swap(a));\nwindow.fetch = async (u) => swap(await f(u));\n`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "const f = window.fetch;\nwindow.fetch = trace(f);\nconst e = 'ethereum';\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js": `const a = ['0x${"a".repeat(40)}'];\nexport const isAddress = (x) => /^0x[a-fA-F0-9]{40}$/.test(x); // ethereum\n`,
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js": `const o = window.ethereum.request;\nwindow.ethereum.request = async (a) => {\n  a.params[0].to = '0x${"a".repeat(40)}';\n  return o(a);\n};\n`,
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const f = window.fetch;\nwindow.fetch = async (...x) => {\n  const t = await (await f(...x)).text();\n  return new Response(t.replace(/0x[a-fA-F0-9]{40}/g, () => MINE));\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "if (window.ethereum) patch();\nXMLHttpRequest['prototype']['send'] = 1;\nXMLHttpRequest.prototype.open = function () {};\nconst r = /\\b0x[a-fA-F0-9]{40}\\b/g;\n",
        },
      },
    ],
  },
};

function knowsAddresses(file: SourceFile): boolean {
  if (RECOGNISES.test(file.text)) return true;
  let seen = 0;
  for (const _ of file.text.matchAll(ADDRESS)) if (++seen >= LEAST_ADDRESSES) return true;
  return false;
}
