import type { Detector } from "../detector.ts";
import { assembliesWith, COMPOSING, textsOf } from "./_dotnet.ts";

const LITERALS = [
  ...COMPOSING,
  "login data",
  "local state",
  "leveldb",
  "wallet.dat",
  "nkbihfbeogaeaoehlefnkodbefgpgknn",
  "exodus",
  "key4.db",
  "\\discord",
  "electrum",
  "metamask",
  ".ssh",
  "\\telegram desktop\\tdata",
] as const;
/** One family a line; the sum of different families tells a collector from an importer. */
const STORES: readonly RegExp[] = [
  /\\?(?:google\\chrome|microsoft\\edge|bravesoftware|opera software|yandexbrowser|vivaldi)\b[^\n]{0,60}/i,
  /\blogin data\b|\bweb data\b/i,
  /\blocal state\b|encrypted_key|os_crypt/i,
  /local storage\\{1,2}leveldb|discord(?:canary|ptb)?\\{1,2}/i,
  /\bwallet\.dat\b|\\(?:exodus|electrum|atomic|coinomi|jaxx|zcash|armory|bytecoin)\b/i,
  /nkbihfbeogaeaoehlefnkodbefgpgknn|bfnaelmomeimhlpmgjnjophhpkkoljpa|fhbohimaelbohpjbbldcngcnapndodjp|hnfanknocfeofbddgcijnmhnfnkdnaad/i,
  /\bkey[34]\.db\b|\blogins\.json\b|\\mozilla\\firefox\\profiles/i,
  /telegram desktop\\{1,2}tdata/i,
  /\\\.ssh\b|\bid_rsa\b|\\\.aws\\|\\filezilla\\/i,
  /\\steam\\(?:config|ssfn)|\bssfn/i,
];

export const assemblyNamesSecretStores: Detector = {
  id: "assembly-names-secret-stores",
  title: "An assembly names the places where browsers, wallets and chat programs keep secrets",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5.2,
  class: "threat",
  group: "assembly-secrets",
  why: `String constants of the program name the password stores of several kinds of programs at once: browsers, wallets and their browser
extensions, chat clients, SSH keys. A collector of credentials needs that list; a library has no use for it.

Password managers and browser-automation libraries name one or two of them; from three kinds on it counts.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      const seen = new Map<number, string>();
      for (const text of textsOf(assembly)) {
        if (seen.size === STORES.length) break;
        if (text.length > 2_000) continue;
        for (const [index, store] of STORES.entries())
          if (!seen.has(index)) {
            const match = store.exec(text);
            if (match) seen.set(index, match[0].slice(0, 30));
          }
      }
      if (seen.size < 3) continue;
      const says = `names ${[...seen.values()].slice(0, 5).join(", ")}`;
      yield { path: file.path, line: null, says, share: Math.min(1, 0.4 + (seen.size - 3) * 0.3) };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring \\Google\\Chrome\\User Data\nstring Login Data\nstring wallet.dat\nstring \\discord\\Local Storage\\leveldb",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring \\Google\\Chrome\\Application\\chrome.exe\nstring Local State",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::B calls "\\Goog", "le\\Chrome\\User Data", System.String::Concat/2>, {26}, "Login Da", "ta", System.String::Concat/2>, {26}, "wal", "let.dat", System.String::Concat/2>, System.Diagnostics.Process::Start',
        },
      },
    ],
  },
};
