import type { Detector } from "../detector.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const CLIPBOARD = ["pyperclip", "clipboard", "setclipboarddata", "clipboardy", "pbpaste", "xclip"] as const;
const ADDRESSES = ["bc1", "0x[a-f", "[13][", "a-km-z", "{40}", "{33}", "ltc1", "[lm3]"] as const;
/** Patterns by which wallet addresses are recognised. */
const PATTERN =
  /\(?bc1\)?[|)\]]{0,3}(?:\[(?:13\]|[^\]\n-]{1,20}-\w)|[(?])|0x\[a-f(?:A-F)?0-9(?:a-f|A-F)?\]\{40\}|0x\[a-zA-Z0-9\]\{40\}|\[13\]{1}\[[a-zA-Z0-9-]{5,40}\]\{|\^4\[0-9AB\]|T\[A-Za-z1-9\]\{33\}|\[LM3?\]\[a-km-z/i;

export const replacesWalletAddresses: Detector = {
  id: "replaces-wallet-addresses",
  title: "Watches the clipboard for wallet addresses",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.5,
  class: "threat",
  group: "clipboard",
  why: `One file reads or sets the clipboard and holds patterns that recognise cryptocurrency addresses. Clippers replace the address
that somebody copied by the attacker's, so that the payment goes to them.

Wallet software recognises addresses too, but does not combine this with the clipboard in one place.`,
  literals: [...CLIPBOARD, ...ADDRESSES],
  *detect(tree) {
    for (const file of codeWith(tree, CLIPBOARD)) {
      if (!file.hits.hasAny(ADDRESSES)) continue;
      const match = matchInCode(file, PATTERN);
      if (
        match === undefined ||
        !/(?:paste|get[_-]?clipboard|clipboard_get|readText|getText|GetClipboardData|readSync|clipboard\w{0,6}\.read\b|xclip)/i.test(
          file.text,
        )
      )
        continue;
      yield sight(file, match.index, `looks for wallet addresses in the clipboard: ${match[0].slice(0, 60)}`);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import pyperclip, re\nt = pyperclip.paste()\nif re.match(r'0x[a-fA-F0-9]{40}', t):\n    pyperclip.copy(MINE)\n",
        },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "import re\nre.match(r'0x[a-fA-F0-9]{40}', t)\n" } },
      { ecosystem: "pypi", files: { "demo/a.py": "import pyperclip\nt = pyperclip.paste()\n" } },
      {
        ecosystem: "npm",
        files: {
          "mips.js": "// no clipboard here\nconst words = /add|bc1[ft]l?|c/;\nconst t = clipboard.readText();\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const c = require('clipboardy');\nsetInterval(() => {\n  if (/^0x[a-fA-F0-9]{40}$/.test(c.readSync())) c.writeSync(MINE);\n}, 500);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const t = clipboard.readText();\nif (/^(?:bc1)[02-9ac-hj-np-z]+/.test(t)) clipboard.writeText(MINE);\n",
        },
      },
    ],
  },
};
