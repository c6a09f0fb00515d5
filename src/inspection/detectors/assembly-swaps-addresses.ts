import type { Detector } from "../detector.ts";
import { assembliesWith, textsOf } from "./_dotnet.ts";

const LITERALS = ["clipboard"] as const;
const WRITES = /^SetClipboardData$|Clipboard::Set(?:Text|DataObject)/;
const WALLET =
  /\[13\]\)?\[[^\]\n]{5,40}\]\{2\d,3\d\}|bc1[^\n]{0,12}\[|0x\)?\[[^\]\n]{3,20}\]\{40\}|T\[[^\]\n]{5,40}\]\{33\}/;

export const assemblySwapsAddresses: Detector = {
  id: "assembly-swaps-addresses",
  title: "An assembly watches the clipboard for wallet addresses",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 6.2,
  class: "threat",
  group: "clipboard",
  why: `The code can write the clipboard and holds a pattern that only wallet addresses match. It replaces the address that somebody has copied by
another, and the payment goes there.

Wallet libraries check addresses with such patterns, but do not touch the clipboard.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      const writes = [...assembly.members, ...assembly.imports.map(({ name }) => name)].some((name) =>
        WRITES.test(name),
      );
      if (!writes) continue;
      for (const text of textsOf(assembly)) {
        if (text.length > 2_000 || !WALLET.test(text)) continue;
        yield { path: file.path, line: null, says: `writes the clipboard and looks for ${text.slice(0, 80)}` };
        break;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}$", System.Text.RegularExpressions.Regex::IsMatch/1>\nimport user32.dll SetClipboardData',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "^[13][a-zA-HJ-NP-Z0-9]{25,39}$", System.Text.RegularExpressions.Regex::IsMatch/1>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "^0x[0-9]+$", System.Text.RegularExpressions.Regex::IsMatch/1>, System.Windows.Forms.Clipboard::SetText',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "^0x[a-fA", "-F0-9]{40}$", System.String::Concat/2>, System.Windows.Forms.Clipboard::SetText/1',
        },
      },
    ],
  },
};
